import { debuglog } from 'node:util';
import { HalliganError, utf8Text } from '@halligan/format';
import type { ResultCodeError } from 'ldapts';
import { secretMissing } from '../missing-secret.ts';
import { explainResult, type PolicyError } from './answer.ts';
import type { Ask } from './session.ts';

const INVALID_CREDENTIALS = 49;

/**
 * Signs the rotator in, in this session.
 * @param explain why the directory refused, where it was not the password
 * @throws `systems.secret-missing` on a person's device, `systems.rotator-rejected`, what `explain` says
 */
export async function signInRotator(
  ask: Ask,
  name: string,
  secret: Uint8Array | undefined,
  explain: (error: ResultCodeError, policy: PolicyError) => HalliganError = explainResult,
): Promise<void> {
  if (secret === undefined) {
    throw secretMissing(
      "Only the rotator inspects and sets; to prove from a person's device, name accounts by name or dn.",
    );
  }
  const answer = await ask((client, policy) => client.bind(name, utf8Text(secret), policy));
  if (answer.is === 'done') return;
  if (answer.error.code !== INVALID_CREDENTIALS) throw explain(answer.error, answer.policy);
  throw new HalliganError(
    'systems.rotator-rejected',
    "The directory does not accept the rotator's own password (LDAP result code 49).",
    "Renew the driver's credential; if the rotator's entry is locked, unlock it and give it a policy without lockout.",
  );
}

/** With NODE_DEBUG=ldapts the library prints whole requests, passwords among them. @throws `systems.debugging-leaks` */
export function refuseDebugging(): void {
  if (!debuglog('ldapts').enabled) return;
  throw new HalliganError(
    'systems.debugging-leaks',
    'NODE_DEBUG would print passwords.',
    'Take ldapts out of NODE_DEBUG.',
  );
}
