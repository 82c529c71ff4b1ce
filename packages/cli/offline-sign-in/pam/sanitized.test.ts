/** The module under the sanitizers, against thousands of answers that a seed makes; and applications that do not answer. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ask, compiled } from '@halligan/device';
import { KIMS_CODES, Machine, missing } from './machine.fixture.ts';

const SANITIZERS = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all', '-g'];
const folder = mkdtempSync(join(tmpdir(), 'halligan-caller-'));
after(() => rmSync(folder, { recursive: true }));

/** What is missing to compile with these flags; false where nothing is. */
function skipFor(...flags: readonly string[]): string | false {
  const argv = ['-x', 'c', ...flags, '-o', join(folder, 'empty'), '-', '-lpam'];
  const input = '#include <security/pam_appl.h>\nint main(void) { return 0; }\n';
  return spawnSync('cc', argv, { input }).status === 0 ? false : `cc ${flags.join(' ')} is missing`;
}

/** Compiles the application. @returns the program */
function made(...flags: readonly string[]): string {
  const program = join(folder, `caller-${flags.length}`);
  const source = join(import.meta.dirname, 'caller.fixture.c');
  const warnings = ['-Wall', '-Wextra', '-Werror'];
  const argv = [...warnings, ...flags, '-pthread', '-o', program, source, '-lpam'];
  const done = spawnSync('cc', argv, { encoding: 'utf8' });
  assert.equal(done.status, 0, done.stderr);
  return program;
}

/** How an application does not answer: it fails, cannot now, gives nothing, gives no text. */
const WAYS = ['f', 'a', 'n', 't'];

test('of thousands of answers only a whole yes lets in, and no sanitizer has anything to say', {
  skip: skipFor(...SANITIZERS),
}, () => {
  const program = made(...SANITIZERS);
  const module = join(folder, 'pam_halligan.so');
  const socket = join(folder, 'agent.sock');
  const stacks = join(folder, 'stacks');
  writeFileSync(module, compiled(...SANITIZERS));
  mkdirSync(stacks);
  for (const name of ['fuzz', 'other'])
    writeFileSync(join(stacks, name), `auth required ${module} socket=${socket}\n`);
  for (const seed of ['1', '20261127']) {
    const argv = ['fuzz', stacks, socket, seed, '1500'];
    const done = spawnSync(program, argv, { encoding: 'utf8' });
    assert.equal(done.status, 0, `${done.stdout.slice(-2000)}${done.stderr.slice(-2000)}`);
    assert.match(done.stdout, /^[1-9]\d* of 1500 let in, 0 wrongly judged$/m);
    rmSync(socket);
  }
});

test('an application that does not answer lets nobody in, at the password nor at the second factor', {
  skip: missing(),
}, async (context) => {
  const machine = await Machine.start();
  context.after(() => machine.stop());
  const installed = await machine.halligan('pam', 'install', '--by', 'module');
  assert.equal(installed.code, 0, installed.out);
  const passwords = { kim: 'kims' };
  machine.behave({ isThere: true, passwords });
  await machine.startAgent();
  const [code = ''] = KIMS_CODES;
  const program = made();
  const caller = (how: string) =>
    machine.run([program, 'sign-in', 'sudo', 'kim', 'kims', how, code]);
  const online = await caller('y');
  assert.equal(online.code, 0, online.out);
  for (const how of WAYS) {
    const { code: end, out } = await caller(how.toUpperCase());
    assert.equal(end, 1, `${how}: ${out}`);
  }
  machine.behave({ isThere: false, passwords });
  await ask(machine.socket, { ask: 'breakglass', by: 'root', why: 'It is down.', ttlSeconds: 600 });
  for (const how of WAYS) {
    const { code: end, out } = await caller(how);
    assert.equal(end, 1, `${how}: ${out}`);
    assert.match(out, /Offline emergency sign-in/);
  }
  const answered = await caller('y');
  assert.equal(answered.code, 0, answered.out);
});
