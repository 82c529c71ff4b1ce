import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** What an adversary on the way, or a bad network, does to a connection. */
export interface Harm {
  /** Bytes from the server that still arrive before the line is cut. */
  readonly cutAfter?: number;
  /** Bytes from the server that still arrive before it falls silent. */
  readonly silentAfter?: number;
  /** Where it listens, where not on 127.0.0.1. */
  readonly host?: string;
  /** Where the server listens, where not on 127.0.0.1. */
  readonly to?: string;
}

/** A relay to a server on loopback that does harm. It ends with the test. @returns its port */
export async function harmfulRelay(t: TestContext, port: number, harm: Harm): Promise<number> {
  return listening(t, harm.host, (socket) => {
    const server = connect({ host: harm.to ?? '127.0.0.1', port });
    let left = harm.cutAfter ?? harm.silentAfter ?? Number.POSITIVE_INFINITY;
    server.on('data', (chunk: Buffer) => {
      const part = chunk.subarray(0, left);
      left -= part.length;
      if (part.length > 0) socket.write(part);
      if (left === 0 && harm.cutAfter !== undefined) socket.destroy();
    });
    if (left === 0 && harm.cutAfter !== undefined) socket.destroy();
    socket.on('data', (chunk: Buffer) => server.write(chunk));
    for (const [one, other] of [
      [socket, server],
      [server, socket],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
}

/** A server that answers as it likes. It ends with the test. @returns its port */
export async function listening(
  t: TestContext,
  host: string | undefined,
  answer: (socket: Socket) => void,
): Promise<number> {
  const open = new Set<Socket>();
  const server: Server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => open.delete(socket));
    answer(socket);
  });
  server.listen({ host: host ?? '127.0.0.1', port: 0 });
  await once(server, 'listening');
  t.after(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
