import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/**
 * A relay between people's devices and a server that dies and comes back elsewhere: one address for the devices, and a
 * witness of what the server acknowledged. What it could not pass on whole it cuts off, as a dead server does.
 */
export interface Relay {
  readonly url: string;
  /** The address of the server that lives now. */
  readonly connect: (server: string) => void;
  /** Ids of the events of each statement that was answered with 201, in the order of the answers. */
  readonly acknowledged: readonly string[];
  readonly close: () => Promise<void>;
}

/** @param acknowledge hears of each id before the device does */
export async function startRelay(
  acknowledge: (id: string) => void = () => undefined,
): Promise<Relay> {
  let upstream = 'http://127.0.0.1:1';
  const acknowledged: string[] = [];
  const note = (id: string) => {
    acknowledged.push(id);
    acknowledge(id);
  };
  const listener = createServer((incoming, outgoing) => {
    const { method, headers } = incoming;
    const onward = request(new URL(incoming.url ?? '/', upstream), { method, headers });
    onward.on('error', () => outgoing.destroy());
    onward.on('response', (answer) => void pass(incoming, answer, outgoing, note));
    outgoing.on('close', () => onward.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  // A server that listens on an address has one of this form; only pipes have a text.
  const { port } = listener.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    connect: (server) => {
      upstream = server;
    },
    acknowledged,
    close: async () => {
      listener.closeAllConnections();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}

async function pass(
  { url }: IncomingMessage,
  answer: IncomingMessage,
  outgoing: ServerResponse,
  acknowledge: (id: string) => void,
): Promise<void> {
  answer.on('error', () => outgoing.destroy());
  if (url !== '/v1/statements' || answer.statusCode !== 201) {
    outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
    answer.pipe(outgoing);
    return;
  }
  try {
    const body = await buffer(answer);
    const { events } = JSON.parse(body.toString());
    for (const { id } of events) acknowledge(id);
    outgoing.writeHead(201, answer.headers).end(body);
  } catch {
    outgoing.destroy();
  }
}
