import {
  base64,
  canonicalBytes,
  digestOf,
  HalliganError,
  hex,
  type Json,
  sha256,
  utf8,
} from '@halligan/format';
import {
  type Decision,
  decide,
  EMPTY,
  type EventBody,
  emergencyById,
  evolve,
  type HalliganEvent,
  type State,
  type StoredInput,
  storedInputOf,
  verifyInput,
} from '@halligan/procedure';
import {
  type Attachment,
  type SignedStatement,
  type SigningKey,
  signingKeyOf,
  signStatement,
  statementOf,
  textAttachment,
} from '@halligan/statement';
import { formatCheckpoint, generateNoteKey, leafHash, MemoryTree, signNote } from '@halligan/tlog';
import {
  type Group,
  groupOf,
  makeTranscript,
  namedTexts,
  type PackContents,
  type Printer,
  packEvidence,
  streamsOf,
  transcriptOf,
  type View,
} from './index.ts';

export const ORIGIN = 'log.example/contoso';

/** Bytes that are always the same for a name: every key, nonce and salt of the tests' organisation. */
export function bytesOf(name: string, size = 32): Uint8Array {
  return sha256(utf8(name)).slice(0, size);
}

export async function keyOf(person: string): Promise<SigningKey> {
  return signingKeyOf(bytesOf(`signing ${person}`));
}

export const logKeys = await generateNoteKey(ORIGIN, 'ed25519', () => bytesOf('log'));
export const evidenceKeys = await generateNoteKey(`${ORIGIN}/evidence`, 'ed25519', () =>
  bytesOf('evidence'),
);

/** Prints what a document says in a line, so that the tests' packs stay small: paper has its own tests. */
export const PRINTER: Printer = {
  version: 'test/paper/v1',
  print: async (document) => utf8(`%PDF of ${hex(sha256(utf8(JSON.stringify(document))))}\n`),
};

/** What a statement brings along. */
interface Enclosed {
  readonly document?: Json;
  readonly purpose?: 'real' | 'drill' | 'exercise';
  readonly key?: SigningKey;
}

/**
 * A server in memory that keeps the rules, and whose owner may stop to: with the log's key everything can be written,
 * entry by entry, and signed. Deterministic to the last byte.
 */
export class MemoryRecord {
  readonly entries: Uint8Array[] = [];
  readonly attachments: Attachment[] = [];
  readonly seals = new Map<number, Uint8Array>();
  state: State = EMPTY;
  /** RFC 3339; the tests move it. */
  now = '2026-03-02T09:00:00.000Z';
  /** What emergencies declared here are for. */
  purpose: 'real' | 'drill' = 'real';
  #tree = new MemoryTree();
  #made = 0;

  get size(): number {
    return this.#tree.size;
  }

