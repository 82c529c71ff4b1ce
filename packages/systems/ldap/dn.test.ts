import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HalliganError } from '@halligan/format';
import fc from 'fast-check';
import { belowBase, formatDn, parseDn } from './dn.ts';

const code = (expected: string) => (error: unknown) =>
  error instanceof HalliganError && error.code === expected;

const special = fc.constantFrom(...'\\"+,;<=># \0\r');
const unit = fc.oneof(special, fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }));
const value = fc.string({ unit, minLength: 1, maxLength: 20 });
const type = fc.constantFrom('uid', 'CN', 'ou', '0.9.2342.19200300.100.1.25', 'x-y1');

test('a DN survives being written and read, whatever its values', () => {
  const rdn = fc.array(fc.record({ type, value }, { noNullPrototype: true }), {
    minLength: 1,
    maxLength: 2,
  });
  fc.assert(
    fc.property(fc.array(rdn, { minLength: 1, maxLength: 4 }), (dn) => {
      const text = formatDn(dn);
      fc.pre(text.length <= 1024);
      assert.deepEqual(parseDn(text), dn);
    }),
  );
});

test('any text is a DN or refused as one, and nothing else happens', () => {
  const text = fc.string({ unit: fc.constantFrom(...'uid=,+\\ #;<>"20Cé\0'), maxLength: 30 });
  fc.assert(
    fc.property(fc.oneof(text, fc.string()), (candidate) => {
      try {
        const dn = parseDn(candidate);
        assert.deepEqual(parseDn(formatDn(dn)), dn);
      } catch (error) {
        assert.ok(code('systems.dn')(error), String(error));
      }
    }),
  );
});

test('the examples of RFC 4514 section 4 are read', () => {
  const examples: readonly [string, readonly (readonly [string, string])[][]][] = [
    ['UID=jsmith,DC=example,DC=net', [[['UID', 'jsmith']], [['DC', 'example']], [['DC', 'net']]]],
    [
      'OU=Sales+CN=J.  Smith,DC=example,DC=net',
      [
        [
          ['OU', 'Sales'],
          ['CN', 'J.  Smith'],
        ],
        [['DC', 'example']],
        [['DC', 'net']],
      ],
    ],
    [
      String.raw`CN=James \"Jim\" Smith\, III,DC=example,DC=net`,
      [[['CN', 'James "Jim" Smith, III']], [['DC', 'example']], [['DC', 'net']]],
    ],
    [
      String.raw`CN=Before\0dAfter,DC=example,DC=net`,
      [[['CN', 'Before\rAfter']], [['DC', 'example']], [['DC', 'net']]],
    ],
    [String.raw`CN=Lu\C4\8Di\C4\87`, [[['CN', 'Lučić']]]],
    ['uid=a, ou=b , dc=c', [[['uid', 'a']], [['ou', 'b']], [['dc', 'c']]]],
    [String.raw`cn=end\ ,dc=c`, [[['cn', 'end ']], [['dc', 'c']]]],
  ];
  for (const [text, expected] of examples) {
    const pairs = parseDn(text).map((rdn) => rdn.map((pair) => [pair.type, pair.value]));
    assert.deepEqual(pairs, expected, text);
  }
});

test('what is not a DN is refused', () => {
  const wrong = [
    '',
    'x',
    '=x',
    'uid=',
    'uid=a;ou=b',
    'uid=a,',
    ',uid=a',
    'uid=#04024869',
    'uid="a"',
  ];
  for (const text of [
    ...wrong,
    'uid=a\\',
    'uid=\\zz',
    'uid=\\c3',
    'ui d=a',
    `uid=${'a'.repeat(1024)}`,
  ]) {
    assert.throws(() => parseDn(text), code('systems.dn'), text);
  }
});

test('a value never breaks out of its place', () => {
  fc.assert(
    fc.property(value, (name) => {
      const base = parseDn('ou=emergency,dc=x');
      const dn = parseDn(formatDn([[{ type: 'uid', value: name }], ...base]));
      assert.equal(dn.length, 3);
      assert.equal(dn[0]?.[0]?.value, name);
    }),
  );
});

test('only what lies below the base is let through, ending in the base as configured', () => {
  const base = parseDn('ou=emergency,dc=x');
  const through = (text: string) => formatDn(belowBase(parseDn(text), base));
  assert.equal(through('uid=a,OU=Emergency, DC=X'), 'uid=a,ou=emergency,dc=x');
  assert.equal(through('uid=a,ou=deep,ou=emergency,dc=x'), 'uid=a,ou=deep,ou=emergency,dc=x');
  const elsewhere = [
    'ou=emergency,dc=x',
    'dc=x',
    'uid=a,ou=people,dc=x',
    'uid=a\\,ou=emergency,dc=x',
    'uid=a,ou=emergency\\,dc=x',
    'uid=a,ou=emergency+cn=b,dc=x',
    'uid=a,ou=emergency,dc=x,dc=y',
  ];
  for (const text of elsewhere) {
    assert.throws(() => through(text), code('systems.account-elsewhere'), text);
  }
});
