import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalBytes, canonicalText, HalliganError, parseCanonical, utf8 } from './index.ts';

const code = (expected: string) => (error: unknown) =>
  error instanceof HalliganError && error.code === expected && error.hint !== '';

test('the example of RFC 8785 section 3.2.4 has the bytes printed there', () => {
  const example = {
    numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
    string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
    literals: [null, true, false],
  };
  assert.equal(
    canonicalText(example),
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
});

test('members are sorted by UTF-16 code units (RFC 8785 section 3.2.3)', () => {
  const sorted = canonicalText({
    '\ufb33': 1,
    '\ud83d\ude00': 2,
    '\u20ac': 3,
    '\r': 4,
    '1': 5,
    '\u0080': 6,
    ö: 7,
  });
  assert.equal(sorted, '{"\\r":4,"1":5,"\u0080":6,"ö":7,"€":3,"😀":2,"\ufb33":1}');
});

test('what was canonicalised parses to the same value, and its bytes are the only accepted spelling', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const json = JSON.parse(JSON.stringify(value));
      const bytes = canonicalBytes(json);
      assert.deepEqual(parseCanonical(bytes), json);
    }),
  );
});

test('another spelling of the same value is refused', () => {
  for (const text of [
    '{"b":1,"a":2}',
    '{"a":1,"a":1}',
    '[1.0]',
    '[1 ]',
    '["\\u0041"]',
    '{"a":1}\n',
  ]) {
    assert.throws(() => parseCanonical(utf8(text)), code('format.json'), text);
  }
});

test('lone surrogates, infinite numbers and deep nesting are refused', () => {
  assert.throws(() => canonicalText('\ud800'), code('format.json'));
  assert.throws(() => canonicalText(Number.NaN), code('format.json'));
  assert.throws(
    () => parseCanonical(utf8(`${'['.repeat(70)}${']'.repeat(70)}`)),
    code('format.json'),
  );
  assert.throws(() => parseCanonical(utf8('"long"'), 3), code('format.too-large'));
  assert.throws(() => parseCanonical(new Uint8Array([0xff])), code('format.utf8'));
});
