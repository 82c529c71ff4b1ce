import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import {
  canonicalBytes,
  hex,
  type Json,
  parseCanonical,
  sha256,
  utf8,
  utf8Text,
} from '@halligan/format';
import { z } from 'zod';
import { type Contoso, CREDENTIAL, contoso } from './example.ts';
import {
  generateIdentity,
  openReleased,
  openShare,
  packSeal,
  parseCredential,
  parseSeal,
  parseSealToOpen,
  recipientOf,
  recoverCredential,
  reencryptShare,
  type Seal,
  type SealRequest,
  type SharePlace,
  sealCredential,
  unpackSeal,
  unpackSealToOpen,
} from './index.ts';
import { refused } from './refused.ts';

let people: Contoso;
let seal: Seal;
before(async () => {
  people = await contoso('x25519');
  seal = await sealCredential(people.request);
});

const quorum: readonly SharePlace[] = [
  { path: 'offline', group: 'keyholders', holder: 'ana' },
  { path: 'offline', group: 'keyholders', holder: 'cid' },
  { path: 'offline', group: 'executives', holder: 'fay' },
];

for (const kind of ['hybrid', 'x25519'] as const) {
  test(`${kind}: sealed, released to a one-time recipient by a quorum, opened`, async () => {
    const { request, identity } = await contoso(kind);
    const sealed = await sealCredential(request);
    const received = unpackSeal(packSeal(sealed), sealed.digest);

    const oneTime = generateIdentity(kind);
    const recipient = await recipientOf(oneTime);
    const shares: Uint8Array[] = [];
    for (const place of quorum) {
      const opened = await openShare({
        ...place,
        seal: received,
        identity: identity(place.holder),
      });
      const released = await reencryptShare(opened, recipient);
      shares.push(await openReleased(released, oneTime, received.header, place));
    }
    const credential = await recoverCredential({ seal: received, path: 'offline', shares });
    assert.deepEqual(parseCredential(credential), CREDENTIAL);
  });
}

test('seal.json has the members that the format lists, and names every file by its digest', () => {
  const bytes = seal.files.get('seal.json') ?? utf8('');
  const header = z.record(z.string(), z.unknown()).parse(parseCanonical(bytes));
  assert.deepEqual(Object.keys(header), [
    'account',
    'created',
    'digests',
    'id',
    'organisation',
    'paths',
    'policy',
    'recipient',
    'roster',
    'shares',
    'v',
    'version',
  ]);
  assert.equal(seal.digest, hex(sha256(bytes)));
  assert.deepEqual(
    [...seal.files.keys()].toSorted(),
    ['seal.json', ...Object.keys(seal.header.digests)].toSorted(),
  );
  assert.ok(seal.files.has('shares/offline/executives/fay.age'));
  assert.equal(seal.header.shares.length, 9);
});

test('two seals of one credential share neither id, nor recipient, nor commitments', async () => {
  const other = await sealCredential(people.request);
  assert.notEqual(other.header.id, seal.header.id);
  assert.notEqual(other.header.recipient, seal.header.recipient);
  const commitments = [...seal.header.shares, ...other.header.shares].map(
    (share) => share.commitment,
  );
  assert.equal(new Set(commitments).size, commitments.length);
});

test('no file of a seal shows the credential or a word of a share', () => {
  for (const [name, content] of seal.files) {
    const text = Buffer.from(content).toString('latin1');
    assert.ok(!text.includes('staple') && !text.includes('bg-admin-01@'), name);
    assert.ok(name === 'seal.json' || text.startsWith('age-encryption.org/v1\n'), name);
  }
});

test('every truncated and every missing file is named', () => {
  for (const [name, content] of seal.files) {
    for (const size of [0, 1, content.length >> 1, content.length - 1]) {
      const files = new Map([...seal.files, [name, content.subarray(0, size)]]);
      assert.throws(
        () => parseSeal(files),
        refused('seal.damaged', new RegExp(name)),
        `${name} ${size}`,
      );
    }
    const files = new Map(seal.files);
    files.delete(name);
    assert.throws(() => parseSeal(files), refused('seal.damaged', new RegExp(`${name}.*missing`)));
  }
});

test('to open, a damaged share stops its holder only, who is told; anything else stops everybody', async () => {
  const place = { path: 'offline', group: 'keyholders', holder: 'ana' };
  const file = 'shares/offline/keyholders/ana.age';
  const spoilt = new Map([...seal.files, [file, utf8('no share')]]);
  const opened = unpackSealToOpen(packSeal(parseSealToOpen(spoilt, seal.digest)), seal.digest);
  assert.equal(opened.files.has(file), false);
  assert.equal(opened.files.size, seal.files.size - 1);
  const identity = generateIdentity('x25519');
  await assert.rejects(
    openShare({ seal: opened, ...place, identity }),
    refused('seal.damaged', new RegExp(file)),
  );
  for (const name of ['credential.age', 'seal.json']) {
    const files = new Map([...seal.files, [name, utf8('no more')]]);
    assert.throws(() => parseSealToOpen(files, seal.digest), refused('seal.damaged'), name);
  }
  const stranger = new Map([...seal.files, ['shares/offline/keyholders/zoe.age', utf8('?')]]);
  assert.throws(() => parseSealToOpen(stranger, seal.digest), refused('seal.damaged'));
});

