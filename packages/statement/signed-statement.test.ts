import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HalliganError } from '@halligan/format';
import fc from 'fast-check';
import { code, firstRoster, JOURNAL, keyOf, NOW, ORIGIN } from './cast.fixture.ts';
import {
  makeStatement,
  namespaceOf,
  signSsh,
  signStatement,
  statementBytes,
  statementDigest,
  verifyStatement,
} from './index.ts';

const D = 'cd'.repeat(32);
const roster = await firstRoster();
const fields = (by: string, origin = ORIGIN) =>
  ({
    origin,
    subject: D,
    by,
    at: NOW,
    purpose: 'real',
    policy: null,
    roster: roster.digest,
    journal: JOURNAL,
  }) as const;
const approval = makeStatement('approve', { ...fields('frank'), method: 'app' });

test('a statement verifies under the key that the roster gives to its author', async () => {
  const signed = await signStatement(approval, await keyOf('frank'));
  const json: unknown = JSON.parse(JSON.stringify(signed));
  const verified = await verifyStatement(json, roster);
  assert.deepEqual(verified.statement, approval);
  assert.equal(verified.digest, statementDigest(approval));
  assert.equal(verified.by, 'frank');
  assert.deepEqual(verified.signed, signed);
});

test('any of a person’s keys will do', async () => {
  const second = await keyOf('frank-laptop');
  const members = roster.members.map((member) =>
    member.id === 'frank' ? { ...member, signing: [...member.signing, second.publicKey] } : member,
  );
  await verifyStatement(await signStatement(approval, second), { ...roster, members });
  await assert.rejects(
    verifyStatement(await signStatement(approval, second), roster),
    code('statement.signature'),
  );
});

test('nobody signs for another', async () => {
  const byBob = await signStatement(approval, await keyOf('bob'));
  await assert.rejects(verifyStatement(byBob, roster), code('statement.signature'));
  const stranger = makeStatement('approve', { ...fields('mallory'), method: 'app' });
  const byStranger = await signStatement(stranger, await keyOf('mallory'));
  await assert.rejects(verifyStatement(byStranger, roster), code('statement.unknown-person'));
});

test('a statement for another log does not count here', async () => {
  const elsewhere = makeStatement('close', fields('frank', 'other.example/log'));
  const signed = await signStatement(elsewhere, await keyOf('frank'));
  await assert.rejects(verifyStatement(signed, roster), code('statement.origin'));
});

test('a signature under one kind is none under another', async () => {
  const blob = await signSsh(statementBytes(approval), namespaceOf('refuse'), await keyOf('frank'));
  const signed = { statement: approval, signature: blob.toBase64() };
  await assert.rejects(verifyStatement(signed, roster), code('statement.namespace'));
});

test('a program releases and attests, and decides nothing', async () => {
  const key = await keyOf('releaser');
  const attest = makeStatement('attest', { ...fields('releaser'), what: 'prover', digest: D });
  assert.equal((await verifyStatement(await signStatement(attest, key), roster)).by, 'releaser');
  const approve = makeStatement('approve', { ...fields('releaser'), method: 'app' });
  const signed = await signStatement(approve, key);
  await assert.rejects(verifyStatement(signed, roster), code('statement.program'));
});

test('what is no signed statement is refused with its code', async () => {
  const good = await signStatement(approval, await keyOf('frank'));
  const cases: readonly (readonly [unknown, string])[] = [
    [null, 'statement.shape'],
    [{ ...good, extra: 1 }, 'statement.shape'],
    [{ statement: good.statement }, 'statement.shape'],
    [{ ...good, signature: '' }, 'statement.shape'],
    [{ ...good, signature: 'A'.repeat(2049) }, 'statement.shape'],
    [{ ...good, signature: 'not base64' }, 'statement.signature-format'],
    [{ ...good, signature: `${good.signature.slice(0, -4)}AAAA` }, 'statement.signature-format'],
    [{ ...good, statement: { ...approval, v: 'x' } }, 'statement.version'],
    [{ ...good, statement: { ...approval, kind: 'x' } }, 'statement.kind'],
    [{ ...good, statement: { ...approval, method: 'phone' } }, 'statement.signature'],
    [{ ...good, statement: { ...approval, purpose: 'drill' } }, 'statement.signature'],
  ];
  for (const [json, expected] of cases) {
    await assert.rejects(verifyStatement(json, roster), code(expected), JSON.stringify(json));
  }
});

test('input is read before the first await', async () => {
  const signed: { signature: string; statement: object } = JSON.parse(
    JSON.stringify(await signStatement(approval, await keyOf('frank'))),
  );
  const verifying = verifyStatement(signed, roster);
  signed.signature = '';
  Object.assign(signed.statement, { method: 'phone' });
  assert.deepEqual((await verifying).statement, approval);
});

test('a signed statement with any character changed is refused', async () => {
  const text = JSON.stringify(await signStatement(approval, await keyOf('frank')));
  await fc.assert(
    fc.asyncProperty(
      fc.nat(text.length - 1),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
      async (at, character) => {
        const changed = text.slice(0, at) + character + text.slice(at + 1);
        fc.pre(changed !== text);
        let json: unknown;
        try {
          json = JSON.parse(changed);
        } catch {
          return;
        }
        await assert.rejects(
          verifyStatement(json, roster),
          (error) => error instanceof HalliganError,
          changed,
        );
      },
    ),
    { numRuns: 1000 },
  );
});
