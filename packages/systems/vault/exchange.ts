import type { Agent } from 'node:http';
import { HalliganError, utf8Text } from '@halligan/format';
import { ask, NoAnswer } from '@halligan/outbound';

/** One request to a vault, or to the program that speaks for it. */
export interface Asked {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Overwritten by the caller where it is secret. */
  readonly body?: Uint8Array | undefined;
  /** PEM; undefined trusts what the machine trusts. */
  readonly ca?: string | undefined;
  /** Whose connections; where nothing is said one is made for this request alone. */
  readonly agent?: Agent;
  /** Ends the whole operation that this is a part of. */
  readonly signal: AbortSignal;
}

export interface VaultAnswer {
  readonly status: number;
  /** What it said, parsed; undefined where it said nothing. Hostile: every reader checks the shape that it needs. */
  readonly said: unknown;
}

/** Most bytes of an answer: above the largest request that a vault takes by default. */
const LARGEST = 48 << 20;

/**
 * Sends a request and reads its JSON.
 * @throws `systems.unreachable`, `systems.tls`, `systems.timeout`, `systems.connection-lost`, `systems.unwilling`
 */
export async function exchangeJson(asked: Asked): Promise<VaultAnswer> {
  const { url, method, headers, body, ca, agent, signal } = asked;
  const { status, bytes } = await ask(url, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...{ body, trust: ca, limit: LARGEST, signal, ...(agent === undefined ? {} : { agent }) },
  }).catch((cause: unknown) => {
    throw cause instanceof NoAnswer ? brokenOff(cause, signal) : cause;
  });
  try {
    return { status, said: bytes.length === 0 ? undefined : JSON.parse(utf8Text(bytes)) };
  } catch {
    // No cause: a parser quotes what it cannot read.
    throw notAnAnswer();
  }
}

function brokenOff({ why, code }: NoAnswer, signal: AbortSignal): HalliganError {
  if (signal.aborted)
    return new HalliganError(
      'systems.timeout',
      'The vault did not answer in time.',
      'What was asked may or may not have been done: prove both passwords.',
    );
  if (why === 'unreachable')
    return new HalliganError(
      'systems.unreachable',
      'The vault cannot be reached.',
      'Check its address and whether it runs.',
      { cause: code },
    );
  if (why === 'untrusted')
    return new HalliganError(
      'systems.tls',
      'The vault could not prove who it is.',
      'Check its certificate: its issuer (ca), its names, its expiry.',
      { cause: code },
    );
  return new HalliganError(
    'systems.connection-lost',
    'The connection broke before the vault had answered.',
    'What was asked may or may not have been done: prove both passwords.',
    { cause: code },
  );
}

export function notAnAnswer(): HalliganError {
  return new HalliganError(
    'systems.unwilling',
    'What answered is no vault, or one that this program does not understand.',
    'Check the address; something between may answer in its place.',
  );
}
