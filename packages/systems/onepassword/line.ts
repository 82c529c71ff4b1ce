import { HalliganError, utf8Text } from '@halligan/format';
import type { z } from 'zod';
import { vaultAddress } from '../openbao/line.ts';
import { exchangeJson, notAnAnswer, type VaultAnswer } from '../vault/exchange.ts';
import type { ConnectStore } from '../vault/settings.ts';

/** A Connect server, and what is held of it during one operation. */
export interface ConnectLine {
  readonly url: string;
  readonly ca: string | undefined;
  readonly token: string;
  readonly signal: AbortSignal;
}

interface ConnectRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** From the root, its segments safe in an address already. */
  readonly path: string;
  readonly body?: Uint8Array;
}

/** @throws `systems.plaintext`, `systems.config`, `systems.rotator-rejected` where the token is none */
export function connectLine(store: ConnectStore, secret: Uint8Array): ConnectLine {
  const { url, ca, timeout } = vaultAddress(store.url, store.ca, store.timeout);
  const token = utf8Text(secret);
  // A token is one word of a header: a line break in it would begin another header.
  if (!/^[\x21-\x7e]+$/.test(token)) throw rejected();
  return { url, ca, token, signal: AbortSignal.timeout(timeout) };
}

/**
 * One request to Connect (API reference 1.7.1: a bearer token, JSON).
 * @returns the answer where it was granted (200), or where there is nothing (404)
 * @throws `systems.rotator-rejected` (401), `systems.insufficient-access` (403), `systems.vault-changed` (409),
 * `systems.busy` (429), `systems.unwilling`, and as `exchangeJson`
 */
export async function askConnect(line: ConnectLine, asked: ConnectRequest): Promise<VaultAnswer> {
  const answer = await exchangeJson({
    url: new URL(`${line.url}${asked.path}`),
    method: asked.method,
    headers: { Authorization: `Bearer ${line.token}`, Accept: 'application/json' },
    body: asked.body,
    ca: line.ca,
    signal: line.signal,
  });
  switch (answer.status) {
    case 200:
    case 404:
      return answer;
    case 401:
      throw rejected();
    case 403:
      throw new HalliganError(
        'systems.insufficient-access',
        'This token may not do that in the vault.',
        'Issue one with read and write access to that vault, and to no other: docs/systems/1password.md.',
      );
    case 409:
      throw new HalliganError(
        'systems.vault-changed',
        'The vault’s entry was changed by somebody else in between.',
        'Look at who did: the item’s history, and the activity of the Connect server.',
      );
    case 429:
      throw new HalliganError(
        'systems.busy',
        'The vault was asked too often.',
        'Wait some minutes and try again; look for what else uses this token.',
      );
    default:
      throw new HalliganError(
        'systems.unwilling',
        `The Connect server did not do it (HTTP ${answer.status}).`,
        'Look at its log, and at its state: GET /health.',
      );
  }
}

/** What it said, in the shape that it should have. @throws `systems.unwilling` */
export function saidAs<T>(schema: z.ZodType<T>, { status, said }: VaultAnswer): T {
  const parsed = schema.safeParse(said);
  if (status !== 200 || !parsed.success) throw notAnAnswer();
  return parsed.data;
}

function rejected(): HalliganError {
  return new HalliganError(
    'systems.rotator-rejected',
    'The Connect server does not accept the token.',
    'Issue a fresh one for this server; see docs/systems/1password.md.',
  );
}
