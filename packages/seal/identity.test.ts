import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { sameBytes } from '@halligan/format';
import fc from 'fast-check';
import {
  generateIdentity,
  identityBytes,
  identityOfBytes,
  kindOfIdentity,
  kindOfRecipient,
  type RecipientKind,
  recipientOf,
} from './index.ts';
import { refused } from './refused.ts';

const KINDS: readonly RecipientKind[] = ['hybrid', 'x25519'];

test('an identity is 32 bytes and back, and says its kind', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...KINDS),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      (kind, bytes) => {
        const identity = identityOfBytes(kind, bytes);
        assert.ok(sameBytes(identityBytes(identity), bytes));
        assert.equal(kindOfIdentity(identity), kind);
      },
    ),
  );
});

test('two identities differ, and their recipients are of their kind', async () => {
  for (const kind of KINDS) {
    const identity = generateIdentity(kind);
    assert.notEqual(identity, generateIdentity(kind));
    assert.equal(kindOfRecipient(await recipientOf(identity)), kind);
  }
});

const keygen = spawnSync('age-keygen', ['--version']).error === undefined;

test('age-keygen reads our identity and names the same recipient', {
  skip: keygen ? false : 'age-keygen is not installed',
}, async () => {
  const identity = generateIdentity('x25519');
  const theirs = spawnSync('age-keygen', ['-y'], { input: `${identity}\n`, encoding: 'utf8' });
  assert.equal(theirs.stdout.trim(), await recipientOf(identity));
});

test('a mistyped identity is refused at every place, and never quoted', () => {
  const identity = generateIdentity('hybrid');
  for (let at = 0; at < identity.length; at += 1) {
    const wrong = `${identity.slice(0, at)}${identity[at] === 'Q' ? 'P' : 'Q'}${identity.slice(at + 1)}`;
    assert.throws(
      () => identityBytes(wrong),
      (error) => {
        assert.ok(!inspect(error).includes(identity.slice(-20, -8)), 'the error quotes the secret');
        return refused('seal.identity')(error);
      },
    );
  }
  const others = [
    '',
    identity.toLowerCase(),
    `${identity}\n`,
    identity.slice(0, -1),
    'Q'.repeat(9999),
  ];
  for (const wrong of others) assert.throws(() => identityBytes(wrong), refused('seal.identity'));
  assert.throws(() => identityOfBytes('hybrid', new Uint8Array(31)), refused('seal.identity'));
});

test('recipients that a seal must not depend on are refused', async () => {
  const recipient = await recipientOf(generateIdentity('x25519'));
  const swapped = recipient.replace(/.$/, (last) => (last === 'q' ? 'p' : 'q'));
  const plugin = 'age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t';
  const tag = 'age1tag1qt8lw0ual6avlwmwatk888yqnmdamm7xfd0wak53ut6elz5c4swx2yqdj4e';
  const secret = generateIdentity('x25519');
  for (const wrong of [
    '',
    swapped,
    recipient.toUpperCase(),
    plugin,
    tag,
    'ssh-ed25519 AAAA',
    secret,
  ]) {
    assert.throws(() => kindOfRecipient(wrong), refused('seal.recipient'), wrong);
  }
});
