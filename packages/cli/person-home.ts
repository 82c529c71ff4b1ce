import { existsSync } from 'node:fs';
import { readFile, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type DevicePins, type ProvenState, pinsAfter } from '@halligan/evidence';
import { canonicalBytes, HalliganError, ID, type Json, utf8, utf8Text } from '@halligan/format';
import { makeFolder, syncFolder, writeFileDurably } from '@halligan/journal';
import type { Watched } from '@halligan/procedure';
import {
  decryptWith,
  encryptTo,
  readKeyFile,
  recipientOf,
  unwrapIdentity,
  wrapIdentity,
  writeKeyFile,
} from '@halligan/seal';
import { z } from 'zod';
import {
  type AgentAccess,
  readSigningKey,
  type SigningKeys,
  signingKeyFile,
} from './signing-key-file.ts';

const schema = z.strictObject({
  v: z.literal('halligan/person/v1'),
  organisation: z.string().regex(ID),
  person: z.string().regex(ID),
  url: z.string().max(500),
  /** SHA-256 of the server's certificate, hexadecimal; null on loopback without TLS. */
  certificate: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
  practice: z.boolean(),
  /** Where the age identity is, relative to the home: plain in practice, otherwise behind a passphrase. */
  identity: z.string().max(4096),
  pins: z
    .strictObject({
      organisation: z.string(),
      origin: z.string(),
      logKey: z.string(),
      genesis: z.string().regex(/^[0-9a-f]{64}$/),
      seen: z.strictObject({ size: z.int().min(0), root: z.string().regex(/^[0-9a-f]{64}$/) }),
      /** What this device saw of changes that wait, by its own clock. */
      watched: z
        .strictObject({
          roster: z.int().min(0),
          changes: z.record(z.string(), z.string()).readonly(),
        })
        .readonly()
        .optional(),
      log: z.strictObject({ origin: z.string(), logKey: z.string() }).exactOptional(),
    })
    .nullable(),
});

/** What a person's device knows of an organisation. Holds no secret; the keys lie beside it. */
export type PersonFacts = z.infer<typeof schema>;

/** A person's keys, for as long as one command runs. */
export interface PersonKeys extends SigningKeys {
  readonly identity: string;
}

/** Where no agent is at hand, keys in one cannot be used. */
const NO_AGENT: AgentAccess = { socket: undefined, say: () => undefined };

/** Asks for a passphrase, where a key lies behind one. */
export type AskPassphrase = () => Promise<string>;

/**
 * A person's home: keys, pins and checkpoints for one organisation. The server is not trusted with any of it; the
 * checkpoint that was last seen is what notices a server that forgets.
 */
export class PersonHome {
  readonly folder: string;
  readonly #agent: AgentAccess;
  #facts: PersonFacts;

  private constructor(folder: string, facts: PersonFacts, agent: AgentAccess = NO_AGENT) {
    this.folder = folder;
    this.#facts = facts;
    this.#agent = agent;
  }

  /** @throws `cli.no-home`, `cli.home` */
  static async open(folder: string, agent?: AgentAccess): Promise<PersonHome> {
    const path = join(folder, 'person.json');
    if (!existsSync(path))
      throw new HalliganError(
        'cli.no-home',
        `There is no key of yours in ${folder}.`,
        'Join an organisation: halligan join. Or choose one with --org.',
      );
    const parsed = schema.safeParse(jsonOf(await readFile(path, 'utf8')));
    if (!parsed.success)
      throw new HalliganError(
        'cli.home',
        `${path} is not valid at ${parsed.error.issues[0]?.path.join('.') || 'the document'}.`,
        'Restore it, or join again with your recovery words.',
      );
    return new PersonHome(folder, parsed.data, agent);
  }

