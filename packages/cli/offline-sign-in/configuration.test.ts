import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { program } from '../run.fixture.ts';

const folder = await mkdtemp(join(tmpdir(), 'halligan-device-'));
after(() => rm(folder, { recursive: true }));

async function config(name: string, content?: string | Uint8Array, ...more: readonly string[]) {
  const file = join(folder, name);
  if (content !== undefined) await writeFile(file, content);
  const ended = await program('halligan.ts', ['device', 'config', '--config', file, ...more]);
  return { ...ended, file };
}

test('device config prints what was understood, and from which file', async () => {
  const text = '[offline_breakglass]\nenabled = true\nttl = 90m\n';
  const { code, out, file } = await config('device.conf', text, '--json');
  assert.equal(code, 0);
  const { enabled, ttlSeconds, maxTtlSeconds, file: from } = JSON.parse(out);
  assert.deepEqual([enabled, ttlSeconds, maxTtlSeconds, from], [true, 5400, 2_592_000, file]);
  const theirs = await config('himmelblau.conf', `[global]\nsomething\n${text}`);
  assert.match(theirs.out, /^enabled +true\nttl +5400 s\n/);
  assert.match(theirs.out, /^from +.*himmelblau\.conf$/m);
});

test('device config says what is wrong by file and line, and fails', async () => {
  const { code, err, out, file } = await config('device.conf', '[offline_breakglass]\nttl = off\n');
  assert.equal(code, 1);
  assert.equal(out, '');
  assert.ok(err.includes(`${file}, line 2: ttl is no time`), err);
  assert.match(err, /device\.config/);
});

test('a named file that is not there, or no text, is an error and no default', async () => {
  const missing = await config('missing.conf');
  assert.equal(missing.code, 1);
  assert.match(missing.err, /device\.config/);
  const binary = await config('binary.conf', Uint8Array.of(0xff, 0xfe, 0));
  assert.equal(binary.code, 1);
  assert.match(binary.err, /device\.config/);
});
