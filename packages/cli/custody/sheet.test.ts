import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pdfOf, textOf } from '@halligan/paper';
import { wordlist } from '@halligan/slip39';
import { BLANKS, blankSheet, lines, SIGNERS, shareSheet } from './sheet.ts';

const FACTS = {
  organisation: 'contoso',
  account: 'breakglass-admin-1',
  name: 'emergency-admin-01@contoso.example',
  address: 'ldaps://directory.example',
  version: 3,
  serial: 'a-001',
  sealedAt: '2026-03-02T09:00:00.000Z',
};
const WORDS = wordlist.slice(100, 133);
const SHARE = {
  path: 'offline',
  group: 'keyholders',
  holder: 'ana',
  needs: '2 of keyholders, 1 of executives',
  firstLine: 'halligan-share/v1 contoso breakglass-admin-1 3 00ff offline keyholders ana',
  words: WORDS,
};

test('the sheet of a share says what it is, what it is not, and how it opens by hand', () => {
  const text = textOf(shareSheet(FACTS, SHARE));
  for (const said of [
    'contoso',
    'breakglass-admin-1',
    'emergency-admin-01@contoso.example',
    'envelope A-001',
    '3, sealed 2026-03-02',
    'one share: holder ana, group keyholders, path offline',
    '2 of keyholders, 1 of executives',
    'recovery key',
    'SLIP-39',
    'sign across the seal',
    'Fold the sheet',
    SHARE.firstLine,
  ])
    assert.ok(text.replaceAll(/\s+/g, ' ').includes(said), `${said} is missing:\n${text}`);
  for (const [at, word] of WORDS.entries())
    assert.match(text, new RegExp(`\\b${at + 1} ${word}\\b`), word);
});

test('words stand three a line, numbered', () => {
  assert.equal(lines(WORDS).length, 11);
  assert.match(lines(WORDS)[10] ?? '', /^31 \w+ +32 \w+ +33 \w+$/);
});

test('the same sheet is the same file, and a form has lines for what it asks', async () => {
  const pdf = await pdfOf(shareSheet(FACTS, SHARE));
  assert.deepEqual(pdf, await pdfOf(shareSheet(FACTS, SHARE)));
  for (const size of ['A4', 'Letter'] as const) {
    const page = Buffer.from(await pdfOf(shareSheet(FACTS, SHARE), { size, signedBy: SIGNERS }));
    assert.equal(page.toString('latin1').match(/\/Type \/Page\b(?!s)/g)?.length, 1, size);
  }
  for (const blank of BLANKS) {
    const text = textOf(blankSheet(FACTS, blank));
    assert.ok((text.match(/_{40,}/g) ?? []).length >= 3, blank);
    assert.doesNotMatch(text, new RegExp(WORDS[0] ?? ''));
  }
});