  /**
   * Makes a home and writes the keys. Outside practice the identity lies behind the passphrase, and the signing key is
   * encrypted to the identity: one passphrase opens both.
   */
  static async create(
    folder: string,
    facts: PersonFacts,
    keys: PersonKeys,
    passphrase: string | undefined,
  ): Promise<PersonHome> {
    if (existsSync(join(folder, 'person.json')))
      throw new HalliganError(
        'cli.home-exists',
        `There are keys in ${folder} already.`,
        'Use them, or choose another --org.',
      );
    makeFolder(join(folder, 'openings'));
    if (facts.practice) {
      await writeFileDurably(
        join(folder, facts.identity),
        utf8(
          `# PRACTICE KEY of ${facts.person}: never use it for anything real\n${keys.identity}\n`,
        ),
      );
      await writeFileDurably(
        join(folder, 'signing.key'),
        signingKeyFile(keys, `PRACTICE ${facts.person}`),
      );
    } else {
      if (passphrase === undefined)
        throw new HalliganError(
          'cli.passphrase',
          'A key needs a passphrase.',
          'Give --passphrase-file, or answer at the terminal.',
        );
      await writeFileDurably(
        join(folder, facts.identity),
        await writeKeyFile(keys.identity, passphrase),
      );
      const wrapped = await encryptTo(
        [await recipientOf(keys.identity)],
        signingKeyFile(keys, facts.person),
      );
      await writeFileDurably(join(folder, 'signing.key.age'), wrapped);
    }
    const home = new PersonHome(folder, facts);
    await home.#save();
    return home;
  }

  get facts(): PersonFacts {
    return this.#facts;
  }

