import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { inspect } from 'node:util';
import { utf8, utf8Text } from '@halligan/format';
import { type Contoso, contoso } from './example.ts';
import {
  generateIdentity,
  openReleased,
  openShare,
  recipientOf,
  recoverCredential,
  recoveryWords,
  reencryptShare,
  type Seal,
  sealCredential,
  verifyShare,
} from './index.ts';
import { refused } from './refused.ts';

const ANA = { path: 'offline', group: 'keyholders', holder: 'ana' };
const BEN = { ...ANA, holder: 'ben' };
const EVA = { path: 'offline', group: 'executives', holder: 'eva' };
const ANA_STANDARD = { ...ANA, path: 'standard' };

let people: Contoso;
let seal: Seal;
let later: Seal;
let text: string;
before(async () => {
  people = await contoso('x25519');
  seal = await sealCredential(people.request);
  later = await sealCredential({ ...people.request, version: 8 });
  text = utf8Text(await open(ANA));
});

const open = (place: typeof ANA, of: Seal = seal) =>
  openShare({ ...place, seal: of, identity: people.identity(place.holder) });

test('a share says of what it is, and its words follow on a line of their own', () => {
  const [first, words, end] = text.split('\n');
  const id = seal.header.id;
  assert.equal(first, `halligan-share/v1 contoso bg-admin-01 7 ${id} offline keyholders ana`);
  assert.equal(words?.split(' ').length, 33);
  assert.equal(end, '');
  assert.deepEqual(verifyShare(utf8(text), seal.header), ANA);
});

test('a share of another seal, or of another version, is told apart', async () => {
  const other = await open(ANA, later);
  assert.throws(
    () => verifyShare(other, seal.header),
    refused('seal.other-seal', /version 7 of bg-admin-01/),
  );
  const same = await open(ANA, await sealCredential(people.request));
  assert.throws(() => verifyShare(same, seal.header), refused('seal.other-seal'));
  for (const [was, is] of [
    ['contoso', 'fabrikam'],
    ['bg-admin-01', 'bg-admin-02'],
    [' 7 ', ' 8 '],
  ] as const) {
    assert.throws(
      () => verifyShare(utf8(text.replace(was, is)), seal.header),
      refused('seal.other-seal'),
    );
  }
});

test('a share file of another seal that was put in place is told apart after decryption', async () => {
  const file = 'shares/offline/keyholders/ana.age';
  const swap = (from: string, of: Seal): Seal => ({
    ...seal,
    files: new Map([...seal.files, [file, of.files.get(from) ?? utf8('')]]),
  });
  await assert.rejects(open(ANA, swap(file, later)), refused('seal.other-seal'));
  const standard = swap('shares/standard/keyholders/ana.age', seal);
  await assert.rejects(open(ANA, standard), refused('seal.share-mismatch', /another share/));
});

test('recovery words where a share is asked for: alone, or in place of a share’s words', () => {
  const key = recoveryWords(people.identity('ana'));
  const [first = ''] = text.split('\n');
  for (const given of [
    key,
    `${key}\n`,
    key.toUpperCase(),
    `${first}\n${key}\n`,
    `halligan-share/v2 x\n${key}\n`,
  ]) {
    assert.throws(() => verifyShare(utf8(given), seal.header), refused('seal.key-not-share'));
  }
});

test('every changed byte of a share is noticed, and no error quotes a word of it', () => {
  const plaintext = utf8(text);
  const [, words = ''] = text.split('\n');
  for (let at = 0; at < plaintext.length; at += 1) {
    const changed = plaintext.map((byte, index) => (index === at ? byte ^ 1 : byte));
    assert.throws(
      () => verifyShare(changed, seal.header),
      (error) => {
        const shown = inspect(error, { depth: 9 });
        assert.ok(!shown.includes(words.slice(40, 60)), shown);
        return ['seal.share-mismatch', 'seal.other-seal', 'seal.version'].some((code) =>
          refused(code)(error),
        );
      },
      `byte ${at}`,
    );
  }
});

test('what is not a share, or of a version to come, is refused', () => {
  const [, words = ''] = text.split('\n');
  for (const given of [
    '',
    words,
    `${words}\n`,
    'x'.repeat(5000),
    text.slice(0, -1),
    `${text}\n`,
    text.replace(' ana', ''),
  ]) {
    assert.throws(() => verifyShare(utf8(given), seal.header), refused('seal.share-mismatch'));
  }
  assert.throws(
    () => verifyShare(new Uint8Array([0xff, 0xfe]), seal.header),
    refused('seal.share-mismatch'),
  );
  const v2 = utf8(text.replace('halligan-share/v1', 'halligan-share/v2'));
  assert.throws(() => verifyShare(v2, seal.header), refused('seal.version', /halligan-share\/v1/));
  const stranger = utf8(text.replace(' ana\n', ' mal\n'));
  assert.throws(
    () => verifyShare(stranger, seal.header),
    refused('seal.share-mismatch', /no such share/),
  );
  const bens = utf8(text.replace(' ana\n', ' ben\n'));
  assert.throws(() => verifyShare(bens, seal.header), refused('seal.share-mismatch', /ben/));
});

test('another person’s key, another kind of key, and a share that is none have their codes', async () => {
  await assert.rejects(
    openShare({ ...ANA, seal, identity: people.identity('ben') }),
    refused('seal.wrong-key', /ana\.age/),
  );
  await assert.rejects(
    openShare({ ...ANA, seal, identity: generateIdentity('hybrid') }),
    refused('seal.wrong-key'),
  );
  await assert.rejects(open({ ...ANA, holder: 'mal' }), refused('seal.no-such-share'));
  await assert.rejects(open({ ...ANA, path: '__proto__' }), refused('seal.no-such-share'));
});

