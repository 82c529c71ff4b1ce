import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { HalliganError } from '@halligan/format';

/** For tests only: a server on loopback that behaves as badly as its handler likes. */
export async function fakeDirectory(
  handler: (socket: Socket) => void,
  host = '127.0.0.1',
): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => socket.destroy());
    handler(socket);
  }).listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw new HalliganError('systems.unreachable', 'No port.', 'Try again.');
  }
  return {
    port: address.port,
    async stop() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The answer to a bind (tag 0x61) or an extended request (0x78): RFC 4511 section 4.1.9, in BER. */
export function ldapResult(
  messageId: number,
  tag: 0x61 | 0x78,
  code: number,
  diagnostic: Uint8Array,
): Buffer {
  const text = Buffer.concat([Buffer.from([0x04, ...length(diagnostic.length)]), diagnostic]);
  const result = Buffer.concat([Buffer.from([0x0a, 1, code, 0x04, 0]), text]);
  const operation = Buffer.concat([Buffer.from([tag, ...length(result.length)]), result]);
  const body = Buffer.concat([Buffer.from([0x02, 1, messageId]), operation]);
  return Buffer.concat([Buffer.from([0x30, ...length(body.length)]), body]);
}

const length = (size: number): readonly number[] =>
  size < 0x80 ? [size] : [0x82, size >> 8, size & 0xff];

/** The message id of a request: the first INTEGER of its SEQUENCE. */
export function messageIdOf(request: Buffer): number {
  const header = (request[1] ?? 0) < 0x80 ? 2 : 2 + ((request[1] ?? 0) & 0x7f);
  return request[header + 2] ?? 0;
}