  /** @throws `cli.not-joined` before the genesis was compared */
  get pins(): DevicePins {
    if (this.#facts.pins === null)
      throw new HalliganError(
        'cli.not-joined',
        'You have not joined yet.',
        'Compare the genesis words: halligan join.',
      );
    return this.#facts.pins;
  }

  /** Remembers a checkpoint, durably, before anything is signed upon it. */
  async remember(proven: ProvenState, { roster, changes }: Watched): Promise<void> {
    const { watched: known, ...pins } = pinsAfter(this.pins, proven);
    const same = pins.log?.origin === this.pins.log?.origin;
    const { size, root } = this.pins.seen;
    if (same && size === pins.seen.size && root === pins.seen.root && known !== undefined) return;
    const watched = { roster, changes: { ...changes } };
    this.#facts = { ...this.#facts, pins: { ...pins, watched } };
    await this.#save();
  }

  /** Changes what is known of the server or the organisation. */
  async learn(facts: Partial<Pick<PersonFacts, 'url' | 'certificate' | 'pins'>>): Promise<void> {
    this.#facts = { ...this.#facts, ...facts };
    await this.#save();
  }

  /**
   * @param which the signing keys in force, or those that wait for the roster to have their card
   * @throws `seal.passphrase`, `seal.key-file`; for keys in ssh-agent `cli.no-agent`, `cli.agent-key`
   */
  async keys(ask: AskPassphrase, which: 'current' | 'renewed' = 'current'): Promise<PersonKeys> {
    const signingFile = join(
      this.folder,
      which === 'current' ? this.#signingFile : `${this.#signingFile}.renewed`,
    );
    const file = await readFile(resolve(this.folder, this.#facts.identity));
    if (this.#facts.practice) {
      const identity =
        utf8Text(file)
          .split('\n')
          .find((line) => line.startsWith('AGE-SECRET-KEY-')) ?? '';
      return {
        identity,
        ...(await readSigningKey(await readFile(signingFile), this.#agent)),
      };
    }
    const identity = await readKeyFile(file, await ask());
    const signing = await decryptWith(
      identity,
      await readFile(signingFile),
      'Your signing key',
      1 << 16,
    );
    return { identity, ...(await readSigningKey(signing, this.#agent)) };
  }

  /**
   * Puts the identity behind a new passphrase, where the old one is forgotten. Only the same identity is taken: it must
   * open the signing key, or the person would be locked out of both.
   * @param restored gives the identity, of the kind that is here
   * @throws `cli.other-key` where it is another one; `cli.practice`; what `restored` and `ask` throw
   */
  async replacePassphrase(
    restored: (kind: 'hybrid' | 'x25519') => string,
    ask: AskPassphrase,
  ): Promise<void> {
    if (this.#facts.practice)
      throw new HalliganError(
        'cli.practice',
        'Practice keys have no passphrase.',
        'Nothing has to be restored.',
      );
    const file = await readFile(join(this.folder, 'signing.key.age'));
    for (const kind of ['hybrid', 'x25519'] as const) {
      const identity = restored(kind);
      try {
        (await decryptWith(identity, file, 'Your signing key', 1 << 16)).fill(0);
      } catch {
        continue;
      }
      await writeFileDurably(
        resolve(this.folder, this.#facts.identity),
        await writeKeyFile(identity, await ask()),
      );
      return;
    }
    throw new HalliganError(
      'cli.other-key',
      'These are the recovery words of another key.',
      'Use the paper of this key, or choose the right --org.',
    );
  }

  /** Keeps other signing keys beside those in force, until the roster has their card. */
  async keepRenewed(keys: PersonKeys, card: Uint8Array): Promise<void> {
    const file = signingKeyFile(keys, this.#facts.person);
    const bytes = this.#facts.practice
      ? file
      : await encryptTo([await recipientOf(keys.identity)], file);
    await writeFileDurably(join(this.folder, `${this.#signingFile}.renewed`), bytes);
    await writeFileDurably(join(this.folder, 'card.json.renewed'), card);
  }

  /** @throws `cli.not-renewed` where none is kept */
  async renewedCard(): Promise<Uint8Array> {
    const path = join(this.folder, 'card.json.renewed');
    if (existsSync(path)) return readFile(path);
    throw new HalliganError(
      'cli.not-renewed',
      'There are no new keys here.',
      'Begin with: halligan key renew --card FILE.',
    );
  }

  /** Signs with the renewed keys from now on. The card goes last: while it is there, this can be done again. */
  async adoptRenewed(): Promise<void> {
    for (const name of [this.#signingFile, 'card.json']) {
      const renewed = join(this.folder, `${name}.renewed`);
      if (!existsSync(renewed)) continue;
      await rename(renewed, join(this.folder, name));
      syncFolder(this.folder);
    }
  }

  get #signingFile(): string {
    return this.#facts.practice ? 'signing.key' : 'signing.key.age';
  }

  /** Notes that the recovery words were read back from the paper. @param at RFC 3339 */
  async confirmWords(at: string): Promise<void> {
    await writeFileDurably(join(this.folder, 'words-confirmed.json'), canonicalBytes({ at }));
  }

  /** When the recovery words were last read back from the paper; undefined where never. */
  async wordsConfirmed(): Promise<string | undefined> {
    const path = join(this.folder, 'words-confirmed.json');
    if (!existsSync(path)) return undefined;
    const parsed = z.object({ at: z.string() }).safeParse(jsonOf(await readFile(path, 'utf8')));
    return parsed.success ? parsed.data.at : undefined;
  }

  /** Keeps a one-time identity, wrapped to the person's own key, so that a killed client can go on. */
  async keepOneTime(recipient: string, identity: string, own: string): Promise<void> {
    await writeFileDurably(this.#oneTimeFile(recipient), await wrapIdentity(identity, own));
  }

  /** @throws `cli.no-one-time` where this device did not ask for the opening, or has ended it */
  async oneTime(recipient: string, own: string): Promise<string> {
    const path = this.#oneTimeFile(recipient);
    if (!existsSync(path))
      throw new HalliganError(
        'cli.no-one-time',
        'This opening was not asked for from this device, or it is over.',
        'Use the device that asked.',
      );
    return unwrapIdentity(await readFile(path), own);
  }

  async forgetOneTime(recipient: string): Promise<void> {
    await rm(this.#oneTimeFile(recipient), { force: true });
  }

  #oneTimeFile(recipient: string): string {
    return join(this.folder, 'openings', `${recipient.slice(-40)}.age`);
  }

  async #save(): Promise<void> {
    await writeFileDurably(
      join(this.folder, 'person.json'),
      canonicalBytes(this.#facts as unknown as Json),
    );
  }
}

/** JSON text as an unknown value; undefined where it is none: the schema says what is wrong. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
