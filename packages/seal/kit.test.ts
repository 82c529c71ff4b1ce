import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { canonicalBytes, packContainer, utf8 } from '@halligan/format';
import { encryptTo } from './age.ts';
import { type Contoso, contoso } from './example.ts';
import {
  generateIdentity,
  type Kit,
  parseSeal,
  readKit,
  recipientOf,
  type Seal,
  sealCredential,
  writeKit,
} from './index.ts';
import { refused } from './refused.ts';

let people: Contoso;
let seal: Seal;
let kit: Kit;
let recipients: readonly string[];
before(async () => {
  people = await contoso('hybrid');
  seal = await sealCredential(people.request);
  recipients = ['ana', 'ben', 'cid', 'eva'].map((holder) => people.recipients.get(holder) ?? '');
  const seals = [...seal.files].map(([name, bytes]): [string, Uint8Array] => [
    `seals/bg-admin-01/7/${name}`,
    bytes,
  ]);
  kit = {
    organisation: 'contoso',
    createdAt: '2026-03-01T09:30:00Z',
    files: new Map([
      ['checkpoint.txt', utf8('contoso\n1\n')],
      ['inventory.json', utf8('{}')],
      ['policy.json', utf8('{}')],
      ['roster.json', utf8('{}')],
      ['runbook.md', utf8('# When everything is down\n')],
      ...seals,
    ]),
  };
});

test('every custodian and executive opens the kit, and the seal in it is whole', async () => {
  const bytes = await writeKit(kit, [...recipients, ...recipients]);
  for (const holder of ['ana', 'ben', 'cid', 'eva']) {
    const opened = await readKit(bytes, people.identity(holder));
    assert.deepEqual({ ...kit, digest: opened.digest }, opened);
    const prefix = 'seals/bg-admin-01/7/';
    const files = [...opened.files]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, content]): [string, Uint8Array] => [name.slice(prefix.length), content]);
    assert.equal(parseSeal(new Map(files)).digest, seal.digest);
  }
});

test('nobody else does, and nothing of it shows', async () => {
  const bytes = await writeKit(kit, recipients);
  await assert.rejects(readKit(bytes, people.identity('server')), refused('seal.wrong-key', /kit/));
  assert.ok(!Buffer.from(bytes).toString('latin1').includes('runbook.md'));
});

test('a damaged kit is refused', async () => {
  const bytes = await writeKit(kit, recipients);
  const ana = people.identity('ana');
  for (let at = 0; at < bytes.length; at += 997) {
    const flipped = bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));
    await assert.rejects(
      readKit(flipped, ana),
      (error) => refused('seal.damaged')(error) || refused('seal.wrong-key')(error),
    );
    await assert.rejects(readKit(bytes.subarray(0, at), ana), refused('seal.damaged'));
  }
});

test('a container of another kind, another version, or without its own page is refused', async () => {
  const ana = people.identity('ana');
  const [mine = ''] = recipients;
  const about = { v: 'halligan/kit/v1', organisation: 'contoso', created: '2026-03-01T09:30:00Z' };
  const forged = (type: 'kit' | 'seal', files: readonly [string, Uint8Array][]) =>
    encryptTo([mine], packContainer(type, new Map(files)));
  const kitJson = (change: object): [string, Uint8Array] => [
    'kit.json',
    canonicalBytes({ ...about, ...change }),
  ];

  await readKit(await forged('kit', [kitJson({})]), ana);
  await assert.rejects(
    readKit(await forged('seal', [kitJson({})]), ana),
    refused('format.container-type'),
  );
  await assert.rejects(
    readKit(await forged('kit', [kitJson({ v: 'halligan/kit/v2' })]), ana),
    refused('seal.version'),
  );
  await assert.rejects(
    readKit(await forged('kit', [kitJson({ more: 1 })]), ana),
    refused('seal.kit', /shape/),
  );
  await assert.rejects(readKit(await forged('kit', []), ana), refused('seal.kit', /missing/));
});

test('a kit without recipients, with mixed ones, or with names of its own is not written', async () => {
  const classic = await recipientOf(generateIdentity('x25519'));
  await assert.rejects(writeKit(kit, []), refused('seal.kit', /nobody/));
  await assert.rejects(writeKit(kit, [...recipients, classic]), refused('seal.mixed-recipients'));
  await assert.rejects(writeKit(kit, ['age1']), refused('seal.recipient'));
  await assert.rejects(writeKit({ ...kit, createdAt: 'now' }, recipients), refused('seal.kit'));
  await assert.rejects(writeKit({ ...kit, organisation: 'A B' }, recipients), refused('seal.kit'));
  const own = new Map([['kit.json', utf8('')]]);
  await assert.rejects(
    writeKit({ ...kit, files: own }, recipients),
    refused('seal.kit', /kit\.json/),
  );
});
