import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP line to a system on loopback, on which a network fails as networks do. */
export interface BadLine {
  readonly port: number;
  /** Cuts every connection, and refuses new ones until {@link mend}. */
  readonly cut: () => void;
  /** Lets nothing more through in either direction, and says nothing, until {@link mend}. */
  readonly silence: () => void;
  /** Cuts every connection as soon as this many more bytes of the system's answers have passed. */
  readonly cutAfter: (bytes: number) => void;
  readonly mend: () => void;
  readonly close: () => Promise<void>;
}

export async function startBadLine(upstream: number): Promise<BadLine> {
  const open = new Set<Socket>();
  let state: 'whole' | 'cut' | 'silent' = 'whole';
  let left = Number.POSITIVE_INFINITY;
  const cut = () => {
    state = 'cut';
    for (const socket of open) socket.destroy();
  };
  const server = createServer((socket) => {
    const system = connect({ host: '127.0.0.1', port: upstream });
    for (const [one, other] of [
      [socket, system],
      [system, socket],
    ] as const) {
      open.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
    socket.on('data', (chunk: Buffer) => {
      if (state === 'whole') system.write(chunk);
    });
    system.on('data', (chunk: Buffer) => {
      if (state !== 'whole') return;
      const part = chunk.subarray(0, left);
      left -= part.length;
      if (part.length > 0) socket.write(part);
      if (left === 0) cut();
    });
    if (state === 'cut') socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    // A server that listens on an address has one of this form; only pipes have a text.
    port: (server.address() as AddressInfo).port,
    cut,
    silence: () => {
      state = 'silent';
    },
    cutAfter: (bytes) => {
      left = bytes;
    },
    mend: () => {
      // What was swallowed never comes: such a connection is of no use any more.
      if (state !== 'whole') for (const socket of open) socket.destroy();
      state = 'whole';
      left = Number.POSITIVE_INFINITY;
    },
    close: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
