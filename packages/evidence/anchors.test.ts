import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalBytes, fromHex } from '@halligan/format';
import { wordsOfBits } from '@halligan/slip39';
import { generateNoteKey } from '@halligan/tlog';
import { contoso } from './contoso.fixture.ts';
import { wholeEmergency } from './emergency.fixture.ts';
import { claimsThat, forgePack, resigned, verdictOf } from './forge.fixture.ts';
import { exitCodeOf, genesisOf, groupOf, openPack, verifyPack } from './index.ts';
import { logKeys, PRINTER } from './memory-record.fixture.ts';

const record = await contoso();
const emergency = await wholeEmergency(record);
const pack = await record.pack(emergency);
const groups = record.entries.map((bytes, index) => groupOf(index, bytes));
const words = wordsOfBits(fromHex(genesisOf(groups) ?? ''), 13);
const other = await generateNoteKey('log.example/contoso');

test('with both anchors, identity is proven', async () => {
  const anchors = {
    logKey: `${logKeys.verifier}\n`,
    genesisWords: words.map((word) => word.toUpperCase()),
  };
  const claims = await verifyPack(pack, anchors, PRINTER);
  assert.equal(exitCodeOf(claims), 0);
  const unproven = claimsThat(claims, 'NOT PROVEN');
  assert.deepEqual(unproven, ['nobody rewrote the 34 entries: the policy asks for no cosigner']);
});

test('without anchors, identity is not proven, and --strict fails', async () => {
  const claims = await verifyPack(pack);
  assert.equal(exitCodeOf(claims), 0);
  assert.equal(exitCodeOf(claims, true), 5);
  assert.equal(claims.filter(({ basis }) => basis === 'keys come from the pack').length, 2);
});

test('another log key, and other genesis words, fail', async () => {
  assert.match(await verdictOf(pack, { logKey: other.verifier }), /^5 evidence.log-key:/);
  const [first = '', ...rest] = words;
  assert.match(
    await verdictOf(pack, { genesisWords: [...rest, first] }),
    /^5 evidence.genesis: The roster begins with another genesis/,
  );
});

test('anchors that are none are the caller’s mistake, not the pack’s', async () => {
  for (const anchors of [
    { logKey: '' },
    { logKey: 'log.example/contoso' },
    { logKey: logKeys.signer },
    { logKey: logKeys.verifier.replace('+', '-') },
    { genesisWords: [] },
    { genesisWords: words.slice(1) },
    { genesisWords: [...words, 'academic'] },
  ])
    await assert.rejects(verifyPack(pack, anchors), { code: 'evidence.anchor' });
});

test('a checkpoint by another key than the genesis names is not the log’s, whoever trusts it', async () => {
  const { transcript } = openPack(pack);
  const checkpoint = await record.checkpoint(record.size, other.signer);
  const altered = canonicalBytes(JSON.parse(JSON.stringify({ ...transcript, checkpoint })));
  const forged = await resigned(pack, { 'transcript.json': altered });
  assert.match(await verdictOf(forged), /^5 tlog.note-unverified/);
  assert.match(await verdictOf(forged, { logKey: other.verifier }), /^5 evidence.log-key/);
});

test('a whole world of other people passes nobody who holds an anchor', async () => {
  const entry = record.entries[0] ?? new Uint8Array();
  const genesis = JSON.parse(new TextDecoder().decode(entry));
  genesis.input.document.change.logKey = other.verifier;
  const world = record.rewritten((bytes, index) => (index === 0 ? canonicalBytes(genesis) : bytes));
  const forged = await forgePack(world, emergency);
  // Its genesis is signed by nobody: the admins signed another one.
  assert.match(await verdictOf(forged), /^5 /);
  assert.match(await verdictOf(forged, { logKey: logKeys.verifier }), /^5 evidence.log-key/);
});

test('a record cut short says what it lacks; that more followed, it cannot say', async () => {
  const complete = claimsThat(await verifyPack(pack), 'NOT PROVEN');
  for (const size of [19, 24, 33]) {
    const cut = record.rewritten((bytes, index) => (index < size ? bytes : null));
    const claims = await verifyPack(await cut.refolded().pack(emergency));
    assert.equal(exitCodeOf(claims), 0, `${size}`);
    const lacking = claimsThat(claims, 'NOT PROVEN');
    assert.ok(lacking.includes('it is closed'), `${size}`);
    assert.ok(lacking.length > complete.length);
  }
});

test('what is left out of a part is the server’s word', async () => {
  const claims = await verifyPack(await record.pack(emergency));
  assert.ok(
    claimsThat(claims, 'PASS').includes('all 34 entries of the log up to this checkpoint are here'),
  );
  assert.ok(
    claimsThat(claims, 'ASSERTED').includes('no request and no refusal was kept out of the log'),
  );
});
