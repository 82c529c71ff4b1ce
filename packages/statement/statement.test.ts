import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { canonicalBytes, HalliganError, type Json, utf8, utf8Text } from '@halligan/format';
import fc from 'fast-check';
import { code, JOURNAL, NOW, ORIGIN } from './cast.fixture.ts';
import {
  isKind,
  makeStatement,
  parseStatement,
  STATEMENT_KINDS,
  STATEMENT_LIMIT,
  type Statement,
  statementBytes,
  statementDigest,
  statementOf,
  subjectOf,
} from './index.ts';

const D = 'cd'.repeat(32);
const head = {
  origin: ORIGIN,
  subject: D,
  by: 'ana',
  at: NOW,
  purpose: 'real',
  policy: D,
  roster: null,
  journal: JOURNAL,
} as const;
const random = (size: number) => new Uint8Array(size).fill(7);

const declare = {
  ...head,
  account: 'break-glass-1',
  system: 'directory',
  reason: D,
  cause: 'idp-outage',
  evidence: [D],
  second: 'bob',
  approver: 'frank',
  incident: D,
} as const;
const openRequest = {
  ...head,
  account: 'break-glass-1',
  version: 1,
  seal: 'ef'.repeat(16),
  sealDigest: D,
  path: 'standard',
  recipient: `age1${'q'.repeat(58)}`,
  expires: NOW,
} as const;

const examples: readonly Statement[] = [
  makeStatement('declare', { ...declare, attestation: D, witness: 'erin' }, random),
  makeStatement('approve', { ...head, method: 'app', conditions: D }, random),
  makeStatement('refuse', { ...head, reason: D }, random),
  makeStatement('take-part', { ...head, role: 'second', together: 'video' }, random),
  makeStatement('open.request', openRequest, random),
  makeStatement(
    'share.release',
    { ...head, request: D, path: 'standard', group: 'keyholders', commitment: D, ciphertext: D },
    random,
  ),
  makeStatement(
    'exception',
    { ...head, attempts: [{ person: 'frank', channel: 'phone', at: NOW }], reason: D },
    random,
  ),
  makeStatement(
    'note',
    { ...head, about: 'action', occurred: NOW, text: D, outOfScope: D },
    random,
  ),
  makeStatement('addendum', { ...head, to: D, text: D }, random),
  makeStatement('end', { ...head, loggedOut: NOW, surrendered: D }, random),
  makeStatement('attest', { ...head, what: 'kit', digest: D, text: D }, random),
  makeStatement('convert', { ...head, reason: D }, random),
  makeStatement('abort', { ...head, reason: D }, random),
  makeStatement('close', head, random),
  makeStatement('policy.adopt', head, random),
  makeStatement('roster.change', head, random),
];

test('there is one example of every kind, and its bytes give the same statement', () => {
  assert.deepEqual(
    examples.map((statement) => statement.kind),
    STATEMENT_KINDS,
  );
  for (const statement of examples) {
    const bytes = statementBytes(statement);
    assert.deepEqual(parseStatement(bytes), statement);
    assert.equal(statementDigest(statement), createHash('sha256').update(bytes).digest('hex'));
  }
});

test('the bytes of a statement are canonical JSON', () => {
  assert.equal(
    utf8Text(statementBytes(makeStatement('approve', { ...head, method: 'phone' }, random))),
    `{"at":"${NOW}","by":"ana","journal":{"root":"${JOURNAL.root}","size":7},"kind":"approve","method":"phone","nonce":"${'07'.repeat(16)}","origin":"${ORIGIN}","policy":"${D}","purpose":"real","roster":null,"subject":"${D}","v":"halligan/statement/v1"}`,
  );
});

test('nonces differ', () => {
  const [one, other] = [makeStatement('close', head), makeStatement('close', head)];
  assert.notEqual(one.nonce, other.nonce);
  assert.ok(isKind(one, 'close') && !isKind(one, 'abort'));
});

function altered(kind: string, change: Readonly<Record<string, unknown>>): unknown {
  const example = examples.find((statement) => statement.kind === kind);
  return JSON.parse(JSON.stringify({ ...example, ...change }));
}

test('unknown versions, kinds and fields are refused with their code', () => {
  for (const json of [null, 1, 'x', [], {}, altered('close', { v: 'halligan/statement/v2' })]) {
    assert.throws(() => statementOf(json), code('statement.version'));
  }
  for (const kind of ['reopen', null, 1, '__proto__', 'constructor']) {
    assert.throws(() => statementOf(altered('close', { kind })), code('statement.kind'));
  }
  assert.throws(() => statementOf(altered('close', { reason: D })), code('statement.shape'));
  const smuggled: unknown = JSON.parse(
    JSON.stringify(examples[13]).replace('{', '{"__proto__":{"reason":"x"},'),
  );
  assert.throws(() => statementOf(smuggled), code('statement.shape'));
});

