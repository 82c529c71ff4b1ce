import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { connect as connectTls, TLSSocket } from 'node:tls';

/** What a system that is not honest says of a password that it was given. */
export type Lie =
  /** "Done", and the old password stays. */
  | 'kept'
  /** "Refused", and the new one was set. */
  | 'refused'
  /** "Wrong password", when the account signs in with the right one. */
  | 'rejected';

export const LIES: readonly [Lie, ...Lie[]] = ['kept', 'refused', 'rejected'];

/** One connection, in the clear: what each side says goes where the liar sends it. */
export interface Ends {
  readonly toSystem: (bytes: Buffer) => void;
  readonly toAsker: (bytes: Buffer) => void;
}

/** Hears whole pieces of whatever size the network made of them. */
export interface Ears {
  readonly asked: (bytes: Buffer) => void;
  readonly answered: (bytes: Buffer) => void;
}

/** A protocol, and how one lies in it. */
export interface Tongue {
  /** What goes over a connection before TLS begins: the asker's words, and the system's. */
  readonly before?: { readonly asked: Buffer; readonly answered: Buffer };
  readonly speak: (lie: () => Lie, account: string, ends: Ends) => Ears;
}

/** Somebody who stands in for a system, with its own certificate and key, and tells lies. */
export interface LyingLine {
  readonly port: number;
  readonly tell: (lie: Lie) => void;
  readonly close: () => Promise<void>;
}

/** The system that is stood in for. */
export interface Impersonated {
  readonly host: string;
  readonly port: number;
  /** PEM. */
  readonly certificate: string;
  readonly key: string;
  readonly tongue: Tongue;
  /** The one account that is lied about. */
  readonly account: string;
}

export async function startLyingLine(system: Impersonated): Promise<LyingLine> {
  const open = new Set<Socket>();
  let told: Lie = 'kept';
  const server = createServer((socket) => {
    const upstream = connect({ host: system.host, port: system.port });
    for (const [one, other] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      open.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
    // Whoever is cut off in the middle of a greeting has gone: there is nobody left to tell.
    between(socket, upstream, system, () => told).catch(() => socket.destroy());
  });
  server.listen(0, system.host);
  await once(server, 'listening');
  return {
    // A server that listens on an address has one of this form; only pipes have a text.
    port: (server.address() as AddressInfo).port,
    tell: (lie) => {
      told = lie;
    },
    close: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

async function between(
  socket: Socket,
  upstream: Socket,
  { host, certificate, key, tongue, account }: Impersonated,
  lie: () => Lie,
): Promise<void> {
  if (tongue.before !== undefined) {
    await once(socket, 'readable');
    socket.read();
    upstream.write(tongue.before.asked);
    await once(upstream, 'readable');
    upstream.read();
    socket.write(tongue.before.answered);
  }
  const asker = new TLSSocket(socket, { isServer: true, key, cert: certificate });
  const honest = connectTls({ socket: upstream, host, servername: '', ca: certificate });
  for (const side of [asker, honest]) side.on('error', () => socket.destroy());
  const ears = tongue.speak(lie, account, {
    toSystem: (bytes) => honest.write(bytes),
    toAsker: (bytes) => asker.write(bytes),
  });
  asker.on('data', ears.asked);
  honest.on('data', ears.answered);
}

/** Makes whole messages of what arrives. @param sizeOf of the first message; undefined while that is not known */
export function wholeMessages(
  sizeOf: (bytes: Buffer) => number | undefined,
  take: (message: Buffer) => void,
): (bytes: Buffer) => void {
  let waiting = Buffer.alloc(0);
  return (bytes) => {
    waiting = Buffer.concat([waiting, bytes]);
    for (;;) {
      const size = sizeOf(waiting);
      if (size === undefined || size > waiting.length) return;
      take(waiting.subarray(0, size));
      waiting = waiting.subarray(size);
    }
  };
}
