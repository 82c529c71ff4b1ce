import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf } from '@halligan/format';
import { subjectOf } from '@halligan/statement';
import { codeCommitment, dueEffects } from '../index.ts';
import { declare, emergencyOf, said } from '../practice/practice-emergency.fixture.ts';
import { type Organisation, plain, textOf } from '../practice/practice-organisation.fixture.ts';
import { at } from '../practice/practice-stages.fixture.ts';
import { refuses, refusesAll } from '../practice/refusals.fixture.ts';

/** A code as its words are stretched to. */
const codeOf = (purpose: 'real' | 'drill', number: number, sheet = 'first') =>
  textOf(`${sheet} ${purpose} ${number}`);

async function sheet(
  org: Organisation,
  by = 'dana',
  changes: object = {},
  fields: Readonly<Record<string, unknown>> = {},
  name = 'first',
) {
  const numbers = [1, 2, 3];
  const document = plain({
    v: 'halligan/approval-codes/v1',
    person: by,
    salt: 'ab'.repeat(16),
    real: numbers.map((number) => codeCommitment(codeOf('real', number, name))),
    drill: numbers.map((number) => codeCommitment(codeOf('drill', number, name))),
    ...changes,
  });
  const signed = await org.sign(by, 'attest', subjectOf('person', by), {
    what: 'approval-codes',
    digest: digestOf(document),
    ...fields,
  });
  return said(signed, document);
}

async function spoken(
  org: Organisation,
  id: string,
  code: { readonly number: number; readonly preimage: string },
  fields: Readonly<Record<string, unknown>> = {},
  by = 'ana',
) {
  const words = { method: 'phone', approver: 'dana', given: org.now, code, ...fields };
  return said(await org.sign(by, 'approve', id, words));
}

const real = (number: number) => ({ number, preimage: codeOf('real', number) });

test('a code that the approver speaks stands for a second signature, and is spent', async () => {
  for (const by of ['ana', 'ben']) {
    const { org, id } = await at('declared');
    assert.deepEqual(await org.done(await sheet(org)), ['ApprovalCodesCommitted']);
    assert.deepEqual(await org.done(await spoken(org, id, real(2), {}, by)), [
      'EmergencyApproved',
      'ApprovalCodeSpent',
    ]);
    const commitment = codeCommitment(codeOf('real', 2));
    assert.deepEqual(emergencyOf(org, id).approval, {
      by: 'dana',
      method: 'phone',
      given: org.now,
      code: commitment,
      at: org.now,
    });
    assert.deepEqual(org.state.approvalCodes.dana?.spent, { [commitment]: id });
    assert.equal(dueEffects(org.state)[0]?.do, 'send-summary');
  }
});

test('what is no code of this approver, for this', async () => {
  const { org, id } = await at('declared');
  await refuses(org, spoken(org, id, real(1)), 'authorisation.code', 'before there is a sheet');
  await org.done(await sheet(org));
  await refusesAll(org, [
    ['another number', spoken(org, id, { ...real(1), number: 2 }), 'authorisation.code', ['dana']],
    ['a guess', spoken(org, id, { number: 1, preimage: textOf('guess') }), 'authorisation.code'],
    [
      'a drill’s code, for real',
      spoken(org, id, { number: 1, preimage: codeOf('drill', 1) }),
      'authorisation.code',
    ],
    ['no such number', spoken(org, id, { ...real(1), number: 9 }), 'authorisation.code'],
    ['another approver', spoken(org, id, real(1), { approver: 'dirk' }), 'authorisation.code'],
    ['the requester', spoken(org, id, real(1), { approver: 'ana' }), 'authorisation.self-approval'],
    ['a stranger speaks', spoken(org, id, real(1), {}, 'cleo'), 'authorisation.method'],
    ['the witness speaks', spoken(org, id, real(1), {}, 'wanda'), 'authorisation.method'],
    ['in the app', spoken(org, id, real(1), { method: 'app' }, 'dana'), 'authorisation.method'],
    [
      'with a second signature that says something else',
      said([
        await org.sign('ana', 'approve', id, {
          method: 'phone',
          approver: 'dana',
          given: org.now,
          code: real(1),
        }),
        await org.sign('ben', 'abort', id, { reason: textOf('?') }),
      ]),
      'input.joint',
    ],
  ]);
});

test('a code works once, for one emergency', async () => {
  const { org, id } = await at('declared');
  await org.done(await sheet(org));
  const approval = await spoken(org, id, real(1));
  await org.done(approval);
  await refuses(org, approval, 'authorisation.decided', 'replayed');
  await org.done(said(await org.sign('ana', 'abort', id, { reason: textOf('mistake') })));
  org.wait(1);
  const next = await declare(org);
  await refuses(org, approval, 'authorisation.over', 'borrowed');
  await refuses(org, spoken(org, next, real(1)), 'authorisation.code-spent', 'spoken again');
  await org.done(await spoken(org, next, real(2)));
});

test('a drill’s codes are others: none is spoken for real, nor a real one wasted', async () => {
  const { org, id } = await at('declared', { drill: true });
  await org.done(await sheet(org));
  await refuses(org, spoken(org, id, real(1)), 'authorisation.code');
  await org.done(await spoken(org, id, { number: 1, preimage: codeOf('drill', 1) }));
});

test('a new sheet takes the place of the old one, an old one never comes back', async () => {
  const { org, id } = await at('declared');
  const first = await sheet(org);
  await org.done(first);
  await refuses(org, first, 'codes.replayed');
  await org.done(await sheet(org, 'dana', { real: [], drill: [] }));
  await refuses(org, spoken(org, id, real(1)), 'authorisation.code', 'revoked');
  await refuses(org, first, 'codes.replayed', 'a lost sheet, brought back');
  await org.done(await sheet(org, 'dana', {}, {}, 'second'));
  await org.done(await spoken(org, id, { number: 1, preimage: codeOf('real', 1, 'second') }));
  await refuses(
    org,
    sheet(org, 'dana', { drill: [codeCommitment(codeOf('real', 1, 'second'))], real: [] }),
    'codes.replayed',
    'a spent code on a new sheet',
  );
});

test('who makes a sheet, and what is none', async () => {
  const { org } = await at('armed');
  const one = codeCommitment(textOf('one'));
  await refusesAll(org, [
    [
      'somebody who approves nothing',
      sheet(org, 'ana'),
      'codes.approver',
      ['dana', 'dirk', 'dora'],
    ],
    ['for another', sheet(org, 'dana', { person: 'dirk' }), 'codes.document'],
    [
      'about another',
      sheet(org, 'dana', {}, { subject: subjectOf('person', 'dirk') }),
      'codes.document',
    ],
    [
      'other codes than were signed',
      sheet(org, 'dana', {}, { digest: textOf('?') }),
      'codes.document',
    ],
    ['a code twice', sheet(org, 'dana', { real: [one], drill: [one] }), 'codes.document'],
    ['too many', sheet(org, 'dana', { real: Array(33).fill(one) }), 'codes.document'],
    ['for a drill', sheet(org, 'dana', {}, { purpose: 'drill' }), 'input.purpose'],
  ]);
  for (const by of ['dirk', 'dora']) await org.done(await sheet(org, by));
});
