import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { DESTRUCTION, GENERATORS, guidedSteps, PLATFORMS } from '../index.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/systems/by-hand.md'), 'utf8');

test('every platform has steps for each part, and none that does nothing on current systems', () => {
  for (const platform of PLATFORMS) {
    const { set, check, evict } = guidedSteps(platform, 'breakglass', '192.0.2.1');
    for (const part of [set, check, evict]) assert.ok(part.length > 0, platform);
    assert.doesNotMatch([...set, ...check, ...evict].join('\n'), /Membership|rm -P|srm /, platform);
  }
});

test('a name from the inventory stays a name in whatever shell the step is pasted into', () => {
  const name = "a'; rm -rf ~; '";
  assert.match(guidedSteps('linux', name, 'host').set.join(), /passwd 'a'\\''; rm -rf ~; '\\'''/);
  assert.match(guidedSteps('windows', name, 'host').set.join(), /-Name 'a''; rm -rf ~; '''/);
});

test('the generator of the guide gives 24 random bytes, and what destroys a file destroys it', () => {
  const [program = '', ...parameters] = GENERATORS.posix.split(' ');
  const made = execFileSync(program, parameters, { encoding: 'utf8' });
  assert.equal(Buffer.from(made.trim(), 'base64').length, 24);
  const folder = mkdtempSync(join(tmpdir(), 'halligan-shred-'));
  try {
    const path = join(folder, 'secret');
    writeFileSync(path, 'secret');
    const [shredder = '', ...flags] = DESTRUCTION.linux[0].split(' ');
    execFileSync(shredder, [...flags.filter((one) => one !== 'FILE'), path]);
    assert.ok(!existsSync(path));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('docs/systems/by-hand.md shows the commands that the program shows', () => {
  for (const command of [
    GENERATORS.posix,
    GENERATORS.windows,
    DESTRUCTION.linux[0],
    DESTRUCTION.macos[0],
  ])
    assert.ok(page.includes(command), command);
});
