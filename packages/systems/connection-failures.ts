import { HalliganError } from '@halligan/format';

/** Who did not answer, as a sentence begins with it. */
export type Who = 'The directory' | 'The server';

/** Nothing was sent. */
export function unreachable(who: Who, cause: unknown): HalliganError {
  return new HalliganError(
    'systems.unreachable',
    `${who} cannot be reached${reason(cause)}.`,
    'Check the address, the network and the name service; nothing was sent.',
    { cause },
  );
}

/** Nothing was sent but the handshake. */
export function untrusted(who: Who, cause: unknown): HalliganError {
  return new HalliganError(
    'systems.tls',
    `${who} could not be trusted: the TLS handshake failed${reason(cause)}.`,
    'Compare the certificate with the CA and the host name in the inventory; nothing was sent.',
    { cause },
  );
}

/** The answer never came: what was asked may or may not have been done. */
export function connectionLost(who: Who): HalliganError {
  return new HalliganError(
    'systems.connection-lost',
    `${who} closed the connection without an answer.`,
    'What was asked may or may not have been done: prove which password works.',
  );
}

/** @param timeout milliseconds */
export function timedOut(who: Who, timeout: number): HalliganError {
  return new HalliganError(
    'systems.timeout',
    `${who} gave no answer within ${timeout} ms.`,
    'What was asked may or may not have been done: prove which password works.',
  );
}

/** Node's name of the failure (`ECONNREFUSED`, `DEPTH_ZERO_SELF_SIGNED_CERT`): never the other side's words. */
function reason(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' && /^[A-Z0-9_]{1,64}$/.test(code) ? ` (${code})` : '';
}
