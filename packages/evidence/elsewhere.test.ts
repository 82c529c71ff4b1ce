import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf, type Json } from '@halligan/format';
import {
  attestedBy,
  CHECKS,
  codeCommitment,
  custodyOf,
  emergencyById,
  type HalliganEvent,
  happened,
  streamOf,
} from '@halligan/procedure';
import { subjectOf } from '@halligan/statement';
import { ACCOUNT, addAccount, contoso, rotate } from './contoso.fixture.ts';
import {
  authorise,
  declare,
  open,
  requestFields,
  use,
  wholeEmergency,
} from './emergency.fixture.ts';
import { claimsThat, forgePack, TICK, verdictOf } from './forge.fixture.ts';
import { exitCodeOf, groupOf, streamsOf, verifyPack } from './index.ts';
import { bytesOf, type MemoryRecord, said } from './memory-record.fixture.ts';
import { replay } from './replay.ts';

/** An account's history goes through emergencies that a pack leaves out. */

/** The entries that a server shows of some streams: those that hold an event of them. */
function shown(record: MemoryRecord, streams: ReadonlySet<string>): (index: number) => boolean {
  const groups = record.entries.map((bytes, index) => groupOf(index, bytes));
  return (index) => groups[index]?.events.some((event) => streams.has(streamOf(event))) === true;
}

test('a second emergency of the account verifies without the record of the first', async () => {
  const record = await contoso();
  const first = await wholeEmergency(record);
  record.now = '2026-05-02T09:00:00.000Z';
  const second = await declare(record);
  assert.notEqual(first, second);
  const keep = shown(record, streamsOf(second, ACCOUNT));
  const claims = await verifyPack(await record.pack(second, { keep }));
  assert.equal(exitCodeOf(claims), 0);
  const asserted = claimsThat(claims, 'ASSERTED');
  assert.ok(asserted.some((claim) => /4 entries of other emergencies/.test(claim)));
  assert.ok(
    asserted.some((claim) => /^the other \d+ entries of the log do not concern/.test(claim)),
  );
  const { state } = await replay(
    record.entries.map((bytes, index) => groupOf(index, bytes)).filter(({ index }) => keep(index)),
    streamsOf(second, ACCOUNT),
  );
  assert.deepEqual(state.accounts[ACCOUNT], record.state.accounts[ACCOUNT]);
  assert.equal(emergencyById(state, first), undefined);
});

test('a code that was spent on another emergency is spent here, too; nobody else spends one', async () => {
  const record = await contoso();
  const preimage = bytesOf('five words, stretched').toHex();
  const sheet = {
    v: 'halligan/approval-codes/v1',
    person: 'dana',
    salt: bytesOf('salt', 16).toHex(),
    real: [codeCommitment(preimage)],
    drill: [],
  };
  const fields = { what: 'approval-codes', digest: digestOf(sheet) };
  await record.say('attest', 'dana', subjectOf('person', 'dana'), fields, { document: sheet });
  const first = await declare(record);
  const words = { method: 'phone', approver: 'dana', given: record.now };
  await record.say('approve', 'ana', first, { ...words, code: { number: 1, preimage } });
  await record.say('abort', 'ana', first, { reason: record.text('no need') });
  const second = await declare(record);
  const streams = streamsOf(second, ACCOUNT);
  const groups = record.entries.map((bytes, index) => groupOf(index, bytes));
  const kept = groups.filter(({ index }) => shown(record, streams)(index));
  const { state } = await replay(kept, streams);
  assert.deepEqual(state.approvalCodes, record.state.approvalCodes);
  assert.equal(Object.values(state.approvalCodes.dana?.spent ?? {})[0], first);
  const spent = kept.find(({ events }) => events.some(({ type }) => type === 'ApprovalCodeSpent'));
  assert.ok(spent !== undefined);
  for (const changes of [
    { commitment: codeCommitment(bytesOf('another').toHex()) },
    { spentOn: second },
    { person: 'ben' },
  ]) {
    const events = spent.events.map((event) =>
      event.type === 'ApprovalCodeSpent'
        ? { ...event, data: { ...event.data, ...changes } }
        : event,
    );
    const altered = kept.map((group) => (group === spent ? { ...group, events } : group));
    await assert.rejects(replay(altered, streams), { code: 'evidence.rules' });
  }
});

test('a tick that ended two openings is judged for the one that is here', async () => {
  const record = await contoso();
  await addAccount(record, 'bg-admin-2');
  await rotate(record, 'bg-admin-2', 1, 'none');
  const emergency = await declare(record);
  const other = bytesOf('another emergency').toHex();
  await authorise(record, emergency);
  const request = await record.say('open.request', 'ana', emergency, requestFields(record));
  record.now = '2026-03-02T16:00:00.000Z';
  const expired = happened('OpeningExpired', { emergency, request });
  const elsewhere = happened('OpeningExpired', { emergency: other, request: other });
  const both = record.fork();
  both.write(TICK, [elsewhere, expired]);
  assert.equal(await verdictOf(await forgePack(both, emergency)), '0 ');
  const without = record.fork();
  without.write(TICK, [elsewhere]);
  assert.match(await verdictOf(await forgePack(without, emergency)), /^5 evidence.rules/);
});

