import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { withLock } from './lock.ts';

test('within one process, one at a time, also after one has failed', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'halligan-lock-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'lock.db');
  await assert.rejects(
    withLock(path, () => Promise.reject(new Error('on purpose'))),
    /on purpose/,
  );
  let inside = 0;
  const work = async () => {
    inside += 1;
    assert.equal(inside, 1);
    await pause(1);
    inside -= 1;
  };
  await Promise.all(Array.from({ length: 8 }, () => withLock(path, work)));
});

test('another process waits, and a holder that is killed leaves nothing to clean', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'halligan-lock-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'lock.db');
  const program = `
    import { withLock } from ${JSON.stringify(import.meta.resolve('./lock.ts'))};
    await withLock(${JSON.stringify(path)}, async () => {
      console.log('held');
      await new Promise(() => setInterval(() => undefined, 1000));
    });
  `;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => holder.kill('SIGKILL'));
  await once(holder.stdout, 'data');
  let entered = false;
  const waiting = withLock(path, async () => {
    entered = true;
  });
  await pause(50);
  assert.equal(entered, false);
  holder.kill('SIGKILL');
  await waiting;
  assert.equal(entered, true);
});
