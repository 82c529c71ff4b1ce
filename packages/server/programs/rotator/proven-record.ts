import { JudgedBefore, type ProvenState, proveState } from '@halligan/evidence';
import { fromBase64, HalliganError } from '@halligan/format';
import { type Account, type State, tooEarly, type Watched, watch } from '@halligan/procedure';
import { decryptWith } from '@halligan/seal';
import { configDigest, parseSystemConfig, type SystemConfig } from '@halligan/systems';
import { type ProgramKeys, remember } from '../keys.ts';

/** Most bytes of the ciphertexts that are given to the rotator. */
const LIMIT = 1 << 20;

/** What the rotator holds for as long as it runs: its keys, and what it proved of the record with them. */
export class ProvenRecord {
  readonly keys: ProgramKeys;
  readonly #folder: string;
  /** What this program knows of changes that wait, by its own clock. */
  #watched: Watched | undefined;

  /** A rotation proves the record twice. */
  readonly #before = new JudgedBefore();

  /** @param folder where `keys` were read, and what is seen is remembered */
  constructor(folder: string, keys: ProgramKeys) {
    this.#folder = folder;
    this.keys = keys;
    this.#watched = keys.pins.watched;
  }

  /** Proves a view of the record, and remembers it. @throws what `proveState` throws */
  async prove(view: unknown, streams: ReadonlySet<string>): Promise<ProvenState> {
    const proven = await proveState(view, this.keys.pins, streams, this.#before);
    this.#watched = watch(proven.state, this.#watched, new Date().toISOString());
    await remember(this.#folder, this.keys.pins, proven, this.#watched);
    return proven;
  }

  /**
   * A server and one admin could let 48 hours pass in a minute: nothing is sealed to whom they chose before they did.
   * @throws `rotation.too-early`
   */
  requireKnownLong(state: State): void {
    const watched = this.#watched;
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
  async decrypted(ciphertext: string, what: string): Promise<Uint8Array> {
    return decryptWith(this.keys.identity, fromBase64(ciphertext), what, LIMIT);
  }

  /** The driver's credential, where the system has one. */
  async driverSecret(ciphertext: string | null): Promise<Uint8Array | undefined> {
    return ciphertext === null ? undefined : this.decrypted(ciphertext, 'The driver’s credential');
  }
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
