import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { createServer as createTls, TLSSocket } from 'node:tls';

/** What a peer does with a connection. */
export type Behaviour = (socket: Socket) => void;

/** Ends a connection as a crash does; TLS without its farewell (a reset below it crashes Node itself). */
export function reset(socket: Socket): void {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}

/** A peer on loopback that means no good, or is broken. */
export interface HostilePeer {
  readonly port: number;
  /** Connections that it got. */
  readonly connections: () => number;
  /** Bytes that were taken from it, what the kernel keeps included. */
  readonly poured: () => number;
  /** Resolves when no connection to it is open. */
  readonly left: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** @param tls the key and certificate that it shows; without, it speaks in the clear */
export async function hostilePeer(
  behave: Behaviour,
  tls?: { readonly key: string; readonly cert: string },
  host = '127.0.0.1',
): Promise<HostilePeer> {
  const open = new Map<number | undefined, Socket>();
  const sockets = new Set<Socket>();
  const taken = new Set<Socket>();
  let connections = 0;
  let wake: () => void = () => undefined;
  const take = (socket: Socket) => {
    taken.add(socket);
    const raw = open.get(socket.remotePort);
    socket.on('error', () => undefined);
    socket.on('end', () => raw?.emit('left'));
    // Whoever goes is noticed only by who reads.
    socket.resume();
    behave(socket);
  };
  // In the clear it does not hang up because the other side did; below TLS, Node could not tell that it did.
  const server = tls === undefined ? createServer({ allowHalfOpen: true }) : createTls(tls);
  server.on('tlsClientError', () => undefined);
  server.on('connection', (socket: Socket) => {
    connections += 1;
    const { remotePort } = socket;
    open.set(remotePort, socket);
    sockets.add(socket);
    socket.on('error', () => undefined);
    for (const event of ['left', 'close'])
      socket.on(event, () => {
        open.delete(remotePort);
        wake();
      });
  });
  server.on(tls === undefined ? 'connection' : 'secureConnection', take);
  server.listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    connections: () => connections,
    poured: () => [...sockets].reduce((sum, { bytesWritten }) => sum + bytesWritten, 0),
    left: async () => {
      while (open.size > 0)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    },
    close: async () => {
      for (const socket of [...taken, ...sockets]) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Writes this for as long as somebody takes it. */
export function endlessly(socket: Socket, piece: string | Buffer): void {
  const pour = () => {
    while (!socket.destroyed && socket.writable && socket.write(piece));
  };
  socket.on('drain', pour);
  pour();
}
