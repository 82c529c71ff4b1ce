import { HalliganError, utf8 } from '@halligan/format';
import { z } from 'zod';
import { askVault, jsonOfBytes, type VaultAddress } from './line.ts';
import { answerOf, says } from './session.ts';

/** How far a vault is from being unsealed. */
export interface SealStatus {
  readonly sealed: boolean;
  /** Shares that are needed, and how many have been given in this attempt. */
  readonly need: number;
  readonly given: number;
  /** Names the attempt: who gives the next share compares it. Empty where none was begun. */
  readonly attempt: string;
}

/** How far the making of a root token is. `encoded` is there with the last share: worth nothing without the one-time pad. */
export interface RootProgress {
  readonly attempt: string;
  readonly need: number;
  readonly given: number;
  readonly encoded?: string;
}

const sealStatus = z.object({
  sealed: z.boolean(),
  t: z.int(),
  progress: z.int(),
  nonce: z.string().max(64),
});
const rootStatus = z.object({
  nonce: z.string().max(64).optional(),
  started: z.boolean(),
  progress: z.int(),
  required: z.int(),
  complete: z.boolean(),
  encoded_token: z.string().max(4096).optional(),
  otp: z.string().max(200).optional(),
});
/** OpenBao answers inside `data`; Vault, and older OpenBao, beside it. */
const rootAnswer = z.union([
  z.object({ data: rootStatus }).transform(({ data }) => data),
  rootStatus,
]);

/** @throws as `askVault`, but that a sealed vault is the answer here */
export async function vaultStatus(address: VaultAddress): Promise<SealStatus> {
  const { said } = await ask(address, { method: 'GET', path: 'sys/seal-status' });
  return statusOf(said);
}

/**
 * Gives one share of the unseal key. The vault alone puts them together: nobody here ever sees another's.
 * @param attempt the one that the others gave theirs to; left out by the first
 * @throws `vault.share`, `vault.share-again`, `vault.other-attempt`, `vault.shares-wrong`, `vault.not-sealed`
 */
export async function giveUnsealShare(
  address: VaultAddress,
  share: Uint8Array,
  attempt?: string,
): Promise<SealStatus> {
  requireShare(share);
  const before = await vaultStatus(address);
  if (!before.sealed)
    throw new HalliganError(
      'vault.not-sealed',
      'The vault is not sealed: it needs no share.',
      'Put yours back; nothing was sent.',
    );
  if (attempt !== undefined && before.attempt !== attempt) throw otherAttempt();
  const body = jsonOfBytes({ key: share });
  try {
    const { status, said } = await ask(address, { method: 'PUT', path: 'sys/unseal', body });
    if (status !== 200) throw refusedShare(before.given + 1 >= before.need);
    const after = statusOf(said);
    if (after.sealed && after.given <= before.given) throw shareAgain();
    return after;
  } finally {
    body.fill(0);
  }
}

/**
 * Begins the making of a root token. The one-time pad is the beginner's alone, and the shares are others': only together
 * they have a token.
 * @throws `systems.insufficient-access`, `vault.root-under-way`
 */
export async function beginRootToken(
  address: VaultAddress,
  token: string,
): Promise<RootProgress & { readonly pad: string }> {
  const path = await rootPath(address, token);
  const now = await ask(address, { method: 'GET', path: `${path}/attempt`, token });
  if (now.status === 200 && answerOf(rootAnswer, now.said).started)
    throw new HalliganError(
      'vault.root-under-way',
      'Somebody has begun to make a root token already.',
      'Find out who. To end it: halligan vault root-token cancel.',
    );
  const body = utf8('{}');
  const { status, said } = await ask(address, {
    method: 'PUT',
    path: `${path}/attempt`,
    token,
    body,
  });
  if (status !== 200) throw mayNot();
  const begun = answerOf(rootAnswer, said);
  return { ...progressOf(begun), pad: begun.otp ?? '' };
}

/** Gives one share to the making of a root token. @throws `vault.share`, `vault.share-again`, `vault.other-attempt`, `vault.shares-wrong` */
export async function giveRootShare(
  address: VaultAddress,
  token: string,
  attempt: string,
  share: Uint8Array,
): Promise<RootProgress> {
  requireShare(share);
  const path = await rootPath(address, token);
  const now = await ask(address, { method: 'GET', path: `${path}/attempt`, token });
  if (now.status !== 200) throw mayNot();
  const before = progressOf(answerOf(rootAnswer, now.said));
  if (before.attempt !== attempt) throw otherAttempt();
  const body = jsonOfBytes({ nonce: utf8(attempt), key: share });
  try {
    const { status, said } = await ask(address, {
      method: 'PUT',
      path: `${path}/update`,
      token,
      body,
    });
    if (status === 403) throw mayNot();
    if (says(said, 'already been provided')) throw shareAgain();
    if (status !== 200) throw refusedShare(before.given + 1 >= before.need);
    const after = progressOf(answerOf(rootAnswer, said));
    if (after.encoded === undefined && after.given <= before.given) throw shareAgain();
    return after;
  } finally {
    body.fill(0);
  }
}

