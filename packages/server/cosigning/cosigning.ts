import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CosignedCheckpoint, transcriptOf, type View } from '@halligan/evidence';
import { base64, HalliganError, utf8, utf8Text } from '@halligan/format';
import { type Checkpoint, writeFileDurably } from '@halligan/journal';
import {
  cosignedBy,
  formatNote,
  type NoteSignature,
  parseCheckpoint,
  parseNote,
  verifySignatures,
} from '@halligan/tlog';
import type { ServerHome, ServerSettings } from '../home.ts';
import type { Leader } from '../leader.ts';
import type { Log } from '../log/log.ts';
import { askCosigner } from './ask.ts';

/** Shortest time between two rounds, and the longest that a cosigner may take and be left alone, milliseconds. */
export interface Pace {
  readonly every: number;
  readonly patience: number;
  readonly longestWait: number;
}

/** What a cosigner says of the log itself, not of its own trouble. */
const ALARMS: ReadonlySet<string> = new Set(['cosigner.saw-more', 'cosigner.other-history']);

const PACE: Pace = { every: 2_000, patience: 5_000, longestWait: 300_000 };

export interface CosigningOptions {
  readonly home: Pick<ServerHome, 'root'>;
  readonly settings: Pick<ServerSettings, 'cosigners'>;
  readonly leader: Pick<Leader, 'state' | 'leaving' | 'checkpoint' | 'consistencyProof'>;
  readonly log: Log;
  readonly pace?: Pace;
}

/** A view that says what cosigners signed of it. */
type CosignedView = View & { readonly cosigned?: CosignedCheckpoint };

/** A cosigner as this server knows it. */
interface Asked {
  readonly url: string;
  /** The size that it signed last, as far as is known here; it says itself where that is wrong. */
  known: number;
  failures: number;
  notBefore: number;
}

/** The latest checkpoint that cosigners signed. */
interface Kept {
  readonly size: number;
  readonly note: string;
  readonly signed: number;
}

/**
 * Has the log's checkpoints cosigned, beside the journal and never in its way: after durable commits, at most every
 * few seconds. What cosigners signed is written down before it is shown. A cosigner that hangs, lies or is gone is
 * asked ever more rarely.
 */
export class Cosigning {
  readonly #options: CosigningOptions;
  readonly #pace: Pace;
  readonly #asked: readonly Asked[];
  readonly #ended = new AbortController();
  #kept: Kept | undefined;
  #round: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lastRound = 0;
  /** Resolves when the next signature is kept: nobody waits for one that hangs. */
  #arrival = Promise.withResolvers<void>();
  #storing: Promise<void> = Promise.resolve();