test('every field has its limits', () => {
  const wrong: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
    ...['', 'a b', 'a+b', 'a\u0000', 'a\u0085b', 'a\u2028b', 'x'.repeat(256), 1].map(
      (origin) => ['close', { origin }] as const,
    ),
    ...[null, '', D.toUpperCase(), D.slice(1), `${D}\n`].map(
      (subject) => ['close', { subject }] as const,
    ),
    ...['', 'Ana', 'a_b', 'x'.repeat(64), 'ana\n'].map((by) => ['close', { by }] as const),
    ...[
      '2026-02-30T00:00:00Z',
      '2026-01-01T24:00:00Z',
      '2026-01-01T00:00:60Z',
      '2026-01-01T00:00Z',
      '2026-01-01T00:00:00+00:00',
      '2026-01-01T00:00:00z',
      '2026-01-01 00:00:00Z',
      '2026-01-01T00:00:00.0000000000Z',
      '2026-13-01T00:00:00Z',
      `${NOW}\n`,
    ].map((at) => ['close', { at }] as const),
    ['close', { nonce: '07' }],
    ['close', { purpose: 'test' }],
    ['close', { policy: 'x' }],
    ['close', { roster: '' }],
    ['close', { journal: { size: -1, root: D } }],
    ['close', { journal: { size: 1.5, root: D } }],
    ['close', { journal: { size: 2 ** 53, root: D } }],
    ['close', { journal: { size: 1, root: D, note: 1 } }],
    ['declare', { evidence: [], attestation: undefined }],
    ['declare', { evidence: Array(33).fill(D) }],
    ['declare', { cause: 'curiosity' }],
    ['declare', { attestation: null }],
    ['open.request', { version: 0 }],
    ['open.request', { recipient: `age1${'q'.repeat(2100)}` }],
    ['open.request', { recipient: 'AGE-SECRET-KEY-1' }],
    ['open.request', { seal: D }],
    ['exception', { attempts: Array(257).fill({ person: 'frank', channel: 'phone', at: NOW }) }],
    ['exception', { attempts: [{ person: 'frank', channel: 'fax', at: NOW }] }],
    ['attest', { what: 'anything' }],
    ['note', { about: 'weather' }],
    ['take-part', { role: 'second', together: 'apart' }],
  ];
  for (const [kind, change] of wrong) {
    assert.throws(
      () => statementOf(altered(kind, change)),
      code('statement.shape'),
      JSON.stringify(change),
    );
  }
  for (const at of ['2024-02-29T23:59:59Z', '2026-01-01T00:00:00.123456789Z']) {
    assert.equal(statementOf(altered('close', { at })).at, at);
  }
  assert.ok(statementOf(altered('declare', { evidence: [] })), 'an attestation is enough');
});

test('the largest statement fits its limit', () => {
  const attempts = Array(256).fill({
    person: 'x'.repeat(63),
    channel: 'message',
    at: '2026-01-01T00:00:00.123456789Z',
  });
  const bytes = canonicalBytes(altered('exception', { attempts }) as Json);
  assert.ok(bytes.length < STATEMENT_LIMIT);
  assert.ok(parseStatement(bytes));
  assert.throws(
    () => parseStatement(new Uint8Array(STATEMENT_LIMIT + 1)),
    code('format.too-large'),
  );
});

test('bytes that are not canonical are refused', () => {
  const text = utf8Text(statementBytes(makeStatement('close', head, random)));
  for (const bad of [`${text}\n`, text.replace(',', ', '), `{"a":1,${text.slice(1)}`]) {
    assert.throws(() => parseStatement(utf8(bad)), HalliganError);
  }
  assert.throws(() => parseStatement(utf8(text.replace(':', ': '))), code('format.json'));
});

test('a statement shares nothing with what it was made of, and cannot be changed', () => {
  const evidence = [D];
  const statement = makeStatement('declare', { ...declare, evidence }, random);
  const before = statementDigest(statement);
  evidence.push('x');
  assert.equal(statementDigest(statement), before);
  assert.ok(Object.isFrozen(statement) && Object.isFrozen(statement.evidence));
  assert.ok(Object.isFrozen(statement.journal));
});

test('whatever JSON comes, a statement or a HalliganError comes out', () => {
  const value = fc.oneof(fc.jsonValue(), fc.constantFrom(D, NOW, ORIGIN, 'ana', 1, null));
  fc.assert(
    fc.property(
      fc.constantFrom(...examples),
      fc.string(),
      value,
      fc.boolean(),
      (example, name, replacement, known) => {
        const names = Object.keys(example);
        const at = known ? (names[name.length % names.length] ?? name) : name;
        const json: Json = JSON.parse(JSON.stringify({ ...example, [at]: replacement }));
        try {
          assert.deepEqual(statementOf(json), json);
        } catch (error) {
          assert.ok(error instanceof HalliganError, String(error));
        }
      },
    ),
    { numRuns: 2000 },
  );
});

test('a subject is a digest of its kind and id', () => {
  const expected = createHash('sha256').update('halligan/subject/v1\naccount\nbg-1').digest('hex');
  assert.equal(subjectOf('account', 'bg-1'), expected);
  assert.notEqual(subjectOf('system', 'bg-1'), expected);
  for (const bad of ['', 'A', 'a\nb', 'x'.repeat(64)]) {
    assert.throws(() => subjectOf('account', bad), code('statement.shape'));
    assert.throws(() => subjectOf(bad, 'bg-1'), code('statement.shape'));
  }
});
