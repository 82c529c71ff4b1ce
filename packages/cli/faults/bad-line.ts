import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP line to a system on loopback, on which a network fails as networks do. */
export interface BadLine {
  /** On the system's own address, so that its certificate stays good. */
  readonly port: number;
  /** Cuts every connection, and refuses new ones until {@link mend}. */
  readonly cut: () => void;
  /** Lets nothing more through in either direction, and says nothing, until {@link mend}. */
  readonly silence: () => void;
  /** Questions still reach the system; neither its answers nor its goodbye come back, until {@link mend}. */
  readonly halfOpen: () => void;
  /** Every piece arrives so much later, milliseconds, until {@link mend}: what is under way arrives even then. */
  readonly slow: (delay: number) => void;
  /** Cuts every connection as soon as this many more bytes of the system's answers have passed. */
  readonly cutAfter: (bytes: number) => void;
  /** Spoils the system's answers after this many more bytes, until {@link mend}. */
  readonly garbageAfter: (bytes: number) => void;
  /** Leads new connections to another port, where somebody stands in for the system, until {@link mend}. */
  readonly lead: (port: number) => void;
  readonly mend: () => void;
  readonly close: () => Promise<void>;
}

/** Bytes that are spoiled in every answer from then on. */
const SPOILED = 16;

type State = 'whole' | 'cut' | 'silent' | 'half-open';

export async function startBadLine(host: string, upstream: number): Promise<BadLine> {
  const open = new Set<Socket>();
  let state: State = 'whole';
  let left = Number.POSITIVE_INFINITY;
  let clean = Number.POSITIVE_INFINITY;
  let delay = 0;
  let leading = upstream;
  const hangUp = () => {
    for (const socket of open) socket.destroy();
  };
  const cut = () => {
    state = 'cut';
    hangUp();
  };
  const soon = (pass: () => void) => {
    if (delay === 0) pass();
    else setTimeout(pass, delay);
  };
  const answer = (socket: Socket, chunk: Buffer) => {
    const part = spoiled(chunk.subarray(0, left), clean);
    left -= part.length;
    clean = Math.max(0, clean - part.length);
    const last = left === 0;
    soon(() => {
      if (!socket.destroyed && part.length > 0) socket.write(part);
      if (last) cut();
    });
  };
  const server = createServer((socket) => {
    const system = connect({ host, port: leading });
    for (const [one, other] of [
      [socket, system],
      [system, socket],
    ] as const) {
      open.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        open.delete(one);
        // Who waits at a half-open line does not hear that the other side has gone.
        if (state !== 'half-open' || one === socket) soon(() => other.destroy());
      });
    }
    socket.on('data', (chunk: Buffer) => {
      if (state === 'whole' || state === 'half-open') soon(() => system.write(chunk));
    });
    system.on('data', (chunk: Buffer) => {
      if (state === 'whole') answer(socket, chunk);
    });
    if (state === 'cut') socket.destroy();
  });
  server.listen(0, host);
  await once(server, 'listening');
  return {
    // A server that listens on an address has one of this form; only pipes have a text.
    port: (server.address() as AddressInfo).port,
    cut,
    silence: () => {
      state = 'silent';
    },
    halfOpen: () => {
      state = 'half-open';
    },
    slow: (milliseconds) => {
      delay = milliseconds;
    },
    cutAfter: (bytes) => {
      left = bytes;
    },
    garbageAfter: (bytes) => {
      clean = bytes;
    },
    lead: (port) => {
      leading = port;
    },
    mend: () => {
      // What was swallowed never comes: such a connection is of no use any more.
      if (state !== 'whole') hangUp();
      state = 'whole';
      delay = 0;
      leading = upstream;
      left = Number.POSITIVE_INFINITY;
      clean = Number.POSITIVE_INFINITY;
    },
    close: async () => {
      hangUp();
      server.close();
      await once(server, 'close');
    },
  };
}

/** @param clean bytes that pass as they are */
function spoiled(chunk: Buffer, clean: number): Buffer {
  if (clean >= chunk.length) return chunk;
  return Buffer.from(
    chunk.map((byte, at) => (at >= clean && at < clean + SPOILED ? byte ^ 0x5a : byte)),
  );
}
