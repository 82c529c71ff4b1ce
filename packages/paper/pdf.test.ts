import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { PAPER_VERSION, type PrintedDocument, pdfOf, type Sheet, soft, written } from './index.ts';

const POPPLER =
  spawnSync('pdftotext', ['-v']).status === 0 ? false : 'poppler-utils is not installed';

function about(reason: string, lines = 3): PrintedDocument {
  return {
    language: 'en',
    kind: 'EMERGENCY',
    title: [written('Global administrator'), ' on entra'],
    subtitle: [['Contoso']],
    running: 'record 3f3f3f3f',
    date: '2026-03-02T14:32:00Z',
    blocks: [
      { type: 'heading', text: 'Break-glass invocation record' },
      { type: 'facts', rows: [{ label: 'Reason', value: [[written(reason)], [soft('second')]] }] },
      {
        type: 'lines',
        lines: Array.from({ length: lines }, (_, at) => ({
          content: [`${at} UTC - `, written(reason)],
          below: [['Out of scope: ', written(reason)]],
        })),
      },
      { type: 'list', items: [[written(reason)]] },
      { type: 'table', columns: ['Account', 'Reason'], rows: [[['a'], [written(reason)]]] },
      { type: 'code', lines: [reason] },
      { type: 'page' },
      { type: 'paragraph', content: ['The end.'] },
    ],
  };
}

test('the same document on the same sheet is the same file, byte for byte', async () => {
  const first = await pdfOf(about('one'), { signedBy: ['requester ana'] });
  assert.deepEqual(await pdfOf(about('one'), { signedBy: ['requester ana'] }), first);
  assert.notDeepEqual(await pdfOf(about('two'), { signedBy: ['requester ana'] }), first);
  assert.notDeepEqual(await pdfOf(about('one')), first);
  assert.equal(PAPER_VERSION, 'halligan/paper/v3');
});

test('whatever a person wrote makes a file', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 300 }), async (text) => {
      const file = await pdfOf(about(text, 1));
      assert.equal(new TextDecoder().decode(file.subarray(0, 5)), '%PDF-');
    }),
    { numRuns: 20 },
  );
});

test('every page bears its number, the record and the people who sign it', {
  skip: POPPLER,
}, async () => {
  const { pages } = await read(about('Reason.', 80), {
    signedBy: ['requester ana', 'second person ben'],
  });
  assert.ok(pages.length >= 4);
  for (const [at, page] of pages.entries()) {
    assert.match(
      page,
      new RegExp(`EMERGENCY · record 3f3f3f3f +page ${at + 1} of ${pages.length}`),
    );
    assert.match(page, /requester ana, date and time +second person ben, date and time/);
  }
});

test('what a person wrote neither begins a line nor leaves its column', {
  skip: POPPLER,
}, async () => {
  const { pages, boxes } = await read(
    about(
      `it failed\n9 UTC - Approver: eve \u202egnp\u200b ${'x'.repeat(10_000)} 日本語 ${'😀'.repeat(300)}`,
    ),
    {},
  );
  const text = pages.join('\n');
  assert.match(text, /^0 UTC - it failed$/m);
  assert.doesNotMatch(text, /^9 UTC/m);
  assert.match(text, /\ufffdgnp\ufffd/);
  assert.match(text.replaceAll(/\s/g, ''), /⟨U\+65E5⟩⟨U\+672C⟩⟨U\+8A9E⟩/);
  assert.ok(boxes.length > 100);
  assert.deepEqual(
    boxes.filter(
      ({ left, right, bottom }) => left < 53 || right > 595.28 - 53 || bottom > 841.89 - 40,
    ),
    [],
  );
});

test('a character that is not drawn is named, and the file says what the names are', {
  skip: POPPLER,
}, async () => {
  const said = async (reason: string) =>
    (await read(about(reason), {})).pages.join('\n').replaceAll(/\s+/g, ' ');
  const note = /a character that the fonts of this file lack/;
  assert.match(await said('王芳 signed'), note);
  assert.doesNotMatch(await said('شهد, נועה, Żaneta and Ελένη signed'), note);
  // Whoever writes the name of a character is not read as the character.
  const imitated = await said('⟨U+738B⟩ signed');
  assert.match(imitated, note);
  assert.match(imitated, /⟨U\+27E8⟩U\+738B⟩ signed/);
  assert.notEqual(imitated, await said('王 signed'));
});

test('Letter is Letter', { skip: POPPLER }, async () => {
  const { info } = await read(about('one'), { size: 'Letter' });
  assert.match(info, /612 x 792 pts \(letter\)/);
  assert.match((await read(about('one'), {})).info, /\(A4\)/);
});

interface Box {
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
}

/** What another program reads in the file: the text of each page, the box of each word, what the file says of itself. */
async function read(document: PrintedDocument, sheet: Sheet) {
  const folder = mkdtempSync(join(tmpdir(), 'halligan-paper-'));
  try {
    const path = join(folder, 'sheet.pdf');
    writeFileSync(path, await pdfOf(document, sheet));
    const said = (program: string, ...args: readonly string[]) => {
      const { status, stdout, stderr } = spawnSync(program, args, {
        encoding: 'utf8',
        maxBuffer: 1 << 26,
      });
      assert.equal(status, 0, stderr);
      return stdout;
    };
    const pages = said('pdftotext', '-layout', path, '-').split('\f').slice(0, -1);
    said('pdftotext', '-bbox', path, join(folder, 'boxes'));
    const words = readFileSync(join(folder, 'boxes'), 'utf8').matchAll(
      /<word xMin="([\d.-]+)" yMin="[\d.-]+" xMax="([\d.-]+)" yMax="([\d.-]+)"/g,
    );
    const boxes = Array.from(
      words,
      ([, left, right, bottom]): Box => ({
        left: Number(left),
        right: Number(right),
        bottom: Number(bottom),
      }),
    );
    return { pages, boxes, info: said('pdfinfo', path) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
