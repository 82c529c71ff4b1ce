import { createHash } from 'node:crypto';
import { Agent } from 'node:https';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { HalliganError } from '@halligan/format';

/** Longest that connecting may take, milliseconds. */
const PATIENCE = 20_000;

/**
 * Connections to one certificate, and to no other. Whoever sits between device and server is the adversary: a
 * connection is handed to HTTP only after its certificate was compared, so that not one byte of a request, which
 * carries the session's token, is ever written to anybody else. The pin replaces certificate authorities, of which
 * none may be reachable in an emergency, and names, which the corporate DNS may not resolve then.
 */
export class PinnedAgent extends Agent {
  readonly #pin: string | null;

  /** @param pin SHA-256 of the certificate, hexadecimal; null refuses every certificate */
  constructor(pin: string | null) {
    // Sessions are not resumed: each connection shows its certificate anew.
    super({ keepAlive: false, maxCachedSessions: 0 });
    this.#pin = pin;
  }

  /** Gives the socket by the callback alone, once it is the right one's. */
  override createConnection(
    options: ConnectionOptions,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): null {
    const done = (error: Error | null, socket: TLSSocket) => callback?.(error, socket);
    const socket = tlsConnection(options, (error) => {
      if (error === undefined && pinOf(socket) === this.#pin) return done(null, socket);
      socket.destroy();
      return done(error ?? wrongCertificate(), socket);
    });
    return null;
  }
}

/**
 * The pin of the certificate that an address shows, for a person to compare. Nothing is sent there.
 * @throws `cli.unreachable`
 */
export async function shownPin({ hostname, port }: URL): Promise<string> {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return new Promise((resolve, reject) => {
    const socket = tlsConnection({ host, port: Number(port || 443) }, (error) => {
      const pin = error === undefined ? pinOf(socket) : '';
      socket.destroy();
      if (error === undefined) return resolve(pin);
      return reject(
        new HalliganError(
          'cli.unreachable',
          `No server with TLS answers at ${hostname}.`,
          'Check the address and that the server runs; the name may have to stand in your hosts file.',
          { cause: error },
        ),
      );
    });
  });
}

/** Calls back once: with nothing when the handshake is done, with an error where it will not be. */
function tlsConnection(options: ConnectionOptions, done: (error?: Error) => void): TLSSocket {
  const socket = connect({ ...options, rejectUnauthorized: false, timeout: PATIENCE });
  const settle = (error?: Error) => {
    socket.off('error', settle).off('timeout', late).off('secureConnect', secured);
    if (error !== undefined) socket.on('error', () => undefined);
    done(error);
  };
  const late = () => settle(new Error('The handshake takes too long.'));
  const secured = () => settle();
  return socket.on('error', settle).on('timeout', late).on('secureConnect', secured);
}

function pinOf(socket: TLSSocket): string {
  const { raw } = socket.getPeerCertificate();
  return raw === undefined ? '' : createHash('sha256').update(raw).digest('hex');
}

function wrongCertificate(): HalliganError {
  return new HalliganError(
    'cli.certificate',
    'The server shows another certificate than the one that you compared.',
    'Do not go on. Ask an admin for the certificate’s pin by another way.',
  );
}
