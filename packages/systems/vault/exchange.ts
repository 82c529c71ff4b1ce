import { type Agent, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { HalliganError, utf8Text } from '@halligan/format';

/** One request to a vault, or to the program that speaks for it. */
export interface Asked {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string | number>>;
  /** Overwritten by the caller where it is secret. */
  readonly body?: Uint8Array | undefined;
  /** PEM; undefined trusts what the machine trusts. */
  readonly ca?: string | undefined;
  /** Whose connections; left out, one is made for this request alone, and none outlives it. */
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
 * Sends a request and reads its JSON. Redirects are not followed: they could carry a secret anywhere.
 * @throws `systems.unreachable`, `systems.tls`, `systems.timeout`, `systems.connection-lost`, `systems.unwilling`
 */
export function exchangeJson(asked: Asked): Promise<VaultAnswer> {
  const secure = asked.url.protocol === 'https:';
  // An agent's connection is there already.
  let phase: Phase = asked.agent === undefined ? 'connect' : 'answer';
  return new Promise<VaultAnswer>((resolve, reject) => {
    const lost = (cause?: unknown) => reject(brokenOff(phase, asked.signal, cause));
    const request = (secure ? tlsRequest : plainRequest)(
      asked.url,
      {
        method: asked.method,
        agent: asked.agent ?? false,
        signal: asked.signal,
        headers: {
          ...asked.headers,
          ...(asked.body === undefined
            ? {}
            : { 'Content-Type': 'application/json', 'Content-Length': asked.body.length }),
        },
        // Said here, so that no environment variable can turn it off.
        ...(secure ? { rejectUnauthorized: true, minVersion: 'TLSv1.2' as const } : {}),
        ...(secure && asked.ca !== undefined ? { ca: asked.ca } : {}),
      },
      (response) => {
        const parts: Buffer[] = [];
        let size = 0;
        response.on('data', (part: Buffer) => {
          size += part.length;
          if (size > LARGEST) response.destroy(new Error('too large'));
          else parts.push(part);
        });
        response.on('error', lost);
        response.on('end', () => {
          try {
            const bytes = Buffer.concat(parts);
            const said: unknown = bytes.length === 0 ? undefined : JSON.parse(utf8Text(bytes));
            resolve({ status: response.statusCode ?? 0, said });
          } catch {
            // No cause: a parser quotes what it cannot read.
            reject(notAnAnswer());
          }
        });
      },
    );
    if (phase === 'connect')
      request.on('socket', (socket) => {
        socket.once('connect', () => {
          phase = secure ? 'handshake' : 'answer';
        });
        socket.once('secureConnect', () => {
          phase = 'answer';
        });
      });
    request.on('error', lost);
    // An answer that is none: without these two it would never be over.
    request.on('upgrade', (_response, socket) => {
      socket.destroy();
      lost(undefined);
    });
    request.on('close', lost);
    request.end(asked.body);
  });
}

type Phase = 'connect' | 'handshake' | 'answer';

function brokenOff(phase: Phase, signal: AbortSignal, cause: unknown): HalliganError {
  if (signal.aborted)
    return new HalliganError(
      'systems.timeout',
      'The vault did not answer in time.',
      'What was asked may or may not have been done: prove both passwords.',
    );
  if (phase === 'connect')
    return new HalliganError(
      'systems.unreachable',
      'The vault cannot be reached.',
      'Check its address and whether it runs.',
      { cause: codeOf(cause) },
    );
  if (phase === 'handshake')
    return new HalliganError(
      'systems.tls',
      'The vault could not prove who it is.',
      'Check its certificate: its issuer (ca), its names, its expiry.',
      { cause: codeOf(cause) },
    );
  return new HalliganError(
    'systems.connection-lost',
    'The connection broke before the vault had answered.',
    'What was asked may or may not have been done: prove both passwords.',
    { cause: codeOf(cause) },
  );
}

/** The code alone: messages of the network's errors may quote what was sent. */
function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
}

export function notAnAnswer(): HalliganError {
  return new HalliganError(
    'systems.unwilling',
    'What answered is no vault, or one that this program does not understand.',
    'Check the address; something between may answer in its place.',
  );
}
