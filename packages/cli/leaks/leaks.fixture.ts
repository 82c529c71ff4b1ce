import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { spellings } from './spellings.fixture.ts';

/** A secret that must be nowhere. */
export interface Secret {
  readonly name: string;
  /** Texts and bytes, any of which gives it away. Each is 12 bytes or longer, so that none is met by chance. */
  readonly forms: readonly (string | Uint8Array)[];
}

/** Where a secret was found. */
export interface Leak {
  readonly secret: string;
  readonly spelling: string;
  readonly place: string;
}

/** What is looked for. */
interface Needle {
  readonly secret: string;
  readonly spelling: string;
  readonly bytes: Buffer;
}

/** Bytes; longer needles are looked for by their beginning. */
const LONGEST = 160;
const SHORTEST = 12;
/** Of the table of shifts: a million entries, of which 10,000 needles take a tenth. */
const TABLE_BITS = 20;
/** Bytes of a file that are looked at together. */
const CHUNK = 8 << 20;

/**
 * Looks for thousands of needles at once, by Wu and Manber's method (1994): by the three bytes that it looks at, a table
 * says how far it may go on without missing any needle.
 */
export class Search {
  /** Length of what is compared of each needle first: that of the shortest. */
  readonly #width: number;
  readonly #shifts: Uint8Array;
  /** By the three bytes at the end of the width, then by the first four: in UTF-16 many needles end alike. */
  readonly #ending = new Map<number, Map<number, Needle[]>>();

  constructor(secrets: readonly Secret[]) {
    const needles = secrets.flatMap(({ name, forms }) =>
      forms.flatMap((form) =>
        spellings(form).map(
          (one): Needle => ({
            secret: name,
            spelling: one.name,
            bytes: one.bytes.subarray(0, LONGEST),
          }),
        ),
      ),
    );
    this.#width = Math.min(255, ...needles.map(({ bytes }) => bytes.length));
    if (this.#width < SHORTEST) throw new Error('a secret is too short to be looked for');
    this.#shifts = new Uint8Array(1 << TABLE_BITS).fill(this.#width - 2);
    for (const needle of needles) this.#learn(needle);
  }

  #learn(needle: Needle): void {
    const { bytes } = needle;
    for (let last = 2; last < this.#width; last += 1) {
      const key = keyAt(bytes, last);
      const shift = this.#width - 1 - last;
      if (shift < (this.#shifts[key] ?? 0)) this.#shifts[key] = shift;
      if (shift === 0) {
        const alike = this.#ending.get(key) ?? new Map<number, Needle[]>();
        const first = bytes.readUInt32LE(0);
        alike.set(first, [...(alike.get(first) ?? []), needle]);
        this.#ending.set(key, alike);
      }
    }
  }

  /** Every secret in some bytes, each once. @param place what they are called */
  in(place: string, bytes: Uint8Array): readonly Leak[] {
    const found = new Map<string, Leak>();
    this.#look(place, bytes, found);
    return [...found.values()];
  }

  /** Every secret in a file, each once. It may be larger than memory. */
  inFile(path: string): readonly Leak[] {
    const found = new Map<string, Leak>();
    const chunk = Buffer.alloc(CHUNK + LONGEST);
    const file = openSync(path, 'r');
    try {
      let kept = 0;
      for (;;) {
        const read = readSync(file, chunk, kept, CHUNK, null);
        if (read === 0) return [...found.values()];
        const filled = kept + read;
        this.#look(path, chunk.subarray(0, filled), found);
        kept = Math.min(LONGEST, filled);
        chunk.copyWithin(0, filled - kept, filled);
      }
    } finally {
      closeSync(file);
    }
  }

  #look(place: string, bytes: Uint8Array, found: Map<string, Leak>): void {
    const hay = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const shifts = this.#shifts;
    let last = this.#width - 1;
    while (last < hay.length) {
      const key = keyAt(hay, last);
      const shift = shifts[key] ?? 0;
      if (shift === 0) {
        const start = last - this.#width + 1;
        for (const { secret, spelling, bytes: needle } of this.#ending
          .get(key)
          ?.get(hay.readUInt32LE(start)) ?? []) {
          const end = start + needle.length;
          if (end <= hay.length && hay.compare(needle, 0, needle.length, start, end) === 0)
            if (!found.has(secret)) found.set(secret, { secret, spelling, place });
        }
      }
      last += Math.max(shift, 1);
    }
  }
}

/** What stands for the three bytes that end there. Others may share it: that costs time, and misses nothing. */
function keyAt(bytes: Uint8Array, last: number): number {
  const three = ((bytes[last - 2] ?? 0) << 16) | ((bytes[last - 1] ?? 0) << 8) | (bytes[last] ?? 0);
  return Math.imul(three, 0x9e3779b1) >>> (32 - TABLE_BITS);
}

/** Looks for secrets, in all their spellings, in some bytes. */
export function leaksIn(
  place: string,
  bytes: Uint8Array,
  secrets: readonly Secret[],
): readonly Leak[] {
  return new Search(secrets).in(place, bytes);
}

export function leaksInFiles(
  files: readonly string[],
  secrets: readonly Secret[],
): readonly Leak[] {
  const search = new Search(secrets);
  return files.filter((file) => statSync(file).size > 0).flatMap((file) => search.inFile(file));
}
