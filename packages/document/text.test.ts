import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  code,
  columnsOf,
  harmless,
  harmlessLine,
  type PrintedDocument,
  saidBy,
  soft,
  textOf,
  written,
} from './index.ts';

function about(reason: string): PrintedDocument {
  return {
    language: 'en',
    kind: 'DRILL',
    title: [written('Global administrator'), ' on entra'],
    subtitle: [['Contoso · 2026-03-02 14:32 UTC']],
    running: 'record 3f3f',
    date: '2026-03-02T14:32:00Z',
    blocks: [
      { type: 'heading', text: 'Break-glass invocation record' },
      {
        type: 'facts',
        rows: [
          { label: 'Declared by', value: [['ana ', soft('(custodian)')]] },
          { label: 'Reason', value: [[written(reason)]] },
          { label: 'Evidence', value: [[written(reason)], [code('attachments/ab')]] },
          { label: 'Nothing', value: [] },
        ],
      },
      {
        type: 'lines',
        lines: [{ content: ['15:12 UTC - ', written(reason)], below: [[written(reason)]] }],
      },
      { type: 'paragraph', content: [written(reason)] },
      { type: 'list', items: [[written(reason)]] },
      { type: 'table', columns: ['Account', 'System'], rows: [[[written(reason)], ['entra']]] },
      { type: 'code', lines: ['openssl rand -base64 24', reason] },
    ],
  };
}

/** Texts as a hostile person writes them: pieces of our own lines, controls, marks, and whatever else. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\n',
        '\r\n',
        '\r',
        '\u2028',
        '\u0085',
        '\u001b[2K',
        '\u202e',
        '\u200b',
        'Approver: eve',
        '15:12 UTC - ok',
        '- ',
      ),
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constant('x'.repeat(200)),
      fc.constant(`e${'\u0301'.repeat(60)}`),
    ),
    { maxLength: 20 },
  )
  .map((parts) => parts.join(''));

describe('a document as text', () => {
  test('reads as the procedure writes it', () => {
    const text = textOf(about('The provider is down.\nNobody can sign in.'));
    assert.equal(
      text.slice(0, text.indexOf('openssl')),
      `DRILL
Global administrator on entra
Contoso · 2026-03-02 14:32 UTC

BREAK-GLASS INVOCATION RECORD
=============================
Declared by: ana (custodian)
Reason: The provider is down.
    Nobody can sign in.
Evidence:
  - The provider is down.
    Nobody can sign in.
  - attachments/ab
Nothing: —

15:12 UTC - The provider is down.
    Nobody can sign in.
  - The provider is down.
    Nobody can sign in.

    The provider is down.
    Nobody can sign in.

- The provider is down.
    Nobody can sign in.

| Account               | System |
| ----------------------|------- |
| The provider is down. | entra  |
| Nobody can sign in.   |        |

    `,
    );
  });

  test('no line is wider than asked, nor does what a person wrote add a line at the left edge', () => {
    const lines = (text: string) => textOf(about(text)).split('\n');
    const atTheLeft = (all: readonly string[]) =>
      all.filter((line) => /^[^ |]/.test(line)).map((line) => line.split(/[ :]/)[0]);
    const expected = atTheLeft(lines('one'));
    fc.assert(
      fc.property(hostile, (text) => {
        const all = lines(`x${text}`);
        assert.deepEqual(
          all.filter((line) => columnsOf(line) > 80),
          [],
        );
        assert.deepEqual(atTheLeft(all), expected);
        assert.equal(harmless(all.join('\n')), all.join('\n'));
      }),
      { numRuns: 150 },
    );
  });

  test('ten thousand characters take a moment', () => {
    const text = textOf(about('W'.repeat(10_000)));
    assert.ok(text.split('\n').every((line) => line.length <= 80));
  });
});

describe('what is obeyed instead of read', () => {
  for (const [name, given, expected] of [
    ['a mark that overrides the direction', 'gpj\u202egnp.exe', 'gpj\ufffdgnp.exe'],
    ['a character without width in a name', 'an\u200ba', 'an\ufffda'],
    ['a joiner between Latin letters', 'an\u200da', 'an\ufffda'],
    ['a joiner at the start', '\u200dana', '\ufffdana'],
    ['a bell', 'a\u0007', 'a\ufffd'],
    ['a carriage return, which overwrites a line', 'a\rb', 'a\ufffdb'],
    ['half a pair', 'a\ud800b', 'a\ufffdb'],
    ['a tag that no screen shows', 'a\u{e0041}', 'a\ufffd'],
  ] as const)
    test(`${name} is shown`, () => assert.equal(harmless(given), expected));

  for (const text of [
    'می\u200cخواهم',
    '👩🏽\u200d🚒',
    'क्\u200dष',
    'é',
    'line\nfeed\ttab',
    '日本語',
  ])
    test(`${text} stays`, () => assert.equal(harmless(text), text));

  test('no more marks climb on a letter than any language writes', () => {
    assert.equal(harmless(`e${'\u0301'.repeat(50)}`), `e${'\u0301'.repeat(8)}\ufffd`);
  });

  test('a name stays on its line', () => {
    assert.equal(harmlessLine('ana\nApprover:\teve'), 'ana Approver: eve');
  });
});

test('what a content says is its text, whatever its looks', () => {
  assert.equal(
    saidBy(['a', written('b'), soft('c', code('d')), { type: 'verdict', good: false, text: 'no' }]),
    'abcdno',
  );
});
