import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  canonicalBytes,
  canonicalText,
  type HalliganError,
  type Json,
  utf8,
} from '@halligan/format';
import { generateNoteKey, leafHash, noteSigner, rootHash } from '@halligan/tlog';
import fc from 'fast-check';
import { formatBatch, readBatchHeader, readBatchReports } from './batch.ts';
import { extended, type Head, requireSigned } from './machine-log.ts';
import { formatReport, MAX_REPORT_BYTES, type Report, reportOf } from './report.ts';
import { signBatch } from './sign-batch.ts';

const AT = '2026-03-02T15:02:00.000Z';
const EMPTY: Head = { size: 0, frontier: [], checkpoint: null };
const signIn = (user: string): Report => ({
  v: 'halligan/report/v1',
  at: AT,
  kind: 'sign-in',
  user,
  service: 'login',
  method: 'password+totp',
});
const signerOf = async (name = 'machines.example/web-1') =>
  noteSigner((await generateNoteKey(name)).signer);

/** The code of what is thrown. */
async function codeOf(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    return (error as HalliganError).code;
  }
  return 'none';
}

test('a report has one spelling, and nothing that a reader does not see', async () => {
  const good = formatReport(signIn('ana'));
  assert.deepEqual(reportOf(utf8(good)), signIn('ana'));
  const refused: readonly string[] = [
    ` ${good}`,
    good.replace('"user":"ana"', '"user":"ana","user":"ben"'),
    good.replace('"ana"', '"a\u202ena"'),
    good.replace('sign-in', 'sign-on'),
    good.replace('"service"', '"servant"'),
    good.replace('.000Z', 'Z'),
    '',
    '[]',
    good.replace('ana', 'a'.repeat(MAX_REPORT_BYTES)),
  ];
  for (const text of refused)
    assert.equal(await codeOf(() => reportOf(utf8(text))), 'reports.report', text);
});

test('any bytes are a report or refused in words', () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.json().map(utf8)), (bytes) => {
      try {
        assert.deepEqual(canonicalBytes(reportOf(bytes) as Json), bytes);
      } catch (error) {
        assert.equal((error as HalliganError).code, 'reports.report');
      }
    }),
  );
});

test('a batch is read as it was written, in two steps', async () => {
  const signer = await signerOf();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.stringMatching(/^[a-z]{1,20}$/), { maxLength: 40 }),
      async (users) => {
        const reports = users.map((user) => formatReport(signIn(user)));
        const { batch, head } = await signBatch(EMPTY, reports, signer);
        const body = formatBatch(batch);
        const header = readBatchHeader(body);
        const said = await requireSigned(header.checkpoint, signer.verifier);
        const lines = readBatchReports(body, header, said.size - header.from);
        const done = extended(EMPTY, header.from, lines, said);
        assert.deepEqual(done.reports, users.map(signIn));
        assert.deepEqual(done.tree.root(), rootHash(reports.map(utf8)));
        assert.equal(head.size, users.length);
      },
    ),
    { numRuns: 30 },
  );
});

test('any bytes are a batch or refused in words', async () => {
  const { batch } = await signBatch(EMPTY, [formatReport(signIn('ana'))], await signerOf());
  const good = formatBatch(batch);
  await fc.assert(
    fc.asyncProperty(fc.nat(good.length - 1), fc.nat(255), async (at, byte) => {
      const bytes = good.slice();
      bytes[at] = byte;
      const code = await codeOf(() => {
        const header = readBatchHeader(bytes);
        for (const line of readBatchReports(bytes, header, 1)) reportOf(line);
      });
      assert.ok(['none', 'reports.batch', 'reports.report'].includes(code), code);
    }),
  );
});

test('what a machine did not sign leads nowhere', async () => {
  const signer = await signerOf();
  const other = await signerOf('machines.example/web-2');
  const reports = ['ana', 'ben', 'chris'].map((user) => formatReport(signIn(user)));
  const first = await signBatch(EMPTY, reports.slice(0, 2), signer);
  const second = await signBatch(first.head, reports.slice(2), signer);
  const said = await requireSigned(second.batch.checkpoint, signer.verifier);
  const lines = (texts: readonly string[]) => texts.map(utf8);
  assert.equal(extended(first.head, 2, lines(reports.slice(2)), said).tree.size, 3);
  // What is there already is passed over.
  assert.equal(extended(first.head, 1, lines(reports.slice(1)), said).reports.length, 1);
  for (const wrong of [[], ['ben'], ['ana', 'chris']])
    assert.equal(
      await codeOf(() =>
        extended(first.head, 2, lines(wrong.map((user) => formatReport(signIn(user)))), said),
      ),
      'reports.root',
    );
  assert.equal(
    await codeOf(() => requireSigned(second.batch.checkpoint, other.verifier)),
    'reports.signature',
  );
  const forged = second.batch.checkpoint.replace('\n3\n', '\n4\n');
  assert.equal(await codeOf(() => requireSigned(forged, signer.verifier)), 'reports.signature');
  assert.equal(leafHash(utf8(canonicalText({ a: 1 }))).length, 32);
});