test('every flipped byte is noticed, in the encrypted files by themselves, in seal.json by its digest', () => {
  for (const [name, content] of seal.files) {
    for (let at = 0; at < content.length; at += name === 'seal.json' ? 1 : 7) {
      const flipped = content.map((byte, index) => (index === at ? byte ^ 1 : byte));
      const files = new Map([...seal.files, [name, flipped]]);
      const noticed = (error: unknown) =>
        refused('seal.damaged', new RegExp(name))(error) ||
        // Of seal.json another file's digest, or the version, may be what was hit.
        (name === 'seal.json' &&
          (refused('seal.damaged')(error) || refused('seal.version')(error)));
      assert.throws(() => parseSeal(files, seal.digest), noticed, `${name} ${at}`);
    }
  }
});

test('a file that is not part of the seal is refused', () => {
  const files = new Map([...seal.files, ['shares/offline/executives/mal.age', utf8('x')]]);
  assert.throws(() => parseSeal(files), refused('seal.damaged', /not part of it/));
});

test('another seal of the same account is not the one on record', async () => {
  const other = await sealCredential(people.request);
  assert.throws(() => parseSeal(other.files, seal.digest), refused('seal.damaged', /on record/));
  assert.throws(
    () => unpackSeal(packSeal(other), seal.digest),
    refused('seal.damaged', /on record/),
  );
});

test('a seal.json of another version, with unknown members, or that contradicts itself is refused', () => {
  const { v, ...header } = seal.header;
  const said: { readonly [name: string]: Json } = { v: 'halligan/seal/v1', ...header };
  const altered = (change: { readonly [name: string]: Json }) =>
    new Map([...seal.files, ['seal.json', canonicalBytes({ ...said, ...change })]]);
  const [first, ...others] = seal.header.shares;
  assert.ok(v !== undefined && first !== undefined);
  assert.equal(parseSeal(altered({})).digest, seal.digest);

  for (const unknown of ['halligan/seal/v2', 'halligan/seal/v1 ', '']) {
    assert.throws(
      () => parseSeal(altered({ v: unknown })),
      refused('seal.version', /halligan\/seal\/v1/),
    );
  }
  const contradictions: readonly { readonly [name: string]: Json }[] = [
    { v: 1 },
    { more: 'x' },
    { version: 0 },
    { version: '7' },
    { created: 'yesterday' },
    { id: 'AA'.repeat(16) },
    { recipient: 'age1x' },
    { paths: [] },
    { paths: seal.header.paths.slice(0, 1) },
    { shares: others },
    { shares: [...others, first] },
    { shares: [first, first, ...others.slice(1)] },
    { digests: {} },
    { digests: { ...seal.header.digests, '../x': 'aa'.repeat(32) } },
    { account: '../root' },
  ];
  for (const change of contradictions) {
    assert.throws(
      () => parseSeal(altered(change)),
      refused('seal.damaged', /seal\.json/),
      JSON.stringify(change),
    );
  }
  for (const junk of [
    '',
    '[]',
    'null',
    '{"v":"halligan/seal/v1"}',
    ' {}',
    '{"v":"halligan/seal/v2"} ',
  ]) {
    const files = new Map([...seal.files, ['seal.json', utf8(junk)]]);
    assert.throws(() => parseSeal(files), refused('seal.damaged', /seal\.json/), junk);
  }
});

test('what cannot be sealed is refused with its reason', async () => {
  const recipients = (...changes: readonly (readonly [string, string])[]) => ({
    recipients: new Map([...people.recipients, ...changes]),
  });
  const hybrid = await recipientOf(generateIdentity('hybrid'));
  const bens = people.recipients.get('ben') ?? '';
  const lost = new Map(people.recipients);
  lost.delete('fay');
  const cases: readonly (readonly [Partial<SealRequest>, string, RegExp])[] = [
    [recipients(['ana', hybrid]), 'seal.mixed-recipients', /hybrid .* x25519/],
    [{ kind: 'hybrid' }, 'seal.mixed-recipients', /x25519 .* hybrid/],
    [recipients(['ana', bens]), 'seal.same-recipient', /ana and ben/],
    [recipients(['ana', 'ssh-ed25519 AAAA']), 'seal.recipient', /recipient/],
    [{ recipients: lost }, 'seal.no-recipient', /fay/],
    [{ organisation: 'Contoso Ltd' }, 'seal.facts', /organisation/],
    [{ account: '..' }, 'seal.facts', /account/],
    [{ version: 0 }, 'seal.facts', /version/],
    [{ created: '2026-03-01' }, 'seal.facts', /created/],
    [{ policy: 'none' }, 'seal.facts', /policy/],
    [{ roster: '' }, 'seal.facts', /roster/],
    [{ paths: [] }, 'seal.paths', /paths/],
    [{ credential: { ...CREDENTIAL, password: '' } }, 'seal.credential', /password/],
  ];
  for (const [change, code, says] of cases) {
    await assert.rejects(
      sealCredential({ ...people.request, ...change }),
      refused(code, says),
      code,
    );
  }
});

test('what changes while it is being sealed does not change the seal', async () => {
  const recipients = new Map(people.recipients);
  const sealing = sealCredential({ ...people.request, recipients });
  recipients.set('ana', await recipientOf(generateIdentity('x25519')));
  const sealed = await sealing;
  const place = { path: 'offline', group: 'keyholders', holder: 'ana' };
  const opened = await openShare({ ...place, seal: sealed, identity: people.identity('ana') });
  assert.match(
    utf8Text(opened),
    /^halligan-share\/v1 contoso bg-admin-01 7 [0-9a-f]{32} offline keyholders ana\n([a-z]+ ){32}[a-z]+\n$/,
  );
});
