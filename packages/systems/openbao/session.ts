import { HalliganError, utf8 } from '@halligan/format';
import { z } from 'zod';
import { notAnAnswer } from '../vault/exchange.ts';
import { askVault, jsonOfBytes, type VaultAddress, type VaultSession } from './line.ts';

/** An AppRole: where it is mounted, and its role id. Its secret id comes apart. */
export interface AppRole {
  readonly mount: string;
  readonly role: string;
}

const signedIn = z.object({ auth: z.object({ client_token: z.string() }) });

/**
 * Signs an AppRole in for one operation and out again, whatever came of it.
 * @throws `systems.rotator-rejected`, and as `askVault`
 */
export async function asAppRole<T>(
  address: VaultAddress,
  { mount, role }: AppRole,
  secret: Uint8Array,
  work: (session: VaultSession) => Promise<T>,
): Promise<T> {
  const line = { address, signal: AbortSignal.timeout(address.timeout) };
  const body = jsonOfBytes({ role_id: utf8(role), secret_id: secret });
  let token: string;
  try {
    const path = `auth/${mount}/login`;
    const { status, said } = await askVault(address, { ...line, method: 'PUT', path, body });
    if (status !== 200) throw rejected();
    token = answerOf(signedIn, said).auth.client_token;
  } finally {
    body.fill(0);
  }
  try {
    return await work({ ...line, token });
  } finally {
    await revoke({ ...line, token });
  }
}

/** Best effort: where the vault does not hear it any more, the token ends with its time to live. */
export async function revoke(session: VaultSession): Promise<void> {
  try {
    await askVault(session.address, { ...session, method: 'PUT', path: 'auth/token/revoke-self' });
  } catch {
    // What the operation was for is done, or has failed by an error of its own.
  }
}

/** What a vault said, in the shape that it should have. @throws `systems.unwilling` */
export function answerOf<T>(schema: z.ZodType<T>, said: unknown): T {
  const parsed = schema.safeParse(said);
  if (!parsed.success) throw notAnAnswer();
  return parsed.data;
}

/** Whether a vault refused with these words. Compared only: what it says is never passed on. */
export function says(said: unknown, text: string): boolean {
  const parsed = refused.safeParse(said);
  return parsed.success && parsed.data.errors.some((error) => error.includes(text));
}

const refused = z.object({ errors: z.array(z.string()) });

function rejected(): HalliganError {
  return new HalliganError(
    'systems.rotator-rejected',
    'The vault does not accept the AppRole’s own credential.',
    'Give the AppRole a fresh secret id; see docs/systems/openbao.md.',
  );
}
