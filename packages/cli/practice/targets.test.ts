import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { HalliganError } from '@halligan/format';
import { startTarget, TARGETS } from './targets.ts';

test('a system that cannot be started here leaves nothing behind', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'halligan-targets-'));
  const { PATH, TMPDIR } = process.env;
  t.after(async () => {
    process.env.PATH = PATH ?? '';
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
    await rm(folder, { recursive: true });
  });
  process.env.PATH = '/nonexistent';
  process.env.TMPDIR = folder;
  // OpenBao may be kept where no PATH leads.
  for (const kind of TARGETS.filter((one) => !['practice', 'openbao'].includes(one)))
    await assert.rejects(startTarget(folder, kind), (error) => {
      assert.ok(error instanceof HalliganError, `${kind}: ${error}`);
      // Some look for what they start by whole paths, and fail later.
      assert.match(error.code, /^systems\.(component-missing|[a-z]+-failed)$/, kind);
      return true;
    });
  assert.deepEqual(await readdir(folder), []);
});

test('a system of no known name is refused with the names', async () => {
  await assert.rejects(startTarget('/nonexistent', 'toString'), {
    code: 'practice.system',
    hint: `Use one of ${TARGETS.join(', ')}.`,
  });
});
