import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalBytes, packContainer, utf8, utf8Text } from '@halligan/format';
import { textAttachment } from '@halligan/statement';
import { generateNoteKey } from '@halligan/tlog';
import { contoso } from './contoso.fixture.ts';
import { wholeEmergency } from './emergency.fixture.ts';
import { claimsThat, forgePack, resigned, verdictOf } from './forge.fixture.ts';
import { exitCodeOf, openPack, type Printer, REPORT_VERSION, verifyPack } from './index.ts';
import { PRINTER } from './memory-record.fixture.ts';
import { fileOf } from './open-pack.ts';

/** An adversary with the evidence key: the log is honest, the files around it are not. */

const record = await contoso();
const emergency = await wholeEmergency(record);
const pack = await record.pack(emergency);
const { files } = openPack(pack);
const textOf = (name: string) => utf8Text(fileOf(files, name));

async function changed(changes: Readonly<Record<string, string | Uint8Array | null>>) {
  const bytes = Object.fromEntries(
    Object.entries(changes).map(([name, content]) => [
      name,
      typeof content === 'string' ? utf8(content) : content,
    ]),
  );
  return verdictOf(await resigned(pack, bytes));
}

test('signed again without a change, a pack verifies', async () => {
  assert.equal(await changed({}), '0 ');
});

test('another record.json is refused', async () => {
  const altered = textOf('record.json').replace('"declaredBy":"ana"', '"declaredBy":"ben"');
  assert.notEqual(altered, textOf('record.json'));
  assert.match(await changed({ 'record.json': altered }), /^5 evidence.record:/);
});

test('another report of the same version is refused; that of another version is not believed', async () => {
  const altered = textOf('report.html').replace('15:12', '15:13');
  assert.notEqual(altered, textOf('report.html'));
  assert.match(await changed({ 'report.html': altered }), /^5 evidence.report: report.html/);
  assert.match(await changed({ 'verify.md': 'Trust us.' }), /^5 evidence.report: verify.md/);
  const text = textOf('record.txt').replace('15:12', '15:13');
  assert.notEqual(text, textOf('record.txt'));
  assert.match(await changed({ 'record.txt': text }), /^5 evidence.report: record.txt/);
  const next = textOf('pack.json').replace(REPORT_VERSION, 'halligan/report/v9');
  const claims = await verifyPack(
    await resigned(pack, { 'pack.json': utf8(next), 'report.html': utf8(altered) }),
  );
  assert.equal(exitCodeOf(claims), 0);
  assert.equal(exitCodeOf(claims, true), 5);
  assert.ok(
    claims.some(
      ({ verdict, basis }) => verdict === 'NOT PROVEN' && basis === 'another report version',
    ),
  );
});

test('report.pdf is printed again; who cannot says that nothing shows what it is', async () => {
  assert.match(await changed({ 'report.pdf': '%PDF altered' }), /^5 evidence.report: report.pdf/);
  assert.match(await changed({ 'report.pdf': null }), /^5 evidence.pack: .* report.pdf/);
  const said = async (printer: Printer | undefined) =>
    (await verifyPack(pack, {}, printer)).find(({ claim }) => claim.startsWith('report.pdf'));
  const { verdict, basis } = (await said(PRINTER)) ?? {};
  assert.deepEqual([verdict, basis], ['PASS', 'cryptographic']);
  assert.equal((await said(undefined))?.basis, 'nothing here prints');
  assert.equal((await said({ ...PRINTER, version: 'x/v2' }))?.basis, 'another paper version');
  assert.equal((await said({ ...PRINTER, version: 'x/v2' }))?.verdict, 'NOT PROVEN');
});

test('a pack of the version before, without text and PDF, still verifies', async () => {
  const { paper: _paper, ...older } = { ...openPack(pack).facts, report: 'halligan/report/v1' };
  const claims = await verifyPack(
    await resigned(pack, {
      'pack.json': canonicalBytes(older),
      'report.pdf': null,
      'record.txt': null,
    }),
  );
  assert.equal(exitCodeOf(claims), 0);
  assert.ok(claims.some(({ basis }) => basis === 'another report version'));
});

test('pack.json says what the record is of', async () => {
  for (const [from, to] of [
    ['"drill":false', '"drill":true'],
    ['"organisation":"contoso"', '"organisation":"fabrikam"'],
    [emergency, 'ab'.repeat(32)],
    ['"account":"bg-admin-1"', '"account":"bg-admin-2"'],
    ['"v":"halligan/evidence/v1"', '"v":"halligan/evidence/v2"'],
    ['"organisation"', '"extra":1,"organisation"'],
  ] as const) {
    const altered = textOf('pack.json').replace(from, to);
    assert.notEqual(altered, textOf('pack.json'));
    assert.match(await changed({ 'pack.json': altered }), /^5 evidence\./, to);
  }
});