  place(): { readonly size: number; readonly root: string } {
    return { size: this.size, root: hex(this.#tree.root()) };
  }

  /** A copy that goes its own way from here: a forked log. */
  fork(): MemoryRecord {
    const other = new MemoryRecord();
    for (const entry of this.entries) other.#put(entry);
    other.attachments.push(...this.attachments);
    for (const [version, seal] of this.seals) other.seals.set(version, seal);
    other.state = this.state;
    other.now = this.now;
    other.#made = this.#made;
    return other;
  }

  text(text: string): string {
    const attachment = textAttachment(text, (size) => bytesOf(`salt ${this.#made++}`, size));
    this.attachments.push(attachment);
    return attachment.digest;
  }

  /** A signed statement as the signer's device makes it upon what it sees now. */
  async sign(
    kind: string,
    by: string,
    subject: string,
    fields: Readonly<Record<string, Json>> = {},
    { purpose = this.#purposeOf(kind, subject), key }: Enclosed = {},
  ): Promise<SignedStatement> {
    const emergency = emergencyById(this.state, subject);
    const statement = statementOf({
      v: 'halligan/statement/v1',
      kind,
      origin: ORIGIN,
      subject,
      by,
      at: this.now,
      nonce: hex(bytesOf(`nonce ${this.#made++}`, 16)),
      purpose,
      policy: emergency?.policy ?? this.state.policy ?? null,
      roster: this.state.roster?.digest ?? null,
      journal: this.place(),
      ...fields,
    });
    return signStatement(statement, key ?? (await keyOf(by)));
  }

  /** What is said about the organisation is real, in a drill as well. */
  #purposeOf(kind: string, subject: string): 'real' | 'drill' {
    return kind === 'declare' || emergencyById(this.state, subject) !== undefined
      ? this.purpose
      : 'real';
  }

  /** Says it, and demands that the rules agree. */
  async say(
    kind: string,
    by: string,
    subject: string,
    fields: Readonly<Record<string, Json>> = {},
    enclosed: Enclosed = {},
  ): Promise<string> {
    const signed = await this.sign(kind, by, subject, fields, enclosed);
    await this.submit(said([signed], enclosed.document));
    return digestOf(signed.statement);
  }

  async submit(stored: StoredInput): Promise<readonly EventBody[]> {
    const decision: Decision = decide(this.state, await verifyInput(this.state, stored), this.now);
    if ('refusal' in decision)
      throw new HalliganError(decision.refusal.rule, decision.refusal.why, decision.refusal.next);
    this.write(stored, decision.events);
    return decision.events;
  }

  /** Writes whatever it is told to: what an honest server does last, and a malicious one first. */
  write(
    stored: StoredInput,
    bodies: readonly EventBody[],
    other: Partial<Pick<HalliganEvent, 'at' | 'actor' | 'id'>> = {},
  ): void {
    const actor =
      stored.type === 'statements' ? (stored.signed[0]?.statement.by ?? 'server') : 'server';
    const events = bodies.map(
      (body): HalliganEvent => ({
        ...body,
        v: 'halligan/event/v1',
        id: `event-${this.#made++}`,
        at: this.now,
        actor,
        ...other,
      }),
    );
    this.#put(
      canonicalBytes({
        v: 'halligan/group/v1',
        input: stored as unknown as Json,
        events: events as unknown as Json,
      }),
    );
    this.state = events.reduce((state, event) => evolve(state, event), this.state);
  }

  /** The same log, some of its entries replaced or (null) taken out: what the key's owner can make of it afterwards. */
  rewritten(change: (entry: Uint8Array, index: number) => Uint8Array | null): MemoryRecord {
    const other = new MemoryRecord();
    for (const [index, entry] of this.entries.entries()) {
      const kept = change(entry, index);
      if (kept !== null) other.#put(kept);
    }
    other.attachments.push(...this.attachments);
    for (const [version, seal] of this.seals) other.seals.set(version, seal);
    other.state = this.state;
    return other;
  }

  /** The state that the entries give, taken as they are. */
  refolded(): MemoryRecord {
    this.state = this.entries
      .flatMap((entry, index) => groupOf(index, entry).events)
      .reduce((state, event) => evolve(state, event), EMPTY);
    const known = Object.values(this.state.accounts).flatMap(({ versions }) =>
      Object.keys(versions),
    );
    for (const version of this.seals.keys())
      if (!known.includes(String(version))) this.seals.delete(version);
    return this;
  }

  #put(entry: Uint8Array): void {
    this.entries.push(entry);
    this.#tree.append(leafHash(entry));
  }

  async checkpoint(size = this.size, signer = logKeys.signer): Promise<string> {
    return signNote(
      formatCheckpoint({ origin: ORIGIN, size, root: this.#tree.root(size) }),
      signer,
    );
  }

  /** What a server sends to a device that last saw `since` entries. @param keep which entries it shows */
  async view(
    since = 0,
    keep: (index: number) => boolean = () => true,
    size = this.size,
  ): Promise<View> {
    const entries = this.entries
      .slice(0, size)
      .map((bytes, index) => ({ index, bytes, proof: this.#tree.inclusionProof(index, size) }))
      .filter(({ index }) => keep(index));
    return {
      transcript: makeTranscript(await this.checkpoint(size), entries),
      consistency: since === 0 ? [] : this.consistency(since, size).map(base64),
    };
  }

  consistency(from: number, to: number): readonly Uint8Array[] {
    return this.#tree.consistencyProof(from, to);
  }

  /** Packs an emergency as the server does. */
  async pack(
    emergency: string,
    { keep, size }: { keep?: (index: number) => boolean; size?: number } = {},
  ): Promise<Uint8Array> {
    return packEvidence(await this.contents(emergency, keep, size));
  }

  async contents(
    emergency: string,
    keep?: (index: number) => boolean,
    size = this.size,
  ): Promise<PackContents> {
    const { transcript } = await this.view(0, keep, size);
    const found = emergencyById(this.state, emergency);
    const named = found === undefined ? [] : namedTexts(found, this.#readable());
    return {
      emergency,
      account: found?.account ?? '',
      transcript: transcriptOf(transcript),
      consistency: (from, to) => this.consistency(from, to),
      attachments: this.attachments.filter(({ digest }) => named.includes(digest)),
      seals: this.seals,
      logKey: logKeys.verifier,
      origin: ORIGIN,
      evidenceKey: evidenceKeys.signer,
      printer: PRINTER,
    };
  }

  /** Its entries, as far as they can be read: a hostile log's cannot all be. */
  #readable(): readonly Group[] {
    return this.entries.flatMap((entry, index) => {
      try {
        return [groupOf(index, entry)];
      } catch {
        return [];
      }
    });
  }

  streams(emergency: string): ReadonlySet<string> {
    return streamsOf(emergency, emergencyById(this.state, emergency)?.account ?? '');
  }
}

export function said(
  signed: readonly SignedStatement[],
  document?: Json,
): Extract<StoredInput, { readonly type: 'statements' }> {
  return { type: 'statements', signed, ...(document === undefined ? {} : { document }) };
}

export function saw(observation: unknown): StoredInput {
  return storedInputOf({ type: 'observation', observation });
}