  private constructor(options: CosigningOptions, kept: Kept | undefined) {
    this.#options = options;
    this.#pace = options.pace ?? PACE;
    this.#kept = kept;
    this.#asked = (options.settings.cosigners ?? []).map(({ url }) => ({
      url,
      known: kept?.size ?? 0,
      failures: 0,
      notBefore: 0,
    }));
  }

  /** Reads what was cosigned before. A file that cannot be read is only a memory of it: it is asked for again. */
  static async open(options: CosigningOptions): Promise<Cosigning> {
    const file = fileOf(options.home);
    if (!existsSync(file)) return new Cosigning(options, undefined);
    try {
      const note = utf8Text(await readFile(file));
      const { size, origin } = parseCheckpoint(parseNote(note).text);
      const own = parseCheckpoint(parseNote((await options.leader.leaving()).note).text);
      const ours = origin === own.origin && size <= own.size;
      const signed = (await cosignedBy(note, cosignerKeys(options.leader))).length;
      return new Cosigning(options, ours ? { size, note, signed } : undefined);
    } catch (cause) {
      options.log('warning', 'cosigning', `${file} cannot be used; it is made again`, {
        code: codeOf(cause),
      });
      return new Cosigning(options, undefined);
    }
  }

  /** Starts a round when the time has come. Never throws, never waits. */
  look(): void {
    if (this.#asked.length === 0 || this.#ended.signal.aborted) return;
    if (this.#round !== undefined || this.#timer !== undefined) return;
    const now = Date.now();
    const due = this.#asked.filter(({ known }) => known < this.#options.leader.checkpoint().size);
    if (due.length === 0) return;
    const next = Math.max(
      this.#lastRound + this.#pace.every,
      Math.min(...due.map(({ notBefore }) => notBefore)),
    );
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        void this.#start();
      },
      Math.max(0, next - now),
    );
    this.#timer.unref();
  }

  /** The latest checkpoint that cosigners signed, with their signatures. */
  latest(): string | undefined {
    return this.#kept?.note;
  }

  /** The view with the latest cosigned checkpoint that it contains. */
  besides({ transcript, consistency }: View): CosignedView {
    const view = { transcript, consistency };
    if (this.#kept === undefined) return view;
    const { size: whole } = parseCheckpoint(
      parseNote(transcriptOf(view.transcript).checkpoint).text,
    );
    const { size, note } = this.#kept;
    if (size > whole) return view;
    const proof = this.#options.leader.consistencyProof(size, whole).map(base64);
    return { ...view, cosigned: { v: 'halligan/cosigned/v1', checkpoint: note, proof } };
  }

  /** Resolves once a checkpoint of at least that size is cosigned by as many as the policy needs, or nobody is left to wait for. */
  async covering(size: number, milliseconds: number): Promise<void> {
    const patience = AbortSignal.timeout(milliseconds);
    const covered = () => (this.#kept?.size ?? 0) >= size && this.#isEnough(this.#kept);
    while (!covered() && this.#keys().length > 0 && !patience.aborted) {
      const awake = this.#asked.some(
        ({ failures, known }) => failures === 0 && (known < size || this.#round !== undefined),
      );
      if (!awake) return;
      await Promise.race([this.#start(), this.#arrival.promise, aborted(patience)]);
    }
  }

  /** Asks nobody any more, and waits for what is being written. */
  async stop(): Promise<void> {
    this.#ended.abort();
    clearTimeout(this.#timer);
    await this.#round;
    await this.#storing;
  }

  #start(): Promise<void> {
    this.#round ??= this.#run().finally(() => {
      this.#round = undefined;
      this.#lastRound = Date.now();
      this.look();
    });
    return this.#round;
  }

  async #run(): Promise<void> {
    const keys = this.#keys();
    if (keys.length === 0 || this.#ended.signal.aborted) {
      // Nobody is named whose signature could be checked: the next change may name somebody.
      for (const one of this.#asked) one.notBefore = Date.now() + this.#pace.every;
      return;
    }
    const checkpoint = await this.#options.leader.leaving();
    const lines: NoteSignature[] = [];
    await Promise.all(
      this.#asked
        .filter(({ notBefore, known }) => notBefore <= Date.now() && known < checkpoint.size)
        .map(async (one) => {
          try {
            lines.push(...(await this.#ask(one, checkpoint, keys)));
            one.known = checkpoint.size;
            one.failures = 0;
          } catch (cause) {
            this.#failed(one, cause);
            return;
          }
          await this.#keep(checkpoint, [...lines], keys);
        }),
    );
  }

  /** The signatures of the policy's cosigners that one gives. @throws where it gives none */
  async #ask(
    one: Asked,
    checkpoint: Checkpoint,
    keys: readonly string[],
  ): Promise<NoteSignature[]> {
    const { size, note } = checkpoint;
    const { leader } = this.#options;
    for (let tries = 0; tries < 2; tries += 1) {
      const oldSize = Math.min(one.known, size);
      const proof = oldSize === 0 ? [] : leader.consistencyProof(oldSize, size);
      const signal = AbortSignal.any([
        this.#ended.signal,
        AbortSignal.timeout(this.#pace.patience),
      ]);
      const said = await askCosigner(one.url, { oldSize, proof, note }, signal);
      if ('lines' in said) return cosignatures(note, said.lines, keys);
      // Asked from the very size that it named, it can only have another root there.
      if ('refused' in said || (tries > 0 && said.size === oldSize)) throw otherHistory(oldSize);
      if (said.size > size)
        throw new HalliganError(
          'cosigner.saw-more',
          `It has seen ${said.size} entries; this log has ${size}.`,
          'This server was rolled back, or restored from an old backup. Sign nothing; tell security.',
        );
      one.known = said.size;
    }
    throw new HalliganError('cosigner.answer', 'It contradicts itself.', 'Ask whoever runs it.');
  }

  #failed(one: Asked, cause: unknown): void {
    if (this.#ended.signal.aborted) return;
    one.failures += 1;
    one.notBefore =
      Date.now() + Math.min(this.#pace.longestWait, this.#pace.every * 2 ** one.failures);
    const words = cause instanceof HalliganError ? `${cause.code}: ${cause.message}` : 'failed';
    const level = ALARMS.has(codeOf(cause)) ? 'error' : 'warning';
    this.#options.log(level, 'cosigning', words, { cosigner: one.url });
  }

  /** Keeps the checkpoint with all that is signed so far, where that is worth more than what is kept. */
  #keep(
    { size, note }: Checkpoint,
    lines: readonly NoteSignature[],
    keys: readonly string[],
  ): Promise<void> {
    this.#storing = this.#storing.then(async () => {
      const { text, signatures } = parseNote(note);
      const both = formatNote({ text, signatures: [...signatures, ...lines] });
      const next: Kept = { size, note: both, signed: (await cosignedBy(both, keys)).length };
      if (next.signed === 0 || (this.#isEnough(this.#kept) && !this.#isEnough(next))) return;
      try {
        await writeFileDurably(fileOf(this.#options.home), utf8(both));
        this.#kept = next;
        this.#arrival.resolve();
        this.#arrival = Promise.withResolvers<void>();
      } catch {
        this.#options.log('error', 'cosigning', 'what was cosigned cannot be written');
      }
    });
    return this.#storing;
  }

  #isEnough(kept: Kept | undefined): boolean {
    const { state } = this.#options.leader;
    const need = state.policies[state.policy ?? '']?.cosigners.need ?? 0;
    return kept !== undefined && kept.signed >= Math.max(1, need);
  }

  /** The verifier keys that the policy in force names. */
  #keys(): readonly string[] {
    return cosignerKeys(this.#options.leader);
  }
}

function cosignerKeys({ state }: Pick<Leader, 'state'>): readonly string[] {
  return state.policies[state.policy ?? '']?.cosigners.of ?? [];
}

/** Of what a cosigner answered, the signatures by keys that are named. @throws `tlog.*`, `cosigner.answer` where there is none */
async function cosignatures(
  note: string,
  lines: string,
  keys: readonly string[],
): Promise<NoteSignature[]> {
  const { text } = parseNote(note);
  const answered = `${text}\n${lines}`;
  const verified = await verifySignatures(answered, keys);
  const signed = new Set(verified.signatures.map(({ name, keyId }) => `${name}+${keyId}`));
  const { signatures } = parseNote(answered);
  const known = signatures.filter(({ name, keyId }) => signed.has(`${name}+${keyId}`));
  if (known.length > 0) return known;
  throw new HalliganError(
    'cosigner.answer',
    'It signs with a key that the policy does not name.',
    'Compare its verifier keys with the policy’s cosigners.',
  );
}

function otherHistory(size: number): HalliganError {
  return new HalliganError(
    'cosigner.other-history',
    `It has signed another history: its first ${size} entries are not this log’s.`,
    'An old copy of the journal was put back and went on, or somebody else signs with the log’s key. Sign nothing; tell security; compare with what people’s devices saw.',
  );
}

function fileOf({ root }: Pick<ServerHome, 'root'>): string {
  return join(root, 'cosigned.note');
}

function codeOf(cause: unknown): string {
  return cause instanceof HalliganError ? cause.code : 'unreadable';
}

function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  signal.addEventListener('abort', () => resolve(), { once: true });
  return promise;
}
