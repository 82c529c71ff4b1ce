import assert from 'node:assert/strict';
import { test } from 'node:test';
import { happened } from '@halligan/procedure';
import { ACCOUNT, contoso, sealOf } from './contoso.fixture.ts';
import { authorise, declare, open, releaseFields, request, use } from './emergency.fixture.ts';
import { forgePack, indexOf, TICK, verdictOf, withEvents } from './forge.fixture.ts';
import { groupOf } from './index.ts';
import { bytesOf, keyOf, type MemoryRecord, said, saw } from './memory-record.fixture.ts';

/** An adversary with the log's key and the evidence key, who writes and signs whatever helps, and no person's key. */

const armed = await contoso();

async function used(): Promise<{ readonly record: MemoryRecord; readonly emergency: string }> {
  const record = armed.fork();
  const emergency = await declare(record);
  await authorise(record, emergency);
  await open(record, emergency);
  await use(record, emergency);
  return { record, emergency };
}

async function declared(): Promise<{ readonly record: MemoryRecord; readonly emergency: string }> {
  const record = armed.fork();
  return { record, emergency: await declare(record) };
}

test('what is honest verifies: the tests below fail for what they change', async () => {
  const { record, emergency } = await used();
  assert.equal(await verdictOf(await forgePack(record, emergency)), '0 ');
});

test('an approval left out of the pack, or of the log, is missed by the opening', async () => {
  const { record, emergency } = await used();
  const approval = indexOf(record, 'EmergencyApproved');
  const opening = indexOf(record, 'OpeningRequested');
  assert.match(
    await verdictOf(await forgePack(record, emergency, (index) => index !== approval)),
    new RegExp(`^5 evidence.rules: Entry ${opening}: .*opening.not-approved.*The ${opening - 1} `),
  );
  const rewritten = record.rewritten((entry, index) => (index === approval ? null : entry));
  assert.match(
    await verdictOf(await forgePack(rewritten, emergency)),
    new RegExp(`^5 evidence.rules: Entry ${opening - 1}: .*opening.not-approved`),
  );
});

test('a note taken out of the log afterwards changes what later signers had seen', async () => {
  const { record, emergency } = await used();
  const note = indexOf(record, 'NoteAdded');
  const rewritten = record.rewritten((entry, index) => (index === note ? null : entry));
  assert.match(
    await verdictOf(await forgePack(rewritten, emergency)),
    /^5 evidence.seen: Entry \d+: ana’s device had seen another history/,
  );
});

test('an invented approval is not the approver’s', async () => {
  const { record, emergency } = await declared();
  const forged = await record.sign(
    'approve',
    'dana',
    emergency,
    { method: 'app' },
    {
      key: await keyOf('mallory'),
    },
  );
  const events = [happened('EmergencyApproved', { emergency, by: 'dana', method: 'app' })];
  record.write(said([forged]), events);
  assert.match(
    await verdictOf(await forgePack(record, emergency)),
    /^5 statement.signature: Entry 9: .* The 9 entries before it still verify\.$/,
  );
});

test('somebody who is not on the roster approves nothing', async () => {
  const { record, emergency } = await declared();
  const forged = await record.sign('approve', 'mallory', emergency, { method: 'app' });
  const events = [happened('EmergencyApproved', { emergency, by: 'mallory', method: 'app' })];
  record.write(said([forged]), events);
  assert.match(
    await verdictOf(await forgePack(record, emergency)),
    /^5 statement.unknown-person: Entry 9/,
  );
});

test('no approval comes in beside an event of another emergency', async () => {
  const { record, emergency } = await declared();
  const other = bytesOf('another emergency').toHex();
  const approval = happened('EmergencyApproved', { emergency, by: 'dana', method: 'app' });
  const noise = happened('OpeningExpired', { emergency: other, request: other });
  const withTick = record.fork();
  withTick.write(TICK, [approval, noise]);
  assert.match(await verdictOf(await forgePack(withTick, emergency)), /^5 evidence.rules: Entry 9/);
  // A genuine statement about something else, as the carrier.
  const carrier = await record.sign('note', 'ana', other, {
    about: 'observation',
    occurred: record.now,
    text: other,
  });
  const withNote = record.fork();
  withNote.write(said([carrier]), [approval, noise]);
  assert.match(await verdictOf(await forgePack(withNote, emergency)), /^5 evidence.rules: Entry 9/);
});

