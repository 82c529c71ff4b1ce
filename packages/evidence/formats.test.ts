import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { canonicalBytes, fromBase64, type Json, utf8Text } from '@halligan/format';
import { verifyConsistency } from '@halligan/tlog';
import { contoso } from './contoso.fixture.ts';
import { wholeEmergency } from './emergency.fixture.ts';
import {
  judgeReleaseCase,
  openPack,
  provenGroups,
  REPORT_VERSION,
  transcriptOf,
  verifyCheckpoint,
} from './index.ts';
import { logKeys, ORIGIN } from './memory-record.fixture.ts';

/** The examples of docs/formats that belong to this room are read by what they document. */

const folder = join(import.meta.dirname, '..', '..', 'docs', 'formats');

function text(name: string): string {
  return readFileSync(join(folder, name), 'utf8');
}

function example(name: string, kind: string): Json {
  const [, block] = new RegExp(`^\`\`\`json ${kind}\\n(.*?)^\`\`\`$`, 'ms').exec(text(name)) ?? [];
  assert.ok(block !== undefined, `${name} has an example of ${kind}`);
  return JSON.parse(block);
}

test('transcript.md: its transcript verifies under the key that it names', async () => {
  const transcript = transcriptOf(example('transcript.md', 'transcript'));
  assert.ok(text('transcript.md').includes(`\`${logKeys.verifier}\``));
  const anchor = await verifyCheckpoint(transcript.checkpoint, logKeys.verifier, ORIGIN);
  const groups = provenGroups(transcript, anchor);
  assert.deepEqual(
    groups.map(({ index }) => index),
    [1],
  );
});

test('release-case.md: its case is verified up to the genesis, which one entry does not hold', async () => {
  const json = example('release-case.md', 'release-case');
  const [, root = ''] = /with the root `([0-9a-f]{64})`/.exec(text('release-case.md')) ?? [];
  const pins = {
    organisation: 'contoso',
    origin: ORIGIN,
    logKey: logKeys.verifier,
    genesis: '',
    seen: { size: 1, root },
    holder: 'ben',
  };
  const now = '2026-03-02T15:02:00Z';
  await assert.rejects(judgeReleaseCase(json, pins, now), { code: 'evidence.genesis' });
  const forked = { ...pins, seen: { size: 1, root: 'ab'.repeat(32) } };
  await assert.rejects(judgeReleaseCase(json, forked, now), { code: 'tlog.consistency' });
});

test('evidence-pack.md: pack.json, seen.json and the files are those of a pack', async () => {
  const record = await contoso();
  const { facts, files } = openPack(await record.pack(await wholeEmergency(record)));
  const shown = example('evidence-pack.md', 'pack-facts');
  assert.deepEqual(shown, {
    ...facts,
    emergency: Object(shown).emergency,
    paper: 'halligan/paper/v3',
  });
  assert.equal(facts.report, REPORT_VERSION);
  const names = [...files.keys()].map((name) =>
    name.replace(/^attachments\/.*/, 'attachments/<digest>.json').replace(/\d/, '<version>'),
  );
  const listed = [...text('evidence-pack.md').matchAll(/^\| `([^`]*)` \|/gm)].map(([, one]) => one);
  // Only where somebody cosigned: cosigned.test.ts has packs with it.
  assert.deepEqual([...new Set([...names, 'cosigned.json'])].sort(), listed.sort());
  const transcript = transcriptOf(example('transcript.md', 'transcript'));
  const anchor = await verifyCheckpoint(transcript.checkpoint, logKeys.verifier, ORIGIN);
  for (const { size, root, proof } of Object(example('evidence-pack.md', 'seen')))
    verifyConsistency({
      size1: size,
      size2: anchor.size,
      proof: proof.map(fromBase64),
      root1: Uint8Array.fromHex(root),
      root2: anchor.root,
    });
  assert.ok(utf8Text(canonicalBytes(shown)).startsWith('{"account":"bg-admin-1"'));
});