test('texts are those that were signed for: none swapped, none added; one that is missing is said', async () => {
  const names = [...files.keys()].filter((name) => name.startsWith('attachments/'));
  const [first = '', second = ''] = names;
  assert.match(
    await changed({ [first]: fileOf(files, second), [second]: fileOf(files, first) }),
    /^5 evidence.pack: .* holds another text or file/,
  );
  const lie = textAttachment('Something else entirely.');
  const digest = first.slice('attachments/'.length, -'.json'.length);
  assert.match(
    await changed({ [first]: canonicalBytes({ ...lie, digest }) }),
    /^5 statement.attachment:/,
  );
  assert.match(
    await changed({ [`attachments/${lie.digest}.json`]: canonicalBytes({ ...lie }) }),
    /^5 evidence.pack: .* named by no statement/,
  );
  // Erased, and the report made without it: the record still verifies, and says so.
  const without = record.fork();
  without.attachments.splice(0, 1);
  const claims = await verifyPack(await forgePack(without, emergency));
  assert.equal(exitCodeOf(claims), 0);
  assert.ok(
    claimsThat(claims, 'NOT PROVEN').includes(
      `what 1 of ${names.length} texts and files said that were signed for`,
    ),
  );
});

test('seals are those of the record: none swapped; one that is missing is said', async () => {
  assert.match(
    await changed({
      'seals/1.json': fileOf(files, 'seals/2.json'),
      'seals/2.json': fileOf(files, 'seals/1.json'),
    }),
    /^5 evidence.seal: seals\/1.json/,
  );
  assert.match(
    await changed({ 'seals/3.json': fileOf(files, 'seals/2.json') }),
    /^5 evidence.seal/,
  );
  const claims = await verifyPack(await resigned(pack, { 'seals/1.json': null }));
  assert.equal(exitCodeOf(claims), 0);
  assert.equal(exitCodeOf(claims, true), 5);
  assert.ok(claimsThat(claims, 'NOT PROVEN').some((claim) => /seal of version 1,/.test(claim)));
});

test('files that no verifier reads belong to no pack', async () => {
  for (const name of ['seals/01.json', 'attachments/readme.txt', 'report2.pdf', 'x/report.html'])
    assert.match(
      await changed({ [name]: 'All is well.' }),
      /^5 evidence.pack: .* belongs to no pack/,
    );
});

test('seen.json proves every checkpoint that is quoted, and only those', async () => {
  const seen: readonly { size: number; root: string; proof: string[] }[] = JSON.parse(
    textOf('seen.json'),
  );
  const [first, ...rest] = seen;
  const last = seen.at(-1);
  assert.ok(first !== undefined && last !== undefined);
  for (const altered of [
    [],
    rest,
    [...seen, last],
    [...seen].reverse(),
    [first, ...rest.map((one) => ({ ...one, root: first.root }))],
    [first, ...rest.map((one) => ({ ...one, proof: [] }))],
    [first, ...rest.map((one) => ({ ...one, proof: [...one.proof, ...one.proof] }))],
    [first, ...rest.map((one) => ({ ...one, proof: Array(64).fill(one.proof[0]) }))],
    [first, ...rest.map((one) => ({ ...one, size: 2 ** 53 - 1 }))],
    [{ ...first, extra: 1 }, ...rest],
    {},
  ])
    assert.match(await changed({ 'seen.json': canonicalBytes(altered) }), /^5 evidence.seen:/);
});

test('entries stand in the order of the log, each once', async () => {
  const transcript = JSON.parse(textOf('transcript.json'));
  const [first, second, ...rest] = transcript.entries;
  for (const entries of [
    [first, ...rest, second],
    [first, second, second, ...rest],
  ])
    assert.match(
      await changed({ 'transcript.json': canonicalBytes({ ...transcript, entries }) }),
      /^5 evidence.entry: Entry 1 is out of order/,
    );
});

test('only the evidence key of the roster makes a pack', async () => {
  const other = await generateNoteKey('log.example/contoso/evidence');
  assert.match(await verdictOf(await resigned(pack, {}, other.signer)), /^5 tlog.note-unverified/);
  const first = [...files.keys()].find((name) => name.startsWith('attachments/'));
  const fewer = new Map([...files].filter(([name]) => name !== first));
  assert.match(
    await verdictOf(packContainer('evidence', fewer)),
    /^5 evidence.pack: .* its signature is over other files/,
  );
});