/** Ends the making of a root token; shares that were given are forgotten. @throws `systems.insufficient-access` */
export async function cancelRootToken(address: VaultAddress, token: string): Promise<void> {
  const path = await rootPath(address, token);
  const { status } = await ask(address, { method: 'DELETE', path: `${path}/attempt`, token });
  if (status !== 204 && status !== 200) throw mayNot();
}

/** The root token: what the vault gave out with the last share, base64, XOR the one-time pad. @throws `vault.pad` */
export function rootTokenOf(encoded: string, pad: string): Uint8Array {
  const mask = utf8(pad);
  let bytes: Uint8Array;
  try {
    bytes = Uint8Array.fromBase64(encoded);
  } catch {
    throw otherPad();
  }
  if (bytes.length !== mask.length || bytes.length === 0) throw otherPad();
  const token = bytes.map((byte, at) => byte ^ (mask[at] ?? 0));
  if (token.some((byte) => byte < 0x21 || byte > 0x7e)) throw otherPad();
  return token;
}

/**
 * OpenBao lets only those begin who are signed in (`sys/generate-root-token`), and has turned the open endpoints off;
 * Vault has the open ones alone.
 */
async function rootPath(address: VaultAddress, token: string): Promise<string> {
  const path = 'sys/generate-root-token';
  const { status } = await ask(address, { method: 'GET', path: `${path}/attempt`, token });
  return status === 404 || status === 405 ? 'sys/generate-root' : path;
}

function ask(
  address: VaultAddress,
  request: Omit<Parameters<typeof askVault>[1], 'signal'>,
): ReturnType<typeof askVault> {
  const signal = AbortSignal.timeout(address.timeout);
  return askVault(address, { ...request, understood: [500], signal });
}

function statusOf(said: unknown): SealStatus {
  const { sealed, t, progress, nonce } = answerOf(sealStatus, said);
  return { sealed, need: t, given: progress, attempt: nonce };
}

function progressOf(status: z.infer<typeof rootStatus>): RootProgress {
  const { nonce, required, progress, complete, encoded_token: encoded } = status;
  return {
    attempt: nonce ?? '',
    need: required,
    given: progress,
    ...(complete && encoded !== undefined ? { encoded } : {}),
  };
}

/** Shares are base64 or hexadecimal; what has another shape is not sent: it may be another secret. @throws `vault.share` */
function requireShare(share: Uint8Array): void {
  const plain = share.every(
    (byte) =>
      (byte >= 0x30 && byte <= 0x39) ||
      (byte >= 0x41 && byte <= 0x5a) ||
      (byte >= 0x61 && byte <= 0x7a) ||
      byte === 0x2b ||
      byte === 0x2f ||
      byte === 0x3d,
  );
  if (plain && share.length >= 22 && share.length <= 200) return;
  throw new HalliganError(
    'vault.share',
    'This does not look like a share of an unseal key.',
    'It is one line of base64 or hexadecimal. Nothing was sent.',
  );
}

function refusedShare(last: boolean): HalliganError {
  return last
    ? new HalliganError(
        'vault.shares-wrong',
        'The shares that were given do not open this vault together: one is of another vault, or was replaced by a rekey.',
        'The vault has forgotten them all: begin again, and find the one that is wrong by leaving each out in turn.',
      )
    : new HalliganError(
        'vault.share',
        'The vault did not take this share.',
        'Compare the version that you opened with the one in force: halligan account show.',
      );
}

function shareAgain(): HalliganError {
  return new HalliganError(
    'vault.share-again',
    'This share was given already: the vault counts it once.',
    'Another holder gives theirs.',
  );
}

function otherAttempt(): HalliganError {
  return new HalliganError(
    'vault.other-attempt',
    'This is not the attempt that the others gave their shares to: somebody began anew.',
    'Ask them, by voice, what theirs is called. Nothing was sent.',
  );
}

function otherPad(): HalliganError {
  return new HalliganError(
    'vault.pad',
    'The one-time pad and what the vault gave out do not belong together.',
    'Use the file that was written when this attempt began, and the line that the last share brought.',
  );
}

function mayNot(): HalliganError {
  return new HalliganError(
    'systems.insufficient-access',
    'The vault does not let this account make a root token.',
    'It needs the policy that halligan vault policy rescuer prints.',
  );
}
