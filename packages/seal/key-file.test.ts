import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { utf8, utf8Text } from '@halligan/format';
import { armor, Encrypter } from 'age-encryption';
import {
  generateIdentity,
  readKeyFile,
  recipientOf,
  unwrapIdentity,
  wrapIdentity,
  writeKeyFile,
} from './index.ts';
import { refused } from './refused.ts';

const QUICK = { workFactor: 4 };

test('a key file opens with its passphrase, and is text', async () => {
  for (const kind of ['hybrid', 'x25519'] as const) {
    const identity = generateIdentity(kind);
    const file = await writeKeyFile(identity, 'five random words or more', QUICK);
    assert.match(utf8Text(file), /^-----BEGIN AGE ENCRYPTED FILE-----\n/);
    assert.ok(!utf8Text(file).includes(identity));
    assert.equal(await readKeyFile(file, 'five random words or more'), identity);
    assert.equal(
      await readKeyFile(armor.decode(utf8Text(file)), 'five random words or more'),
      identity,
    );
  }
});

test('a wrong passphrase says so and shows the way back', async () => {
  const file = await writeKeyFile(generateIdentity('hybrid'), 'Right', QUICK);
  for (const wrong of ['right', 'Right ', '']) {
    await assert.rejects(readKeyFile(file, wrong), (error) => {
      assert.match(inspect(error), /recovery words/);
      return refused('seal.passphrase')(error);
    });
  }
  await assert.rejects(
    writeKeyFile(generateIdentity('hybrid'), '', QUICK),
    refused('seal.passphrase'),
  );
});

test('an é composed on one keyboard is the é of another', async () => {
  const identity = generateIdentity('x25519');
  const file = await writeKeyFile(identity, 'caf\u00e9', QUICK);
  assert.equal(await readKeyFile(file, 'cafe\u0301'), identity);
});

test('a key file that age-keygen and age -p made is read, comments and all', async () => {
  const identity = generateIdentity('x25519');
  const encrypter = new Encrypter();
  encrypter.setScryptWorkFactor(4);
  encrypter.setPassphrase('pass');
  const made = await encrypter.encrypt(
    utf8(`# created: 2026-01-01\n# public key: age1…\n${identity}\n`),
  );
  assert.equal(await readKeyFile(made, 'pass'), identity);
  const two = await encrypter.encrypt(utf8(`${identity}\n${identity}\n`));
  await assert.rejects(readKeyFile(two, 'pass'), refused('seal.key-file'));
  const none = await encrypter.encrypt(utf8('my diary'));
  await assert.rejects(readKeyFile(none, 'pass'), (error) => {
    assert.ok(!inspect(error).includes('diary'));
    return refused('seal.key-file')(error);
  });
});

test('a damaged key file never opens, whichever byte was damaged', async () => {
  const file = armor.decode(
    utf8Text(await writeKeyFile(generateIdentity('x25519'), 'pass', { workFactor: 1 })),
  );
  for (let at = 0; at < file.length; at += 1) {
    const flipped = file.map((byte, index) => (index === at ? byte ^ 1 : byte));
    await assert.rejects(
      readKeyFile(flipped, 'pass'),
      (error) => refused('seal.key-file')(error) || refused('seal.passphrase')(error),
      `byte ${at}`,
    );
  }
  for (const size of [0, 3, 20, 100, file.length - 1]) {
    await assert.rejects(readKeyFile(file.subarray(0, size), 'pass'), refused('seal.key-file'));
  }
  await assert.rejects(readKeyFile(new Uint8Array(1 << 20), 'pass'), refused('seal.key-file'));
  await assert.rejects(readKeyFile(utf8('not a key'), 'pass'), refused('seal.key-file'));
});

test('a one-time identity on disk opens with its owner’s key only', async () => {
  const [owner, other, oneTime] = [
    generateIdentity('hybrid'),
    generateIdentity('hybrid'),
    generateIdentity('hybrid'),
  ];
  const wrapped = await wrapIdentity(oneTime, await recipientOf(owner));
  assert.equal(await unwrapIdentity(wrapped, owner), oneTime);
  await assert.rejects(unwrapIdentity(wrapped, other), refused('seal.wrong-key'));
  await assert.rejects(unwrapIdentity(wrapped.subarray(0, -1), owner), refused('seal.damaged'));
  await assert.rejects(wrapIdentity('hello', await recipientOf(owner)), refused('seal.identity'));
  await assert.rejects(wrapIdentity(oneTime, 'age1'), refused('seal.recipient'));
  await assert.rejects(wrapIdentity(oneTime, owner), refused('seal.recipient'));
});