test('an account is not touched, armed or unarmed but by what was signed', async () => {
  const record = await contoso();
  const first = await declare(record);
  await authorise(record, first);
  await open(record, first);
  await use(record, first);
  const streams = new Set(['organisation', `account:${ACCOUNT}`]);
  const groups = record.entries.map((bytes, index) => groupOf(index, bytes));
  const kept = groups.filter(({ index }) => shown(record, streams)(index));
  const { folded, state } = await replay(kept, streams);
  assert.equal(folded, 2);
  assert.equal(state.accounts[ACCOUNT]?.state, 'unarmed');
  const other = bytesOf('another emergency').toHex();
  const release = groups.find(({ events }) => events.some(({ type }) => type === 'AccountTaken'));
  assert.ok(release !== undefined && release.input.type === 'statements');
  const [released, touched, taken] = release.events;
  assert.ok(released !== undefined && touched !== undefined && taken !== undefined);
  const stampOf = ({ v, id, at, actor }: HalliganEvent) => ({ v, id, at, actor });
  const armed: HalliganEvent = {
    ...stampOf(touched),
    ...happened('AccountArmed', { account: ACCOUNT, version: 1 }),
  };
  const another: HalliganEvent = {
    ...stampOf(touched),
    ...happened('VersionTouched', { account: ACCOUNT, version: 9, emergency: first }),
  };
  const elsewhere: HalliganEvent = {
    ...stampOf(taken),
    ...happened('AccountTaken', { account: ACCOUNT, emergency: other }),
  };
  for (const events of [
    [released, armed],
    [released, touched],
    [released, touched, taken, armed],
    [released, another, taken],
    [released, touched, elsewhere],
    // A genuine signature, said to be about another emergency, or about two.
    [released, touched, taken].map((event) => ({
      ...event,
      data: { ...event.data, emergency: other },
    })),
    [
      released,
      touched,
      taken,
      {
        ...stampOf(released),
        id: 'more',
        ...happened('OpeningExpired', { emergency: other, request: other }),
      },
    ],
  ] as readonly (readonly HalliganEvent[])[]) {
    const altered = kept.map((group) => (group === release ? { ...group, events } : group));
    await assert.rejects(replay(altered, streams), { code: 'evidence.rules' });
  }
});

test('a release touches the version whose share it is, and no other', async () => {
  const record = await contoso();
  await rotate(record, ACCOUNT, 2, 'rejected');
  const emergency = await declare(record);
  await authorise(record, emergency);
  await open(record, emergency);
  const streams = new Set(['organisation', `account:${ACCOUNT}`]);
  const kept = record.entries
    .map((bytes, index) => groupOf(index, bytes))
    .filter(({ index }) => shown(record, streams)(index));
  const { state } = await replay(kept, streams);
  assert.equal(state.accounts[ACCOUNT]?.versions[2]?.touched, true);
  const altered = kept.map((group) => ({
    ...group,
    events: group.events.map((event) =>
      event.type === 'VersionTouched' ? { ...event, data: { ...event.data, version: 1 } } : event,
    ),
  }));
  await assert.rejects(replay(altered, streams), { code: 'evidence.rules' });
});

test('an envelope opened in an emergency that is left out is opened here, by what both signed and nothing else', async () => {
  const record = await contoso();
  const sign = async (document: Json, subject: string) => {
    const what = attestedBy(custodyOf(document));
    const signed = [];
    for (const by of ['ana', 'ben'])
      signed.push(await record.sign('attest', by, subject, { what, digest: digestOf(document) }));
    await record.submit(said(signed, document));
  };
  const V = 'halligan/custody/v1';
  const at = () => ['ana', 'ben'].map((by) => ({ by, at: record.now }));
  const facts = { serial: 'a-001', account: ACCOUNT, place: 'safe-a' };
  const place = { v: V, do: 'place', id: 'safe-a', kind: 'rated-safe', name: 'Safe A' };
  await sign(
    {
      ...place,
      ...{ address: 'Head office', access: ['ana'], changed: record.now, previous: null },
    },
    subjectOf('place', 'safe-a'),
  );
  const seal = record.state.accounts[ACCOUNT]?.versions[1]?.digest ?? '';
  const contents = { contains: [{ what: 'credential' }], tamperEvident: 'C5', signed: at() };
  const sealed = { v: V, do: 'register', ...facts, version: 1, seal, ...contents };
  await sign(sealed, subjectOf('envelope', 'a-001'));
  const first = await declare(record);
  await authorise(record, first);
  await sign({ v: V, do: 'arrive', ...facts, arrived: at() }, first);
  const checks = Object.fromEntries(CHECKS.map((check) => [check, true]));
  const access = { method: 'key', by: ['ana'] };
  const times = { signed: at(), opened: record.now, photos: [] };
  await sign({ v: V, do: 'open', ...facts, version: 1, access, checks, ...times }, first);
  const streams = new Set(['organisation', `account:${ACCOUNT}`]);
  const groups = record.entries.map((bytes, index) => groupOf(index, bytes));
  const kept = groups.filter(({ index }) => shown(record, streams)(index));
  const { state, folded } = await replay(kept, streams);
  assert.equal(folded, 1);
  assert.deepEqual(state.accounts[ACCOUNT], record.state.accounts[ACCOUNT]);
  assert.equal(state.accounts[ACCOUNT]?.envelopes['a-001']?.state, 'opened');
  const last = kept.at(-1);
  assert.ok(last !== undefined);
  for (const events of [
    last.events.slice(0, 2),
    last.events.toSpliced(1, 1),
    last.events.map((event) =>
      event.type === 'EnvelopeUnsealed'
        ? { ...event, data: { ...event.data, serial: 'a-002' } }
        : event,
    ),
  ])
    await assert.rejects(replay([...kept.slice(0, -1), { ...last, events }], streams), {
      code: 'evidence.rules',
    });
});
