import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  foldOffline,
  kitReaders,
  type OfflineEntry,
  type OfflineFold,
  type OfflineRecord,
  offlineJson,
  offlineRecordOf,
  type ProvenKit,
  proveKit,
  readMessage,
  unionOf,
  writeMessage,
} from '@halligan/evidence';
import { canonicalBytes, HalliganError, hex, parseCanonical } from '@halligan/format';
import { writeFileDurably } from '@halligan/journal';
import { decryptWith, encryptTo, type OpenedKit, readKit, recipientOf } from '@halligan/seal';
import type { PersonHome } from '../person-home.ts';
import { requireNotOlder } from './known.ts';
import { isKitOpen, kitFolder } from './open-kit.ts';

/** Most bytes of the record on disk. */
const LIMIT = 64 << 20;

/** A kit on a device, opened and proven. */
export interface OpenKit extends ProvenKit {
  readonly kit: OpenedKit;
}

/**
 * Where a person works without the server: the kit's copy in their home, and what was said so far, encrypted to their
 * own key. Everything is on disk before it counts, so that a killed program loses nothing.
 */
export class KitDesk {
  readonly #folder: string;
  readonly #home: PersonHome;
  readonly #identity: () => Promise<string>;
  #opened: OpenKit | undefined;

  constructor(home: PersonHome, identity: () => Promise<string>) {
    this.#home = home;
    this.#identity = identity;
    this.#folder = kitFolder(home);
  }

  /**
   * Begins to work from a kit: it is proven first.
   * @throws `kit.open` where another one is open on which something was said already
   */
  async begin(bytes: Uint8Array): Promise<OpenKit> {
    const opened = await this.#prove(bytes);
    if (isKitOpen(this.#home)) {
      const { entries, base } = await this.record();
      if (entries.length > 0 && base.root !== hex(opened.anchor.root))
        throw new HalliganError(
          'kit.open',
          'You are working from another copy of the kit, and something was said there.',
          'Go on from that one; or merge it first: halligan kit merge.',
        );
    }
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await writeFileDurably(join(this.#folder, 'kit'), bytes);
    this.#opened = opened;
    return opened;
  }

  /** The kit that this person works from. @throws `kit.none` */
  async kit(): Promise<OpenKit> {
    if (!isKitOpen(this.#home))
      throw new HalliganError(
        'kit.none',
        'You are not working from a kit.',
        'Open one where the server is gone: halligan kit open FILE.',
      );
    this.#opened ??= await this.#prove(await readFile(join(this.#folder, 'kit')));
    return this.#opened;
  }

  /** What was said so far. */
  async record(): Promise<OfflineRecord> {
    const path = join(this.#folder, 'record.age');
    if (existsSync(path)) {
      const identity = await this.#identity();
      const bytes = await decryptWith(identity, await readFile(path), 'Your record', LIMIT);
      return offlineRecordOf(parseCanonical(bytes, LIMIT));
    }
    const { anchor } = await this.kit();
    const { organisation, origin } = this.#home.pins;
    const base = { size: anchor.size, root: hex(anchor.root) };
    return { organisation, origin, base, entries: [] };
  }

  /** The state that kit and record make. */
  async fold(record?: OfflineRecord): Promise<OfflineFold> {
    return foldOffline(await this.kit(), record ?? (await this.record()), new Date().toISOString());
  }

  /** Adds what was said. Judged first; a refusal of the rules leaves the record as it was. @throws the refusal */
  async add(entry: OfflineEntry): Promise<void> {
    const { record } = unionOf(await this.record(), [entry]);
    const { steps } = await this.fold(record);
    const refusal = steps.find((step) => step.entry.id === entry.id)?.refusal;
    if (refusal !== undefined)
      throw new HalliganError(
        refusal.rule,
        refusal.why,
        refusal.eligible === undefined || refusal.eligible.length === 0
          ? refusal.next
          : `${refusal.next} Eligible: ${refusal.eligible.join(', ')}.`,
      );
    await this.#keep(record);
  }

  /** The message that tells others everything so far. */
  async message(): Promise<string> {
    return writeMessage(await this.record(), kitReaders((await this.kit()).state));
  }

  /**
   * Takes in what somebody else passed on. All of it is checked and judged before any of it is kept.
   * @returns the steps that were new here, in the record's order
   * @throws `kit.message`, `kit.other-organisation`, `kit.other-copy`, `kit.incomplete`, `kit.forked`, `kit.ahead`, …
   */
  async receive(text: string): Promise<OfflineFold['steps']> {
    const mine = await this.record();
    const theirs = await readMessage(text, await this.#identity());
    if (theirs.organisation !== mine.organisation || theirs.origin !== mine.origin)
      throw new HalliganError(
        'kit.other-organisation',
        'This message is of another organisation.',
        'Check who sent it, and --org.',
      );
    if (theirs.base.root !== mine.base.root || theirs.base.size !== mine.base.size)
      throw new HalliganError(
        'kit.other-copy',
        `The sender works from a ${theirs.base.size > mine.base.size ? 'newer' : 'older'} copy of the kit: ${theirs.base.size} entries, yours has ${mine.base.size}.`,
        'All of you open the same copy, the newest: pass the kit file on, then halligan kit open it.',
      );
    const { record, added } = unionOf(mine, theirs.entries);
    const { steps } = await this.fold(record);
    if (added.length > 0) await this.#keep(record);
    return steps.filter(({ entry }) => added.some(({ id }) => id === entry.id));
  }

  /** No longer works from the kit. The one-time identities stay until the emergency's record is signed. */
  async end(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
    this.#opened = undefined;
  }

  async #keep(record: OfflineRecord): Promise<void> {
    const own = await recipientOf(await this.#identity());
    const bytes = await encryptTo([own], canonicalBytes(offlineJson(record)));
    await writeFileDurably(join(this.#folder, 'record.age'), bytes);
  }

  async #prove(bytes: Uint8Array): Promise<OpenKit> {
    const kit = await readKit(bytes, await this.#identity());
    const { pins } = this.#home;
    if (kit.organisation !== pins.organisation)
      throw new HalliganError(
        'kit.other-organisation',
        `This is a kit of ${kit.organisation}, not of ${pins.organisation}.`,
        'Take your own organisation’s kit, or choose with --org.',
      );
    const proven = await proveKit(kit.files, pins);
    await requireNotOlder(this.#home, proven);
    return { ...proven, kit };
  }
}
