import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { z } from 'zod';
import { row } from './bench/row.ts';

const runProgram = promisify(execFile);
const BENCH = join(import.meta.dirname, 'bench.ts');

const rowsSchema = z
  .array(
    z.strictObject({
      name: z.string().min(1),
      value: z.number().positive(),
      unit: z.enum(['per second', 'MB/s', 'ms', 's', 'MB', 'µs an event', 'calls']),
      best: z.number().positive(),
      runs: z.int().min(1),
      target: z.number().positive().exactOptional(),
      targetOf: z.literal('ratio').exactOptional(),
      ratio: z.number().positive().exactOptional(),
      ratioTo: z.string().exactOptional(),
      holds: z.boolean().exactOptional(),
    }),
  )
  .min(1);

test('the bench prints rows as data: named once, compared with rows of the same run and unit', async () => {
  const topics = ['journal', 'last-share'].flatMap((topic) => ['--only', topic]);
  const { stdout } = await runProgram(process.execPath, [BENCH, '--quick', '--json', ...topics]);
  const rows = rowsSchema.parse(JSON.parse(stdout));
  const named = new Map(rows.map((one) => [one.name, one]));
  assert.equal(named.size, rows.length);
  for (const one of rows) {
    assert.equal(one.holds === undefined, one.target === undefined, one.name);
    assert.equal(one.ratio === undefined, one.ratioTo === undefined, one.name);
    if (one.ratioTo === undefined) continue;
    const other = named.get(one.ratioTo);
    assert.equal(other?.unit, one.unit, one.name);
    assert.equal(one.ratio, one.value / (other?.value ?? 0), one.name);
  }
  assert.ok(rows.some(({ ratio }) => ratio !== undefined));
  assert.ok(named.get('last share to plaintext, hybrid')?.target !== undefined);
});

test('an unknown topic is refused, with those that there are', async () => {
  const asked = runProgram(process.execPath, [BENCH, '--only', 'weather']);
  await assert.rejects(asked, /no topic weather; there are journal, peers, verification, drill/);
});

test('a row holds the median, the best, and a target in the direction of its unit', () => {
  const slow = row({ name: 'slow', unit: 'ms', target: 5 }, [9, 3, 6]);
  assert.deepEqual(slow, {
    ...{ name: 'slow', value: 6, unit: 'ms', best: 3, runs: 3 },
    ...{ target: 5, holds: false },
  });
  const bare = row({ name: 'bare', unit: 'MB/s' }, [100]);
  const half = row({ name: 'half', unit: 'MB/s', target: 0.6, targetOf: 'ratio', to: bare }, [50]);
  assert.equal(half.ratio, 0.5);
  assert.equal(half.holds, false);
  assert.equal(row({ name: 'fast', unit: 'per second', target: 10 }, [10]).holds, true);
});

test('the document has a place for the measured table', () => {
  const text = readFileSync(join(import.meta.dirname, '../docs/performance.md'), 'utf8');
  assert.match(text, /<!-- measured -->\n[\s\S]*<!-- \/measured -->/);
});
