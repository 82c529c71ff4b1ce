import { connect as connectTcp, type Socket } from 'node:net';
import { HalliganError } from '@halligan/format';
import { isLoopback } from '@halligan/outbound';
import { Client, ResultCodeError } from 'ldapts';
import { connectionLost, unreachable } from '../connection-failures.ts';
import { bounded, encrypted, opened } from '../encrypted-socket.ts';
import { explainResult } from './answer.ts';

/** Where a directory listens and how the way there is protected. */
export interface LdapAddress {
  readonly host: string;
  readonly port: number;
  readonly protection: 'tls' | 'starttls' | 'loopback';
  /** PEM; `undefined` trusts what the machine trusts. */
  readonly ca: string | undefined;
}

/** RFC 4511 section 4.14. */
const START_TLS = '1.3.6.1.4.1.1466.20037';

/**
 * Reads `ldap://` and `ldaps://` addresses (RFC 4516, host and port only).
 * @throws `systems.plaintext`, `systems.config`
 */
export function ldapAddress(url: string, startTls: boolean, ca: string | undefined): LdapAddress {
  const parsed = URL.parse(url);
  const secure = parsed?.protocol === 'ldaps:';
  const bare = parsed !== null && !/[@?#]/.test(url) && /^\/?$/.test(parsed.pathname);
  const host = parsed?.hostname.replace(/^\[(.*)\]$/, '$1') ?? '';
  if (!bare || host === '' || (secure && startTls)) {
    throw new HalliganError(
      'systems.config',
      'This is not the address of a directory.',
      'Write ldaps://host or ldaps://host:port; startTls goes with ldap:// only.',
    );
  }
  const port = Number(parsed.port || (secure ? 636 : 389));
  if (secure || startTls) return { host, port, protection: secure ? 'tls' : 'starttls', ca };
  if (!isLoopback(host)) {
    throw new HalliganError(
      'systems.plaintext',
      'Passwords would cross the network unencrypted.',
      'Use ldaps:// or startTls; plain ldap:// is for loopback only.',
    );
  }
  return { host, port, protection: 'loopback', ca };
}

/**
 * Opens a connection that is safe to send a password over. `ldapts` gets it ready made and can open no other: it
 * would reconnect by itself after a loss, and after StartTLS that second connection would be plain. StartTLS runs on
 * a client of its own, so that bytes an adversary put in front of the handshake never reach the parser that later
 * reads the answer to a bind.
 * @param signal aborts everything, the handshake included
 * @throws `systems.unreachable`, `systems.tls`, `systems.confidentiality-required`, …
 */
export async function openLine(address: LdapAddress, signal: AbortSignal): Promise<Socket> {
  const socket = connectTcp({ host: address.host, port: address.port });
  signal.addEventListener('abort', () => socket.destroy(), { once: true });
  try {
    await opened(socket, 'connect', 'The directory').catch((cause: unknown) => {
      throw unreachable('The directory', cause);
    });
    if (address.protection === 'loopback') return socket;
    if (address.protection === 'starttls') await startTls(socket);
    return await encrypted(socket, address, 'The directory');
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** A client over this connection only. */
export function clientOver(socket: Socket): Client {
  let given = false;
  return new Client({
    url: 'ldap://over.the.given.socket',
    createConnection: () => {
      if (given) throw connectionLost('The directory');
      given = true;
      return bounded(socket);
    },
  });
}

async function startTls(socket: Socket): Promise<void> {
  try {
    await clientOver(socket).exop(START_TLS);
  } catch (error) {
    throw error instanceof ResultCodeError
      ? explainResult(error, undefined)
      : connectionLost('The directory');
  }
}
