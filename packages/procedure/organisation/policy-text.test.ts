import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { HalliganError } from '@halligan/format';
import fc from 'fast-check';
import { parsePolicy, policyJsonSchema } from '../index.ts';

const GOOD = `organisation: contoso
owner: raj
approvers:
  tier-0: [dana]
quorums:
  tier-0:
    standard: [2 of keyholders, 1 of server]
`;

function faultOf(text: string): { readonly message: string; readonly hint: string } {
  try {
    parsePolicy(text);
  } catch (error) {
    assert.ok(error instanceof HalliganError);
    return { message: `${error.code}: ${error.message}`, hint: error.hint };
  }
  assert.fail('it was accepted');
}

test('a malformed policy is refused at its line and column, with what was expected', () => {
  const rows: readonly (readonly [string, string, string, RegExp, RegExp])[] = [
    ['raj', 'The Boss', 'a capital letter', /Line 2, column 8\./, /an id is/],
    [
      'owner: raj\n',
      '',
      'a missing member',
      /valid at owner\. Line 1, column 1\./,
      /expected string/,
    ],
    ['[dana]', '[]', 'nobody', /approvers\.tier-0\. Line 4, column 11\./, /[Tt]oo small/],
    ['[dana]', '[Dana]', 'in a list', /approvers\.tier-0\.0\. Line 4, column 12\./, /an id is/],
    [
      '2 of keyholders',
      'two of keyholders',
      'a word',
      /standard\.0\. Line 7, column 16\./,
      /2 of key/,
    ],
    ['1 of server', '0 of server', 'none', /standard\.1\. Line 7, column 33\./, /2 of key/],
    ['owner: raj', 'owner: raj\nsurprise: 1', 'unknown', /Line 3, column 11\./, /surprise/],
    [
      'owner: raj',
      'owner: raj\ntimers: { reset: soon }',
      'timer',
      /reset\. Line 3, column 18/,
      /30s/,
    ],
    [
      '[2 of keyholders, 1 of server]',
      '[1 of keyholders, 1 of server]',
      'one',
      /one-person.*Line 7, column 15/,
      /two people/,
    ],
    [
      '  tier-0: [dana]',
      '  tier-1: [dana]',
      'no approver',
      /Nobody approves.*Line 4, column 3/,
      /approvers\.tier-0/,
    ],
  ];
  for (const [from, to, what, message, hint] of rows) {
    const fault = faultOf(GOOD.replace(from, to));
    assert.match(fault.message, message, what);
    assert.match(fault.hint, hint, what);
  }
});

test('what is no YAML is pointed at too', () => {
  assert.match(faultOf('a: [1,\nb: {').message, /not YAML at line \d, column \d/);
  assert.match(faultOf('owner: a\nowner: b').message, /not YAML at line 2, column 1/);
  assert.match(faultOf('a: &x 1\nb: *x').message, /aliases/);
});

test('what readers would not see, or would take for something else, is refused by its name', () => {
  const bidi = faultOf(GOOD.replace('raj', '"raj\u202e"'));
  assert.match(bidi.message, /invisible character, U\+202E, at line 2, column 12/);
  assert.match(faultOf(GOOD.replace('dana', 'da\u200bna')).message, /U\+200B/);
  assert.match(faultOf(GOOD.replace('raj', 'r\u0430j')).hint, /U\+0430, which only looks familiar/);
  assert.match(faultOf(GOOD.replace('keyholders', 'keyh\u043elders')).hint, /U\+043E/);
  assert.match(faultOf(GOOD.replace('standard', 'st\u0430ndard')).hint, /U\+0430/);
  // A byte order mark at the start is an editor's habit, not a trick.
  assert.equal(parsePolicy(`\ufeff${GOOD}`).owner, 'raj');
});

test('wherever a policy is damaged, the refusal points into it', () => {
  const lines = GOOD.split('\n').length;
  fc.assert(
    fc.property(
      fc.nat(GOOD.length),
      fc.constantFrom('', 'X', ':', '[', '\t', '\u2066', '\n'),
      (at, by) => {
        const damaged = GOOD.slice(0, at) + by + GOOD.slice(at + 1);
        try {
          parsePolicy(damaged);
        } catch (error) {
          assert.ok(error instanceof HalliganError);
          const [, line] = /[Ll]ine (\d+), column \d+/.exec(error.message) ?? [];
          assert.ok(Number(line) >= 1 && Number(line) <= lines + 1, `${damaged}\n${error.message}`);
        }
      },
    ),
  );
});

test('docs/formats/policy.schema.json is the schema', async () => {
  const file = new URL('../../../docs/formats/policy.schema.json', import.meta.url);
  assert.deepEqual(JSON.parse(await readFile(file, 'utf8')), policyJsonSchema());
});
