import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8 } from '@halligan/format';
import { Decrypter, Encrypter, identityToRecipient, Stanza } from 'age-encryption';
import { decryptWith, encryptTo } from './age.ts';
import { hybridIdentity, hybridRecipient } from './hybrid.node.ts';
import { generateIdentity, recipientOf } from './identity.ts';

const PLAIN = utf8('the bytes of a share');

test('the platform’s hybrid keys are the library’s: its recipients, its files, and files for it', async () => {
  for (let turn = 0; turn < 8; turn += 1) {
    const identity = generateIdentity('hybrid');
    const recipient = await recipientOf(identity);
    assert.equal(recipient, await identityToRecipient(identity));

    const theirs = new Encrypter();
    theirs.addRecipient(recipient);
    assert.deepEqual(
      await decryptWith(identity, await theirs.encrypt(PLAIN), 'It', 1 << 16),
      PLAIN,
    );

    const library = new Decrypter();
    library.addIdentity(identity);
    assert.deepEqual(await library.decrypt(await encryptTo([recipient], PLAIN)), PLAIN);
  }
});

test('of many readers each finds their own part, and nobody else reads', async () => {
  const identities = Array.from({ length: 3 }, () => generateIdentity('hybrid'));
  const file = await encryptTo(await Promise.all(identities.map(recipientOf)), PLAIN);
  for (const identity of identities)
    assert.deepEqual(await decryptWith(identity, file, 'It', 1 << 16), PLAIN);
  await assert.rejects(decryptWith(generateIdentity('hybrid'), file, 'It', 1 << 16), {
    code: 'seal.wrong-key',
  });
});

test('a part of another shape is refused, one that was altered opens nothing, one of another kind is passed over', async () => {
  const identity = generateIdentity('hybrid');
  const fileKey = new Uint8Array(16).fill(7);
  const [made] = await hybridRecipient(await recipientOf(identity)).wrapFileKey(fileKey);
  if (made === undefined) assert.fail('a recipient makes one part');
  const [kind = '', share = ''] = made.args;
  const own = hybridIdentity(identity);
  assert.deepEqual(
    await own.unwrapFileKey([new Stanza(['X25519', share], made.body), made]),
    fileKey,
  );

  const altered = made.body.with(0, (made.body[0] ?? 0) ^ 1);
  assert.equal(await own.unwrapFileKey([new Stanza([kind, share], altered)]), null);
  for (const args of [
    [kind],
    [kind, share, share],
    [kind, `${share}A`],
    [kind, `${share.slice(0, -1)}=`],
    [kind, share.slice(4)],
  ])
    assert.throws(() => own.unwrapFileKey([new Stanza(args, made.body)]), { code: 'seal.damaged' });
  assert.throws(() => own.unwrapFileKey([new Stanza([kind, share], made.body.subarray(1))]), {
    code: 'seal.damaged',
  });
});
