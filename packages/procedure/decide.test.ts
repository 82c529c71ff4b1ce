import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signStatement } from '@halligan/statement';
import { decide, EMPTY, type Input, storedInputOf, verifyInput } from './index.ts';
import { declaration, said } from './practice/practice-emergency.fixture.ts';
import { found, keyOf, ORIGIN, plain, textOf } from './practice/practice-organisation.fixture.ts';
import { at } from './practice/practice-stages.fixture.ts';
import { refuses } from './practice/refusals.fixture.ts';

test('nothing can be said before there is a roster', async () => {
  const { org } = await at('armed');
  const input: Input = await verifyInput(org.state, said(await declaration(org)));
  const decision = decide(EMPTY, input, org.now);
  assert.ok('refusal' in decision);
  assert.equal(decision.refusal.rule, 'roster.none');
  const empty = decide(org.state, { type: 'statements', statements: [] }, org.now);
  assert.ok('refusal' in empty);
  assert.equal(empty.refusal.rule, 'input.empty');
});

test('what is for later is refused with a clear rule', async () => {
  const { org, id } = await at('declared', { drill: true });
  for (const what of ['prover'])
    await refuses(
      org,
      said(await org.sign('ana', 'attest', id, { what, digest: textOf(what) })),
      'input.kind',
      what,
    );
});

test('statements that are no joint decision come one by one', async () => {
  const { org, id } = await at('declared');
  const approve = await org.sign('dana', 'approve', id, { method: 'app' });
  const join = await org.sign('ben', 'take-part', id, { role: 'second', together: 'video' });
  await refuses(org, said([approve, join]), 'input.joint');
  await refuses(org, said([approve, approve]), 'input.joint');
});

test('what did not verify never reaches the rules', async () => {
  const { org, id } = await at('declared');
  const approve = await org.sign('dana', 'approve', id, { method: 'app' });
  const forged = await signStatement(approve.statement, await keyOf('ana'));
  await assert.rejects(org.submit(said(forged)), { code: 'statement.signature' });
  const altered = { ...approve, statement: { ...approve.statement, at: '2026-03-02T08:00:00Z' } };
  await assert.rejects(org.submit(said(altered)), { code: 'statement.signature' });
  const elsewhere = await org.sign('dana', 'approve', id, {
    method: 'app',
    origin: 'halligan.example/other',
  });
  await assert.rejects(org.submit(said(elsewhere)), { code: 'statement.origin' });
  const stranger = await org.sign('zoe', 'approve', id, { method: 'app' });
  await assert.rejects(org.submit(said(stranger)), { code: 'statement.unknown-person' });
  const program = await org.sign('rotator', 'approve', id, { method: 'app' });
  await assert.rejects(org.submit(said(program)), { code: 'statement.program' });
  assert.equal(org.state.roster?.origin, ORIGIN);
});

test('a statement for another record is refused by the rules as well', async () => {
  const { org } = await at('armed');
  const input = await verifyInput(org.state, said(await declaration(org)));
  const { roster } = org.state;
  assert.ok(roster !== undefined);
  const other = { ...org.state, roster: { ...roster, origin: 'halligan.example/other' } };
  const decision = decide(other, input, org.now);
  assert.ok('refusal' in decision);
  assert.equal(decision.refusal.rule, 'input.origin');
});

test('inputs are stored as plain JSON and read back strictly', async () => {
  const { org } = await at('closed');
  for (const { stored } of org.history)
    assert.deepEqual(storedInputOf(plain(stored)), plain(stored));
  const fresh = await found();
  const [first] = fresh.history;
  assert.ok(first !== undefined);
  for (const bad of [
    null,
    {},
    { type: 'gossip' },
    { type: 'tick', at: 'noon' },
    { type: 'statements', signed: [] },
    Object.assign({}, plain(first.stored), { extra: 1 }),
    { type: 'observation', observation: { saw: 'ghost', account: 'root-1' } },
    {
      type: 'observation',
      observation: { saw: 'kitted', account: 'root-1', version: 0, kit: textOf('?'), places: [] },
    },
    {
      type: 'observation',
      observation: {
        saw: 'sealed',
        account: 'root-1',
        version: 1,
        digest: textOf('?'),
        header: {},
      },
    },
  ])
    assert.throws(() => storedInputOf(bad), { code: 'procedure.input' });
});