test('no seal with an easier quorum comes in, under a digest of its own or beside other events', async () => {
  const { record, emergency } = await declared();
  const easy = {
    ...Object(sealOf(record, ACCOUNT, 2)),
    paths: [{ name: 'standard', groups: [{ name: 'keyholders', need: 1, holders: ['ana'] }] }],
  };
  const honest = sealOf(record, ACCOUNT, 2);
  const digest = bytesOf('another seal.json').toHex();
  const observed = { saw: 'sealed', account: ACCOUNT, version: 2, digest };
  for (const header of [easy, honest]) {
    const forged = record.fork();
    forged.write(saw({ ...observed, header }), [
      happened('CredentialSealed', { account: ACCOUNT, version: 2, digest, header }),
    ]);
    assert.match(await verdictOf(await forgePack(forged, emergency)), /^5 evidence.rules: Entry 9/);
  }
  const other = bytesOf('another emergency').toHex();
  const beside = record.fork();
  beside.write(saw({ ...observed, header: easy }), [
    happened('CredentialSealed', { account: ACCOUNT, version: 2, digest, header: easy }),
    happened('OpeningExpired', { emergency: other, request: other }),
  ]);
  assert.match(await verdictOf(await forgePack(beside, emergency)), /^5 evidence.rules: Entry 9/);
});

test('a quorum of one is none', async () => {
  const record = armed.fork();
  const emergency = await declare(record);
  await authorise(record, emergency);
  const asked = await request(record, emergency);
  await record.say('share.release', 'ana', emergency, releaseFields('ana', asked));
  const reached = happened('QuorumReached', { emergency, request: asked, path: 'standard' });
  const asIfByTick = record.fork();
  asIfByTick.write(TICK, [reached]);
  assert.match(
    await verdictOf(await forgePack(asIfByTick, emergency)),
    /^5 evidence.rules: Entry 13: .*something else happened/,
  );
  // ana's own statement once more, written down as ben's.
  const released = record.entries[12];
  assert.ok(released !== undefined);
  const twice = record.fork();
  const again = await twice.sign('share.release', 'ana', emergency, releaseFields('ana', asked));
  const facts = { ...releaseFields('ben', asked), holder: 'ben', statement: asked };
  twice.write(said([again]), [
    happened('ShareReleased', {
      emergency,
      request: asked,
      path: 'standard',
      group: 'keyholders',
      holder: facts.holder,
      ciphertext: asked,
      statement: asked,
    }),
    reached,
  ]);
  assert.match(
    await verdictOf(await forgePack(twice, emergency)),
    /^5 evidence.rules: Entry 13: .*release.again/,
  );
});

