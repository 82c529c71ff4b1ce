import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textOf } from '@halligan/document';
import { hex, sha256, utf8 } from '@halligan/format';
import { contoso } from './contoso.fixture.ts';
import { authorise, declare, wholeEmergency } from './emergency.fixture.ts';
import { htmlOf, REPORT_VERSION } from './index.ts';
import {
  documents,
  HOSTILE,
  hostile,
  ordinary,
  ordinaryDocument,
  recordText,
  reportFor,
} from './reports.fixture.ts';
import { VERIFY_GUIDE } from './verify-guide.ts';

/** What a browser shows, nearly: tags out, references resolved, white space folded as it is outside of texts. */
function read(page: string): string {
  return page
    .replace(/<style>.*?<\/style>/s, '')
    .replace(/<\/(p|li|dd|dt|h1|h2)>/g, '\n')
    .replace(/<[^>]*>/g, '')
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
}

test('the report has the procedure’s own form, label by label', async () => {
  const text = read(await ordinary());
  const lines = text.split('\n').map((line) => line.trim());
  for (const label of [
    'Break-glass invocation record',
    'Date/Time',
    'Declared by',
    'Second authorised person',
    'Witness (if applicable)',
    'System requiring access',
    'Reason for invocation',
    'Normal access failure evidence',
    'Approver',
    'Approval method',
    'Conditions imposed',
    'Credential retrieval',
    'System access established',
    'Session terminated',
    'Total session duration',
    '11 minutes',
    'Only necessary actions were performed',
  ])
    assert.ok(lines.includes(label), label);
  for (const line of [
    '15:12 UTC - Reset password for user jsmith@contoso.com (action, ana)',
    '15:14 UTC - Verified jsmith can authenticate to Azure AD (action, ana)',
    '15:15 UTC - Confirmed jsmith can access SharePoint (observation, ben)',
  ])
    assert.ok(lines.includes(line), line);
});

test('what people write makes no markup: hostile words leave the same tags', async () => {
  const tags = (page: string) => page.match(/<[^>]*>/g);
  const [kind, unkind] = [await ordinary(), await hostile()];
  assert.deepEqual(tags(unkind), tags(kind));
  assert.equal(unkind.split('<').length, kind.split('<').length);
  assert.equal(unkind.split('"').length, kind.split('"').length);
  assert.ok(read(unkind).includes('<script>alert(1)</script>'));
  assert.ok(read(unkind).includes(HOSTILE.note.slice(0, 60)));
});

test('nothing that turns directions, rings bells or colours terminals is left', async () => {
  const page = await hostile();
  assert.doesNotMatch(page, /(?![\t\n])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/u);
  assert.ok(page.includes('\ufffdright to left override'));
  assert.ok(page.includes('القائمة'));
});

test('the page loads nothing and runs nothing', async () => {
  const page = await ordinary();
  assert.match(page, /content="default-src 'none'; style-src 'unsafe-inline'"/);
  assert.doesNotMatch(
    page,
    /<script|<link|<img|<iframe|<a |\bon[a-z]+=|url\(|@import|https?:\/\/(?!login)/,
  );
});

test('a text beyond all bounds is cut, and its rest named', async () => {
  const record = await contoso();
  const emergency = await declare(record, { reason: 'x'.repeat(1_000_000), note: '' });
  const page = reportFor(record, emergency);
  assert.ok(page.length < 20_000);
  assert.match(page, /\[996000 more characters: <code>attachments\//);
});

test('the text says what the page says, line by line, whichever way an emergency went', async () => {
  const said = (all: string) => all.replace(/[\s•✗✓=|:-]/g, '').toLowerCase();
  for (const document of [await ordinaryDocument(), ...(await documents())]) {
    const page = said(read(htmlOf(document)).replace(/^.*<body>/s, ''));
    // A table's cells stand beside each other in the text, one after the other on the page.
    const lines = textOf(document).split('\n').slice(0, -1);
    for (const line of lines.filter((one) => !one.startsWith('|')))
      assert.ok(page.includes(said(line.replace(/^(\s*)- /, '$1'))), line);
  }
});

test('the text has the procedure’s own lines', async () => {
  const record = await contoso();
  const text = recordText(record, await wholeEmergency(record));
  for (const line of [
    'BREAK-GLASS INVOCATION RECORD',
    'System access established: 2026-03-02 15:07 UTC',
    '15:12 UTC - Reset password for user jsmith@contoso.com (action, ana)',
    'Session terminated: 2026-03-02 15:18 UTC',
    'Total session duration: 11 minutes',
  ])
    assert.ok(text.split('\n').includes(line), line);
});

test('what is not there yet is said; a drill shouts', async () => {
  const record = await contoso();
  const emergency = await declare(record);
  const early = read(reportFor(record, emergency));
  for (const text of [
    'under way',
    'No share left its holder, and no envelope was opened.',
    'No access was noted.',
    'No actions were noted.',
    'nobody yet',
  ])
    assert.ok(early.includes(text), text);
  await authorise(record, emergency);
  const drill = await contoso();
  drill.purpose = 'drill';
  const drilled = reportFor(drill, await wholeEmergency(drill));
  assert.match(drilled, /<header class="drill">\s*<p class="kind">DRILL<\/p>/);
  assert.doesNotMatch(drilled, /EMERGENCY/);
});

test('one version of the report has one wording', async () => {
  const pages = [await ordinaryDocument(), ...(await documents())].map(htmlOf).join('\n');
  const wording = pages.replace(/[0-9a-f]{12,64}/g, '#');
  const digest = hex(sha256(utf8(wording + VERIFY_GUIDE))).slice(0, 16);
  assert.deepEqual(
    { [REPORT_VERSION]: digest },
    { 'halligan/report/v5': 'c7580c9317847011' },
    'The wording changed: packs of the version before would fail. Raise REPORT_VERSION, then pin this digest.',
  );
});
