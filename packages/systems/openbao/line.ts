import { HalliganError, utf8 } from '@halligan/format';
import { isLoopback } from '@halligan/outbound';
import { exchangeJson, type VaultAnswer } from '../vault/exchange.ts';

/** Where a vault listens and how long one whole operation may take, milliseconds. */
export interface VaultAddress {
  readonly url: string;
  /** PEM; `undefined` trusts what the machine trusts. */
  readonly ca: string | undefined;
  readonly timeout: number;
}

/** A vault, and what is held of it during one operation. */
export interface VaultSession {
  readonly address: VaultAddress;
  readonly signal: AbortSignal;
  readonly token?: string;
}

export interface VaultRequest {
  readonly method: 'GET' | 'PUT' | 'LIST' | 'DELETE';
  /** Below `/v1/`, its segments safe in an address already. */
  readonly path: string;
  readonly token?: string | undefined;
  /** JSON as bytes: what is secret in it never becomes a string here. Overwritten by the caller. */
  readonly body?: Uint8Array;
  /** Further statuses that are an answer to this request: some refusals come as 500. */
  readonly understood?: readonly number[];
  /** Asks for a wrapped answer that lives so long, seconds. */
  readonly wrap?: number;
  /** Ends the whole operation that this is a part of. */
  readonly signal: AbortSignal;
}

/**
 * Reads an address. Plain HTTP is for loopback only.
 * @throws `systems.plaintext`, `systems.config`
 */
export function vaultAddress(url: string, ca: string | undefined, timeout: number): VaultAddress {
  const parsed = URL.parse(url);
  if (parsed === null || parsed.username !== '' || !/^\/?$/.test(parsed.pathname + parsed.search))
    throw new HalliganError(
      'systems.config',
      'This is not the address of a vault.',
      'Write https://host or https://host:port.',
    );
  if (parsed.protocol !== 'https:' && !isLoopback(parsed.hostname))
    throw new HalliganError(
      'systems.plaintext',
      'Passwords would cross the network unencrypted.',
      'Use https://; plain http:// is for loopback only.',
    );
  return { url: parsed.origin, ca, timeout };
}

/**
 * One request. Redirects are not followed: a standby that sends us elsewhere could send a password anywhere.
 * @returns the answer to a request that the vault understood, whether it granted it (200, 204) or not (400, 403, 404, 405)
 * @throws `systems.unreachable`, `systems.tls`, `systems.timeout`, `systems.connection-lost`, `systems.vault-sealed`,
 * `systems.referral`, `systems.unwilling`
 */
export async function askVault(address: VaultAddress, request: VaultRequest): Promise<VaultAnswer> {
  const answer = await exchange(address, request);
  if (request.understood?.includes(answer.status) === true) return answer;
  switch (answer.status) {
    case 200:
    case 204:
    case 400:
    case 403:
    case 404:
    case 405:
      return answer;
    case 503:
    case 501:
      throw new HalliganError(
        'systems.vault-sealed',
        'The vault is sealed: until it is unsealed it answers nobody.',
        'Two holders of its unseal keys go to it: halligan vault unseal.',
      );
    case 301:
    case 302:
    case 307:
    case 308:
    case 472:
    case 473:
      throw new HalliganError(
        'systems.referral',
        'This server of the vault is a standby and points to another.',
        'Name the active one, or an address that always leads to it.',
      );
    default:
      throw new HalliganError(
        'systems.unwilling',
        `The vault did not do it (HTTP ${answer.status}).`,
        'Look at its log; where it limits requests, wait and try again.',
      );
  }
}

function exchange(address: VaultAddress, asked: VaultRequest): Promise<VaultAnswer> {
  return exchangeJson({
    url: new URL(`${address.url}/v1/${asked.path}`),
    method: asked.method,
    ca: address.ca,
    body: asked.body,
    signal: asked.signal,
    headers: {
      'X-Vault-Request': 'true',
      ...(asked.token === undefined ? {} : { 'X-Vault-Token': asked.token }),
      ...(asked.wrap === undefined ? {} : { 'X-Vault-Wrap-TTL': String(asked.wrap) }),
    },
  });
}

/** A JSON object of one level, its strings given as UTF-8 bytes without control characters. The caller overwrites it. */
export function jsonOfBytes(members: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [name, value] of Object.entries(members)) {
    parts.push(utf8(`${parts.length === 0 ? '{' : ','}${JSON.stringify(name)}:"`));
    parts.push(escaped(value), utf8('"'));
  }
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 1));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
    part.fill(0);
  }
  whole[at] = 0x7d;
  return whole;
}

function escaped(value: Uint8Array): Uint8Array {
  const special = (byte: number) => byte === 0x22 || byte === 0x5c;
  const out = new Uint8Array(value.length + value.reduce((n, b) => n + (special(b) ? 1 : 0), 0));
  let at = 0;
  for (const byte of value) {
    if (special(byte)) {
      out[at] = 0x5c;
      at += 1;
    }
    out[at] = byte;
    at += 1;
  }
  return out;
}