test('events are what the rules make of what was signed, to the last member', async () => {
  const { record, emergency } = await used();
  const at = indexOf(record, 'EmergencyApproved');
  const firstId = groupOf(0, record.entries[0] ?? new Uint8Array()).events[0]?.id;
  const changes: readonly ((event: Record<string, unknown>) => Record<string, unknown>)[] = [
    (event) => ({ ...event, data: { ...Object(event.data), by: 'raj' } }),
    (event) => ({ ...event, data: { ...Object(event.data), method: 'phone' } }),
    (event) => ({ ...event, data: { ...Object(event.data), note: 'more' } }),
    (event) => ({ ...event, type: 'EmergencyRefused' }),
    (event) => ({ ...event, type: 'SomethingNew' }),
    (event) => ({ ...event, actor: 'raj' }),
    (event) => ({ ...event, id: firstId }),
    (event) => ({ ...event, at: '2026-03-02T09:00:00.000Z' }),
  ];
  for (const [number, change] of changes.entries()) {
    const altered = record.rewritten((entry, index) =>
      index === at ? withEvents(entry, change) : entry,
    );
    assert.match(
      await verdictOf(await forgePack(altered, emergency)),
      new RegExp(`^5 evidence.rules: Entry ${at}: `),
      `change ${number}`,
    );
  }
  for (const change of [
    (event: Record<string, unknown>) => ({ ...event, extra: 1 }),
    (event: Record<string, unknown>) => ({ ...event, crit: ['x'] }),
    (event: Record<string, unknown>) => ({ ...event, v: 'halligan/event/v2' }),
    (event: Record<string, unknown>) => ({ ...event, data: [] }),
  ]) {
    const altered = record.rewritten((entry, index) =>
      index === at ? withEvents(entry, change) : entry,
    );
    assert.match(
      await verdictOf(await forgePack(altered, emergency)),
      /^5 evidence.entry: Entry 9 (has a form|holds what nobody may overlook).* this version does not know/,
    );
  }
});

test('the events of one entry have one time', async () => {
  const { record, emergency } = await declared();
  let first = true;
  const altered = record.rewritten((entry, index) =>
    index !== 8
      ? entry
      : withEvents(entry, (event) => {
          if (first) {
            first = false;
            return event;
          }
          return { ...event, at: '2026-03-02T15:00:00.000Z' };
        }),
  );
  assert.match(
    await verdictOf(await forgePack(altered, emergency)),
    /^5 evidence.rules: Entry 8: .*different times/,
  );
});

test('a release after the window does not become one in time by turning the clock back', async () => {
  const record = armed.fork();
  const emergency = await declare(record);
  await authorise(record, emergency);
  const asked = await request(record, emergency);
  record.now = '2026-03-02T18:00:00.000Z';
  record.write(TICK, [happened('OpeningExpired', { emergency, request: asked })]);
  assert.equal(await verdictOf(await forgePack(record, emergency)), '0 ');
  record.now = '2026-03-02T14:45:00.000Z';
  record.write(TICK, [happened('OpeningExpired', { emergency, request: asked })]);
  assert.match(
    await verdictOf(await forgePack(record, emergency)),
    /Entry 13: .*its time lies before/,
  );
});

test('what was signed in another emergency counts in that one only', async () => {
  const { record, emergency } = await used();
  const approval = JSON.parse(
    new TextDecoder().decode(record.entries[indexOf(record, 'EmergencyApproved')]),
  );
  const next = armed.fork();
  next.now = '2026-03-02T14:35:00.000Z';
  const second = await declare(next, { reason: 'Again.', note: '' });
  assert.notEqual(second, emergency);
  next.write(approval.input, [
    happened('EmergencyApproved', { emergency: second, by: 'dana', method: 'app' }),
  ]);
  assert.match(
    await verdictOf(await forgePack(next, second)),
    /^5 evidence.rules: Entry 9: .*emergency.unknown/,
  );
  // Of a drill, in the real one.
  const drill = armed.fork();
  const real = await declare(drill);
  const signed = await drill.sign('approve', 'dana', real, { method: 'app' }, { purpose: 'drill' });
  drill.write(said([signed]), [
    happened('EmergencyApproved', { emergency: real, by: 'dana', method: 'app' }),
  ]);
  assert.match(
    await verdictOf(await forgePack(drill, real)),
    /^5 evidence.rules: Entry 9: .*emergency.purpose/,
  );
});

test('a signer who was shown another history is named', async () => {
  const { record, emergency } = await declared();
  const forked = armed.fork();
  await declare(forked, { reason: 'Something harmless.', note: '' });
  const shown = await record.sign('approve', 'dana', emergency, {
    method: 'app',
    journal: forked.place(),
  });
  await record.submit(said([shown]));
  assert.match(
    await verdictOf(await forgePack(record, emergency)),
    /^5 evidence.seen: Entry 9: dana’s device had seen another history of 9 entries than this log/,
  );
});
