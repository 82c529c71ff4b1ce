import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { workAlone } from './alone.ts';

const HOLDER = `
  import { workAlone } from '${new URL('./alone.ts', import.meta.url).href}';
  workAlone(process.argv[1]);
  console.log('alone');
  process.stdin.resume();
`;

test('a rotator comes after the one that a killed server left, not beside it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'halligan-alone-'));
  const holder = spawn(process.execPath, ['--input-type=module', '-e', HOLDER, folder]);
  try {
    const [said] = await once(holder.stdout, 'data');
    assert.match(String(said), /alone/);
    assert.throws(() => workAlone(folder, 0), { code: 'server.busy' });
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    workAlone(folder, 0);
    assert.throws(() => workAlone(folder, 0), { code: 'server.busy' }, 'nobody else, from now on');
  } finally {
    holder.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  }
});
