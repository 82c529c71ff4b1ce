/**
 * The examples of docs/formats are read by the programs that they document: a fenced block whose info string is
 * `json <kind>` is parsed by the parser of that kind. Kinds that stand elsewhere are tested where they are documented.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  canonicalBytes,
  digestOf,
  fromHex,
  type Json,
  openContainer,
  packContainer,
  readContainer,
  utf8,
} from '../packages/format/index.ts';
import { keepingOf } from '../packages/procedure/index.ts';
import {
  checkWords,
  decryptWith,
  generateIdentity,
  readKit,
  recipientOf,
  writeKit,
} from '../packages/seal/index.ts';
import { alertSchema } from '../packages/server/alerts/alert.ts';
import { wordsOfBits } from '../packages/slip39/index.ts';
import { rosterLinkOf } from '../packages/statement/index.ts';
import { documentNames, documentText, examplesOf } from './examples.ts';
import { READERS } from './hostile/documents.ts';

/** What reads an example, by the kind that its info string names. */
const readers: Readonly<Record<string, (example: Json) => unknown>> = {
  ...READERS,
  keeping: readKeeping,
  'container-manifest': readManifest,
  'kit-about': readKitAbout,
  alert: (example) => alertSchema.parse(example),
};

/** Documents whose examples are tested here, each with how many it must have. */
const documents: Readonly<Record<string, number>> = {
  'statement.md': 2,
  'custody.md': 8,
  'keeping.md': 3,
  'roster.md': 2,
  'journal.md': 1,
  'container.md': 1,
  'seal.md': 2,
  'kit.md': 2,
  'offline-record.md': 2,
  'opening-request.md': 2,
  'inventory.md': 6,
  'machine-reports.md': 9,
  'duty.md': 2,
  'alerts.md': 2,
  'by-hand.md': 5,
};

for (const document of documentNames()) {
  const examples = examplesOf(documentText(document)).filter(({ kind }) =>
    Object.hasOwn(readers, kind),
  );
  if (Object.hasOwn(documents, document)) {
    test(`${document} has its examples`, () =>
      assert.equal(examples.length, documents[document] ?? 0));
  }
  for (const [at, { kind, value }] of examples.entries()) {
    test(`${document}: example ${at + 1} is a ${kind}`, async () => {
      await readers[kind]?.(value);
    });
  }
}

test('every document that is tested here is there', () => {
  const found = documentNames();
  assert.deepEqual(
    Object.keys(documents).filter((name) => !found.includes(name)),
    [],
  );
});

test('the check words are those of the opening request', async () => {
  const document = documentText('opening-request.md');
  const [request] = examplesOf(document).filter(({ kind }) => kind === 'statement');
  assert.ok(request !== undefined);
  const words = await checkWords(canonicalBytes(request.value));
  assert.ok(document.includes(`above: \`${words.join(' ')}\``), words.join(' '));
});

test('the genesis words and the second link are those of the genesis', () => {
  const document = documentText('roster.md');
  const [genesis, second] = examplesOf(document).filter(({ kind }) => kind === 'roster-link');
  assert.ok(genesis !== undefined && second !== undefined);
  const digest = digestOf(genesis.value);
  const words = wordsOfBits(fromHex(digest), 13).join(' ');
  assert.ok(document.includes(`Its words: \`${words}\``), words);
  assert.equal(rosterLinkOf(second.value).previous, digest);
});

test('the digest of the seal is that of its header', () => {
  const document = documentText('seal.md');
  const [header] = examplesOf(document).filter(({ kind }) => kind === 'seal-header');
  assert.ok(header !== undefined && document.includes(digestOf(header.value)));
});

function readManifest(example: Json): void {
  const packed = packContainer(
    'evidence',
    new Map([
      ['a.txt', utf8('one\n')],
      ['b/c.txt', utf8('two\n')],
    ]),
  );
  assert.deepEqual(readContainer(packed).get('manifest.json'), canonicalBytes(example));
}

async function readKitAbout(example: Json): Promise<void> {
  const { organisation, created } = Object(example);
  const identity = generateIdentity('x25519');
  const kit = { organisation, createdAt: created, files: new Map([['runbook.md', utf8('…')]]) };
  const bytes = await writeKit(kit, [await recipientOf(identity)]);
  assert.equal((await readKit(bytes, identity)).organisation, organisation);
  const { files } = openContainer('kit', await decryptWith(identity, bytes, 'kit', 1 << 20));
  assert.deepEqual(files.get('kit.json'), canonicalBytes(example));
}

function readKeeping(example: Json): void {
  assert.ok(keepingOf(example, digestOf(example), Object(example).emergency), 'no such decision');
}
