import { createHash } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HalliganError } from '@halligan/format';
import { removeUnfinished, streamDurably, syncFolder } from '@halligan/journal';
import { encryptStreamTo } from '@halligan/seal';
import { MOST_HEAD, readPlainHead } from '@halligan/statement';
import { Buckets } from '../http/rate.ts';
import type { Attached } from './attached.ts';

/** Bytes of content. */
export interface UploadLimits {
  readonly file: number;
  /** Of all large files of one emergency. */
  readonly emergency: number;
}

/** What somebody sends. */
export interface Sent {
  readonly subject: string;
  readonly digest: string;
  readonly person: string;
  /** Its plain form. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Bytes that the request announced. */
  readonly announced?: number;
}

/** How long what no statement names is kept, milliseconds. */
const KEPT = 24 * 3_600_000;
/** How often one person may begin. */
const RATE = { burst: 32, perSecond: 0.1 };
/** How many of one person's may be under way at once. */
const AT_ONCE = 4;
const NAME = /^([0-9a-f]{64})\.([0-9a-f]{64})\.([0-9a-f]{64})\.(\d{1,12})$/;

/** Bytes that came, and for how many there is room. */
interface Counted {
  bytes: number;
  held: number;
}

/** A file that waits for its statement. */
export interface Waiting extends Attached {
  readonly subject: string;
  readonly bytes: number;
  /** Its file's name, which says all of this. */
  readonly name: string;
}

/**
 * Large files that came in before the statement that names them. Each is encrypted to its emergency's key while it
 * arrives, a chunk at a time: the server's memory holds none, its disk no plaintext. A name in the folder stands for a
 * whole and durable file.
 */
export class Uploads {
  readonly #folder: string;
  readonly #limits: UploadLimits;
  readonly #recipient: (subject: string) => Promise<string>;
  readonly #buckets = new Buckets(RATE);
  readonly #waiting = new Map<string, Waiting>();
  /** Bytes under way by emergency, and uploads under way by person. */
  readonly #coming = new Map<string, number>();
  readonly #busy = new Map<string, number>();

  private constructor(
    folder: string,
    limits: UploadLimits,
    recipient: (subject: string) => Promise<string>,
  ) {
    this.#folder = folder;
    this.#limits = limits;
    this.#recipient = recipient;
  }

  /** Opens the folder, which exists; what was cut off in it is removed. @param recipient of an emergency's key */
  static async open(
    folder: string,
    limits: UploadLimits,
    recipient: (subject: string) => Promise<string>,
  ): Promise<Uploads> {
    await removeUnfinished(folder);
    const uploads = new Uploads(folder, limits, recipient);
    for (const name of await readdir(folder)) uploads.#remember(name);
    return uploads;
  }