test('a share file that was damaged on the way opens for nobody', async () => {
  const file = 'shares/offline/keyholders/ana.age';
  const whole = seal.files.get(file) ?? utf8('');
  const damaged = [0, 30, 80, 200, whole.length - 1].flatMap((at) => [
    whole.subarray(0, at),
    whole.map((byte, index) => (index === at ? byte ^ 1 : byte)),
  ]);
  for (const content of damaged) {
    const hurt = { ...seal, files: new Map([...seal.files, [file, content]]) };
    await assert.rejects(
      open(ANA, hurt),
      (error) =>
        refused('seal.damaged', /ana\.age/)(error) || refused('seal.wrong-key', /ana\.age/)(error),
    );
  }
  const huge = { ...seal, files: new Map([...seal.files, [file, new Uint8Array(1 << 20)]]) };
  await assert.rejects(open(ANA, huge), refused('seal.too-large', /ana\.age/));
  await assert.rejects(
    open(ANA, { ...seal, files: new Map() }),
    refused('seal.damaged', /missing/),
  );
});

test('a false share names its sender, whatever is false about it', async () => {
  const oneTime = generateIdentity('x25519');
  const recipient = await recipientOf(oneTime);
  const good = await open(ANA);
  const released = await reencryptShare(good, recipient);
  assert.deepEqual(await openReleased(released, oneTime, seal.header, ANA), good);

  const [first = '', words = ''] = text.split('\n');
  const others = words.split(' ').toReversed().join(' ');
  const stale = await reencryptShare(good, await recipientOf(generateIdentity('x25519')));
  const falsified: readonly (readonly [string, Uint8Array])[] = [
    ['invented words', await reencryptShare(utf8(`${first}\n${others}\n`), recipient)],
    ['the share of another holder', await reencryptShare(await open(BEN), recipient)],
    ['the share of another path', await reencryptShare(await open(ANA_STANDARD), recipient)],
    ['the share of another seal', await reencryptShare(await open(ANA, later), recipient)],
    [
      'recovery words',
      await reencryptShare(utf8(recoveryWords(people.identity('ana'))), recipient),
    ],
    ['another request’s recipient', stale],
    ['a cut', released.subarray(0, -1)],
    ['nothing', utf8('')],
    ['a flood', new Uint8Array(1 << 20)],
  ];
  for (const [what, ciphertext] of falsified) {
    await assert.rejects(openReleased(ciphertext, oneTime, seal.header, ANA), (error) => {
      const shown = inspect(error, { depth: 9 });
      assert.ok(!shown.includes(words.slice(40, 60)) && !shown.includes(oneTime), what);
      return refused('seal.false-share', /share of ana/)(error);
    });
  }
  await assert.rejects(reencryptShare(good, 'age1nobody'), refused('seal.recipient'));
});

test('too few shares: the message says who is missing, and of which group', async () => {
  const shares = [await open(ANA)];
  const recover = (path: string, plaintexts: readonly Uint8Array[]) =>
    recoverCredential({ seal, path, shares: plaintexts });
  const says =
    /offline needs 1 more of keyholders \(ben, cid\) and 1 more of executives \(eva, fay\)/;
  await assert.rejects(recover('offline', shares), refused('seal.too-few', says));
  await assert.rejects(recover('offline', [...shares, ...shares]), refused('seal.too-few', says));
  await assert.rejects(
    recover('offline', [...shares, await open(BEN)]),
    refused('seal.too-few', /executives/),
  );
  await assert.rejects(recover('offline', []), refused('seal.too-few', /2 more of keyholders/));
  await assert.rejects(recover('none', []), refused('seal.no-such-path'));
});

test('shares of two paths do not add up, and shares of two seals neither', async () => {
  const shares = [await open(ANA_STANDARD), await open(BEN), await open(EVA)];
  await assert.rejects(
    recoverCredential({ seal, path: 'offline', shares }),
    refused('seal.other-path', /ana/),
  );
  const mixed = [await open(ANA, later), await open(BEN), await open(EVA)];
  await assert.rejects(
    recoverCredential({ seal, path: 'offline', shares: mixed }),
    refused('seal.other-seal'),
  );
});

test('more than enough shares are fine; a missing or exchanged credential is not', async () => {
  const shares: Uint8Array[] = [];
  for (const holder of ['ana', 'ben', 'cid']) shares.push(await open({ ...ANA, holder }));
  for (const holder of ['eva', 'fay']) shares.push(await open({ ...EVA, holder }));
  const recover = (of: Seal) => recoverCredential({ seal: of, path: 'offline', shares });
  assert.match(utf8Text(await recover(seal)), /bg-admin-01@contoso/);
  const others = later.files.get('credential.age') ?? utf8('');
  const exchanged = { ...seal, files: new Map([...seal.files, ['credential.age', others]]) };
  await assert.rejects(recover(exchanged), refused('seal.wrong-key', /credential\.age/));
  await assert.rejects(
    recover({ ...seal, files: new Map() }),
    refused('seal.damaged', /credential\.age/),
  );
  const header = { ...seal.header, recipient: later.header.recipient };
  await assert.rejects(recover({ ...seal, header }), refused('seal.damaged', /another key/));
});
