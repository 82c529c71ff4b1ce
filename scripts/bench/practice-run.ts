import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { transform } from 'esbuild';
import { z } from 'zod';

const PRACTICE = join(import.meta.dirname, '../../bin/practice.mjs');
const KEYS = join(import.meta.dirname, 'key-derivation.ts');

/** A whole practice run, as `npm run drill` does it. */
export interface PracticeRun {
  /** The data folder that it left. */
  readonly home: string;
  /** From the program's start to its end, milliseconds. */
  readonly whole: number;
  /** Milliseconds of each chapter of its story, in order; `founding` is what comes before the first. */
  readonly chapters: ReadonlyMap<string, number>;
  /** Every key derivation in any of its processes, milliseconds from call to answer. */
  readonly keys: readonly { readonly what: string; readonly ms: number }[];
}

const noteSchema = z.object({ what: z.string(), ms: z.number() });

/**
 * Founds a practice organisation, drills once, verifies the evidence, ends.
 * @param home where nothing is yet
 * @param keys `real`, or `cheap`: key derivation with the least work, as if it took no time
 */
export async function practiceRun(home: string, keys: 'real' | 'cheap'): Promise<PracticeRun> {
  const notes = `${home}.keys`;
  // Without its types: what strips them would be loaded into every process that is measured.
  const counting = `${home}.key-derivation.mjs`;
  const { code } = await transform(await readFile(KEYS, 'utf8'), { loader: 'ts' });
  await writeFile(counting, code);
  const started = performance.now();
  const child = spawn(process.execPath, ['--import', counting, PRACTICE, '--exit'], {
    env: {
      HALLIGAN_HOME: home,
      HALLIGAN_BENCH_KEYS: notes,
      ...(keys === 'cheap' ? { HALLIGAN_BENCH_KEYS_CHEAP: '1' } : {}),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const said = text(child.stderr);
  const chapters = new Map<string, number>();
  let chapter = 'Founding';
  let since = started;
  const turn = (next: string) => {
    const now = performance.now();
    chapters.set(chapter, now - since);
    chapter = next;
    since = now;
  };
  for await (const line of createInterface({ input: child.stdout })) {
    const title = /^ {2}(\p{Lu}[\p{L} ]+)$/u.exec(line)?.[1];
    if (title !== undefined && title !== 'Where things are' && title !== 'Try it') turn(title);
  }
  if ((await ended) !== 0) throw new Error(`the practice run failed: ${await said}`);
  turn('');
  const lines = existsSync(notes) ? (await readFile(notes, 'utf8')).trimEnd().split('\n') : [];
  return {
    home,
    whole: performance.now() - started,
    chapters,
    keys: lines.map((line) => noteSchema.parse(JSON.parse(line))),
  };
}
