/** What root enrols for people, through the program and a running agent. */
import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { program } from '../run.fixture.ts';
import { enrollingMachine } from './enrolling-machine.fixture.ts';

const { folder, socket, end } = await enrollingMachine();
after(end);

function device(...parameters: readonly string[]) {
  const places = ['--folder', join(folder, 'state'), '--socket', socket, '--json', '--no-input'];
  return program('halligan.ts', ['device', ...parameters, ...places]);
}

async function factors(...parameters: readonly string[]) {
  const { code, out, err } = await device(...parameters);
  assert.equal(code, 0, err);
  return JSON.parse(out);
}

const NOTHING = { totp: 'none', codes: 0, keys: [], pin: false, isRequired: false };

test('printed codes go to a file of one’s own or to a screen, and are counted', async () => {
  const file = join(folder, 'codes.txt');
  assert.deepEqual(await factors('factor', 'codes', 'ana', '--out', file), {
    ...{ ...NOTHING, codes: 10 },
  });
  assert.match(readFileSync(file, 'utf8'), /^(?:(?:\w{4}-){2}\w{4}\n){10}$/);
  assert.equal(statSync(file).mode & 0o077, 0);
  for (const out of [file, join(folder, 'nowhere', 'codes.txt')]) {
    const refused = await device('factor', 'codes', 'ana', '--out', out);
    assert.match(refused.err, /cli\.file/);
  }
  assert.deepEqual(await factors('factor', 'show', 'ana'), { ...NOTHING, codes: 10 });
  const nobodySees = await device('factor', 'codes', 'ana');
  assert.match(nobodySees.out + nobodySees.err, /cli\.no-terminal/);
  assert.deepEqual(await factors('factor', 'remove', 'ana', '--factor', 'codes'), NOTHING);
});

test('an authenticator counts once its code was given', async () => {
  const file = join(folder, 'uri.txt');
  await factors('factor', 'add-totp', 'ana', '--machine', 'desk', '--out', file);
  assert.match(
    readFileSync(file, 'utf8'),
    /^otpauth:\/\/totp\/desk:ana\?secret=[A-Z2-7]{32}&issuer=desk\n$/,
  );
  const wrong = join(folder, 'wrong.txt');
  writeFileSync(wrong, '12345\n');
  const { code, out } = await device('factor', 'confirm-totp', 'ana', '--code-file', wrong);
  assert.equal(code, 1);
  assert.match(out, /device\.code/);
  assert.equal((await factors('factor', 'show', 'ana')).totp, 'not confirmed');
});

test('a PIN is set, a factor required, and nobody is enrolled who is not known', async () => {
  const file = join(folder, 'pin.txt');
  writeFileSync(file, '135790\n');
  assert.equal((await factors('pin', 'set', 'ana', '--pin-file', file)).pin, true);
  assert.equal((await factors('pin', 'remove', 'ana')).pin, false);
  assert.equal((await factors('factor', 'require', 'ana')).isRequired, true);
  assert.equal((await factors('factor', 'require', 'ana', '--off')).isRequired, false);
  const { out } = await device('factor', 'show', 'eve');
  assert.match(out, /device\.nobody/);
  const { out: key } = await device('factor', 'add-key', 'ana', file);
  assert.match(key, /device\.credential/);
});
