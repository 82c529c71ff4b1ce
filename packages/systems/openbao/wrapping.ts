import { HalliganError, utf8 } from '@halligan/format';
import { z } from 'zod';
import { askVault, type VaultAddress, type VaultRequest, type VaultSession } from './line.ts';
import { answerOf } from './session.ts';

/** Seconds that a wrapped answer lives: long enough to be carried by voice or hand, and what the policy asks for. */
export const WRAPPED_FOR = 1800;

/** A token that gives one answer out, once, and what was said of it when it was made. */
export interface Wrapped {
  readonly token: string;
  /** Names the token in the vault's audit log without being it. */
  readonly accessor: string;
  readonly path: string;
  readonly at: string;
}

/** An answer that came out of its wrapping, and the id of the request that it answers in the audit log. */
export interface Unwrapped {
  readonly said: unknown;
  readonly request: string;
}

const wrapped = z.object({
  wrap_info: z.object({
    token: z.string().min(1).max(4096),
    accessor: z.string().max(200),
    creation_path: z.string().max(1000),
    creation_time: z.string().max(40),
  }),
});
const lookedUp = z.object({ data: z.object({ creation_path: z.string() }) });
const inside = z.object({ request_id: z.string().max(64), data: z.unknown() });

/**
 * Asks for a wrapped answer. @returns undefined where there is nothing (404)
 * @throws `systems.insufficient-access`, `systems.vault-changed` where check-and-set found another version, and as `askVault`
 */
export async function askWrapped(
  session: VaultSession,
  request: Pick<VaultRequest, 'method' | 'path' | 'body'>,
): Promise<Wrapped | undefined> {
  const { status, said } = await askVault(session.address, {
    ...session,
    ...request,
    wrap: WRAPPED_FOR,
  });
  if (status === 404) return undefined;
  if (status === 400)
    throw new HalliganError(
      'systems.vault-changed',
      'The vault’s entry is not the one that was read just before: somebody else writes it too, or it is too large.',
      'Look at who did: the audit log names each request. Nothing was overwritten.',
    );
  if (status !== 200)
    throw new HalliganError(
      'systems.insufficient-access',
      'The vault’s policy does not let this be done.',
      'Compare it with docs/systems/openbao.md: halligan vault check.',
    );
  const {
    token,
    accessor,
    creation_path: path,
    creation_time: at,
  } = answerOf(wrapped, said).wrap_info;
  return { token, accessor, path, at };
}

/**
 * Takes the answer out, once, and only where it was made for what it is expected to be. A token that was opened by
 * somebody before, or that was made for something else, is an alarm: who carried it had the chance to look, or to hand
 * over something else.
 * @param path what the answer must be of, as `secret/data/break-glass/dc`
 * @throws `vault.token-used`, `vault.token-foreign`, and as `askVault`
 */
export async function unwrapOnce(
  address: VaultAddress,
  token: string,
  path: string,
  signal: AbortSignal,
): Promise<Unwrapped> {
  const line = { address, signal };
  const seen = await askVault(address, {
    ...line,
    method: 'PUT',
    path: 'sys/wrapping/lookup',
    body: utf8(JSON.stringify({ token })),
  });
  if (seen.status !== 200) throw tokenUsed();
  if (answerOf(lookedUp, seen.said).data.creation_path !== path)
    throw new HalliganError(
      'vault.token-foreign',
      'ALARM: this token was made for something else than the entry that you asked for.',
      'Do not open it. Tell security; keep the token: its accessor stands in the audit log, with who made it.',
    );
  const opened = await askVault(address, {
    ...line,
    method: 'PUT',
    path: 'sys/wrapping/unwrap',
    token,
  });
  if (opened.status !== 200) throw tokenUsed();
  const { request_id: request, data } = answerOf(inside, opened.said);
  return { said: data, request };
}

function tokenUsed(): HalliganError {
  return new HalliganError(
    'vault.token-used',
    'ALARM: this token was opened before, or has expired: somebody else may have read what it was for.',
    'Tell security, and look for its accessor in the audit log. What it gave out is sealed: nobody opens it without a quorum. Ask for a new token.',
  );
}
