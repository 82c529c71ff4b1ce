import { fromBase64, HalliganError } from '@halligan/format';
import { type Account, type State, tooEarly } from '@halligan/procedure';
import { decryptWith } from '@halligan/seal';
import { configDigest, parseSystemConfig, type SystemConfig } from '@halligan/systems';
import type { ProvenRecord } from '../proven-record.ts';

/** Most bytes of the ciphertexts that are given to the rotator. */
const LIMIT = 1 << 20;

/**
 * A server and one admin could let 48 hours pass in a minute: nothing is sealed to whom they chose before they did.
 * @throws `rotation.too-early`
 */
export function requireKnownLong({ watched }: ProvenRecord['pins'], state: State): void {
  const early =
    watched === undefined ? undefined : tooEarly(state, watched, new Date().toISOString());
  if (early !== undefined)
    throw new HalliganError(
      'rotation.too-early',
      `The rotator has not known the change ${early.change.slice(0, 12)} for 48 hours, and nobody consented to it.`,
      `Nothing was done. It rotates from ${early.until} on.`,
    );
}

/** What the server keeps encrypted to this program. @param what what it is called in an error */
export async function decrypted(
  record: ProvenRecord,
  ciphertext: string,
  what: string,
): Promise<Uint8Array> {
  const { identity } = await record.keys();
  return decryptWith(identity, fromBase64(ciphertext), what, LIMIT);
}

/** The driver's credential, where the system has one. */
export async function driverSecret(
  record: ProvenRecord,
  ciphertext: string | null,
): Promise<Uint8Array | undefined> {
  return ciphertext === null ? undefined : decrypted(record, ciphertext, 'The driver’s credential');
}

/** @throws `server.account` */
export function accountOf(state: State, id: string): Account {
  const account = state.accounts[id];
  if (account === undefined)
    throw new HalliganError(
      'server.account',
      'The record holds no such account.',
      'Add it to the inventory first.',
    );
  return account;
}

/**
 * The driver settings that are on the record for a system. The server keeps them, and admins sign for them:
 * other settings could send this program, with its credential, to somebody else's machine.
 * @throws `rotation.driver`, `systems.config`
 */
export function recordedConfig(state: State, system: string, given: unknown): SystemConfig {
  const config = parseSystemConfig(given);
  if (state.drivers[system] === configDigest(config)) return config;
  throw new HalliganError(
    'rotation.driver',
    'These driver settings are not the ones on the record.',
    'Nothing was done. Look at who changed them; two admins sign for new ones: halligan system driver.',
  );
}
