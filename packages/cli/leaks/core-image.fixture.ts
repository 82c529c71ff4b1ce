import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';

const GCORE = '/usr/bin/gcore';
const MARK = 'AGE-SECRET-KEY-';
/** Letters after the mark of a hybrid identity, and some. */
const REST = 80;
const CHUNK = 8 << 20;

/** A core image of a process, or why there is none. */
export type CoreImage = { readonly path: string } | { readonly missing: string };

/** Writes a process's memory to a file, as `gcore` does. The process stands still as long as it takes. */
export function coreImage(pid: number, folder: string, name: string): CoreImage {
  if (!existsSync(GCORE)) return { missing: 'gdb is not installed (gcore)' };
  const prefix = join(folder, name);
  const done = spawnSync(GCORE, ['-o', prefix, String(pid)], { encoding: 'utf8' });
  const path = `${prefix}.${pid}`;
  if (done.status === 0 && existsSync(path)) return { path };
  return { missing: `gcore could not look at the process: ${done.stderr.trim().slice(-200)}` };
}

/** Every age identity in a file, whoever's, in capitals. */
export function identitiesIn(path: string): ReadonlySet<string> {
  const found = new Set<string>();
  const chunk = Buffer.alloc(CHUNK + REST);
  const file = openSync(path, 'r');
  try {
    for (let kept = 0; ; ) {
      const read = readSync(file, chunk, kept, CHUNK, null);
      const filled = kept + read;
      const bytes = chunk.subarray(0, filled);
      for (const mark of [MARK, MARK.toLowerCase()])
        for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + 1)) {
          const text = bytes.toString('latin1', at, at + MARK.length + REST).toUpperCase();
          const [identity] = /^AGE-SECRET-KEY-(PQ-)?1[02-9AC-HJ-NP-Z]{58}/.exec(text) ?? [];
          if (identity !== undefined) found.add(identity);
        }
      if (read === 0) return found;
      kept = Math.min(REST + MARK.length, filled, REST);
      chunk.copyWithin(0, filled - kept, filled);
    }
  } finally {
    closeSync(file);
  }
}