  /**
   * Takes in a file, durable when this resolves. Sent again, or twice at once, it is kept once.
   * @param kept bytes of large files that the record of this emergency names already
   * @throws `server.too-large` as soon as a limit is passed, `server.attachment-digest`, `statement.attachment`,
   *   `server.cut-off`, `server.rate`, `server.busy`, `server.erased`; nothing of it stays then
   */
  async receive(sent: Sent, kept: number, now = Date.now()): Promise<void> {
    const { subject, person, announced = 0 } = sent;
    this.#buckets.take(person, now);
    this.#requireRoom(subject, kept, announced - MOST_HEAD);
    const busy = this.#busy.get(person) ?? 0;
    if (busy >= AT_ONCE) throw tooMany();
    this.#busy.set(person, busy + 1);
    // What was announced has its room from here on: of two that do not both fit, the first does.
    const counted = { bytes: 0, held: announced };
    add(this.#coming, subject, announced);
    try {
      await this.#store(sent, kept, counted);
    } finally {
      add(this.#coming, subject, -counted.held);
      add(this.#busy, person, -1);
    }
  }

  /** What waits for the statement that names it. */
  find(subject: string, digest: string): Waiting | undefined {
    return this.#waiting.get(keyOf(subject, digest));
  }

  /** Where the ciphertext of one lies. */
  pathOf({ name }: Waiting): string {
    return join(this.#folder, name);
  }

  /** Forgets what the record names now. */
  async settle(named: readonly Waiting[]): Promise<void> {
    for (const one of named) await this.#drop(one);
  }

  /** Forgets all of an emergency whose texts are erased. */
  async erase(subject: string): Promise<void> {
    await this.settle([...this.#waiting.values()].filter((one) => one.subject === subject));
  }

  /**
   * Forgets what no statement named within a day.
   * @returns the blobs that a server may have made of them before it was killed: each belongs to its upload alone
   */
  async sweep(now: number): Promise<readonly Waiting[]> {
    const swept: Waiting[] = [];
    for (const one of [...this.#waiting.values()]) {
      const { mtimeMs } = await stat(this.pathOf(one)).catch(() => ({ mtimeMs: 0 }));
      if (now - mtimeMs < KEPT) continue;
      await this.#drop(one);
      swept.push(one);
    }
    return swept;
  }

  async #store(sent: Sent, kept: number, counted: Counted): Promise<void> {
    const { subject, digest } = sent;
    const recipient = await this.#recipient(subject);
    const plainHash = createHash('sha256');
    const blobHash = createHash('sha256');
    const head = new Head();
    const count = async function* (this: Uploads) {
      for await (const chunk of wholeOf(sent.body)) {
        counted.bytes += chunk.length;
        if (counted.bytes > counted.held) {
          add(this.#coming, subject, counted.bytes - counted.held);
          counted.held = counted.bytes;
        }
        this.#requireRoom(subject, kept, 0, counted.bytes - head.size);
        head.take(chunk);
        plainHash.update(chunk);
        yield chunk;
      }
      head.end();
    };
    const encrypted = await encryptStreamTo([recipient], count.call(this));
    const hashed = async function* () {
      for await (const chunk of encrypted) {
        blobHash.update(chunk);
        yield chunk;
      }
    };
    let name = '';
    await streamDurably(this.#folder, hashed(), () => {
      if (plainHash.digest('hex') !== digest) throw otherDigest();
      const bytes = counted.bytes - head.size;
      name = `${subject}.${digest}.${blobHash.digest('hex')}.${bytes}`;
      return name;
    });
    if (this.find(subject, digest) === undefined) this.#remember(name);
    else await rm(join(this.#folder, name), { force: true });
  }

  /** @throws `server.too-large` */
  #requireRoom(subject: string, kept: number, announced: number, bytes = announced): void {
    const { file, emergency } = this.#limits;
    if (bytes > file) throw tooLarge('This file is', file);
    const waiting = [...this.#waiting.values()].filter((one) => one.subject === subject);
    const all = waiting.reduce((sum, one) => sum + one.bytes, kept) + Math.max(0, announced);
    if (all + (this.#coming.get(subject) ?? 0) > emergency + MOST_HEAD)
      throw tooLarge('All large files of this emergency together are', emergency);
  }

  #remember(name: string): void {
    const [, subject, digest, blob, bytes] = NAME.exec(name) ?? [];
    if (subject === undefined || digest === undefined || blob === undefined) return;
    this.#waiting.set(keyOf(subject, digest), {
      subject,
      digest,
      blob,
      bytes: Number(bytes),
      name,
    });
  }

  async #drop(one: Waiting): Promise<void> {
    this.#waiting.delete(keyOf(one.subject, one.digest));
    await rm(this.pathOf(one), { force: true });
    syncFolder(this.#folder);
  }
}

/** The head of a plain form, read while it arrives: what is none is refused before the rest is taken. */
class Head {
  #first = new Uint8Array();
  #start: number | undefined;

  /** Bytes before the content, as far as they are known. */
  get size(): number {
    return this.#start ?? 0;
  }

  /** @throws `statement.attachment` */
  take(chunk: Uint8Array): void {
    if (this.#start !== undefined) return;
    this.#first = Buffer.concat([this.#first, chunk.subarray(0, MOST_HEAD)]);
    if (this.#first.length >= MOST_HEAD) this.end();
  }

  /** @throws `statement.attachment` where it ended before its head did */
  end(): void {
    this.#start ??= readPlainHead(this.#first.subarray(0, MOST_HEAD)).start;
  }
}

/** @throws `server.cut-off` where the sender went away */
async function* wholeOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (cause) {
    throw new HalliganError(
      'server.cut-off',
      'The file did not come whole.',
      'Nothing of it was kept. Send it again.',
      { cause },
    );
  }
}

function add(counts: Map<string, number>, key: string, by: number): void {
  const now = (counts.get(key) ?? 0) + by;
  if (now > 0) counts.set(key, now);
  else counts.delete(key);
}

function keyOf(subject: string, digest: string): string {
  return `${subject}.${digest}`;
}

function tooLarge(what: string, limit: number): HalliganError {
  return new HalliganError(
    'server.too-large',
    `${what} larger than ${limit / (1 << 20)} MiB.`,
    'Nothing of it was kept. Split it or attach what matters of it; the limits stand in server.json, under attachments.',
  );
}

function otherDigest(): HalliganError {
  return new HalliganError(
    'server.attachment-digest',
    'What came is not what its digest names.',
    'Nothing of it was kept. Send it again; if this repeats, something on the way alters it: tell security.',
  );
}

function tooMany(): HalliganError {
  return new HalliganError(
    'server.busy',
    'You are sending several large files already.',
    'Wait until one of them has arrived.',
  );
}
