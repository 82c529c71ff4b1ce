import { isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { connectionLost, untrusted, type Who } from './connection-failures.ts';

/** Whose certificate is wanted: the host's, by the CA (PEM; `undefined` trusts what the machine trusts). */
export interface Trusted {
  readonly host: string;
  readonly ca?: string | undefined;
}

/** How TLS to a system is asked for, however the connection is made. */
export function tlsTo({ host, ca }: Trusted) {
  return {
    host,
    // Over a ready-made socket Node would otherwise check the certificate against "localhost".
    servername: isIP(host) === 0 ? host : '',
    minVersion: 'TLSv1.2',
    // Said aloud: NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment must not open this door.
    rejectUnauthorized: true,
    ...(ca === undefined ? {} : { ca }),
  } as const;
}

/**
 * TLS over a connection that stands, its certificate verified whatever the environment says.
 * @throws `systems.tls`; the connection is gone then
 */
export async function encrypted(socket: Socket, to: Trusted, who: Who): Promise<Socket> {
  const secure = connectTls({ socket, ...tlsTo(to) });
  try {
    await opened(secure, 'secureConnect', who);
    return secure;
  } catch (cause) {
    secure.destroy();
    throw untrusted(who, cause);
  }
}

/** Most bytes of all that a system answers in one session: far above what is ever asked of it. */
const MOST_ANSWERED = 16 << 20;

/** Ends a connection over which more comes: the libraries keep all of an answer, however long it says that it will be. */
export function bounded<S extends Duplex>(socket: S): S {
  let answered = 0;
  socket.on('data', (chunk: Buffer) => {
    answered += chunk.length;
    if (answered > MOST_ANSWERED) socket.destroy();
  });
  return socket;
}

/** Resolves on the event; rejects when the socket fails or closes first. Later errors are told by whoever reads, and never crash. */
export function opened(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  who: Who,
): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.once('close', () => reject(connectionLost(who)));
    socket.once(event, resolve);
  });
}
