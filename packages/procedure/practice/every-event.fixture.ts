import { digestOf } from '@halligan/format';
import { subjectOf } from '@halligan/statement';
import { type Observation, type Policy, policyDigest, type StoredInput } from '../index.ts';
import { everyEmergency } from './every-emergency.fixture.ts';
import { furnished, move, placeOf, SAFE, signedBy } from './practice-custody.fixture.ts';
import { said } from './practice-emergency.fixture.ts';
import {
  ACCOUNT,
  accountEntry,
  type Organisation,
  POLICY,
  plain,
  policyWith,
  SPARE,
  systemEntry,
  textOf,
} from './practice-organisation.fixture.ts';
import { inspected } from './practice-paper.fixture.ts';
import { failedRotation, kitted, rotate, sealed } from './practice-rotation.fixture.ts';
import { sheetOf } from './well-meant.fixture.ts';

/** By the third rules, with a path for one person and an executive. */
const OWN: Policy = policyWith({
  rules: 3,
  allow_one_person: true,
  quorums: {
    'tier-0': {
      ...POLICY.quorums['tier-0'],
      solo: ['1 of keyholders', '1 of executives', '1 of server'],
    },
  },
});

/** Two days and a minute: what waits for a delay has come into force. */
const TWO_DAYS = 2881;

/**
 * What an organisation goes through in some years: everything that can happen, happens once. It was founded, and has
 * its groups, before.
 */
export async function everyEvent(org: Organisation): Promise<void> {
  await org.done(await org.adoption(OWN, ['ada', 'bob']));
  await inventory(org.wait(1));
  await duties(org.wait(1));
  for (const account of [ACCOUNT, SPARE]) await rotate(org.wait(1), account);
  await paper(org.wait(1));
  await changesThatWait(org.wait(1));
  await everyEmergency(org.wait(1));
  await troubles(org.wait(1));
  await anEnd(org.wait(1));
}

async function inventory(org: Organisation): Promise<void> {
  await org.done(await org.entry('ada', systemEntry()));
  for (const id of [ACCOUNT, SPARE]) await org.done(await org.entry('ada', accountEntry(id)));
  await org.done(await changed(org, systemEntry(), { support: '+44 20 7946 0000' }));
  await org.done(await changed(org, accountEntry(ACCOUNT), { sign_in: 'ldaps://x' }));
  const v = 'halligan/inventory/v1';
  const person = { v, add: 'person', id: 'ben', title: 'Head of Networks', daily_admin: true };
  await org.done(await org.entry('ada', person));
  const config = textOf('a directory behind ldaps');
  await org.done(await org.entry('ada', systemEntry({ id: 'spare' })));
  const driver = { v, add: 'driver', id: 'spare', by_hand: true, config, previous: null };
  await org.done(await org.entry('ada', driver));
  await machines(org);
}

async function machines(org: Organisation): Promise<void> {
  const keyOf = (id: string) =>
    `${id}.contoso.example+0a1b2c3d+AQID${id}`.replaceAll(/-(?=\d$)/g, '');
  const list = { v: 'halligan/inventory/v1', add: 'machines', id: 'servers' };
  const entry = (changes: object) => org.entry('ada', { ...list, ...changes });
  const enrol = ['web-1', 'web-2'].map((id) => ({ id, log_key: keyOf(id) }));
  await org.done(await entry({ enrol }));
  const seen = (observation: Observation) => org.done({ type: 'observation', observation });
  await seen({ saw: 'reports-log', logKey: 'localhost/contoso/reports+0a1b2c3d+AQID' });
  const [machine = '', logKey = ''] = ['web-1', keyOf('web-1')];
  const notes = { ours: 'a signed note', theirs: 'another' };
  await seen({ saw: 'machine-forked', machine, logKey, size: 7, ...notes });
  await org.done(await entry({ retire: ['web-2'], reason: 'Sold.' }));
}

/** An entry over the one that is there. */
function changed(
  org: Organisation,
  entry: { readonly add: string; readonly id: string },
  changes: object,
): Promise<StoredInput> {
  const over = { ...entry, ...changes, previous: digestOf(plain(entry)) };
  return org.entry('ada', over);
}

/** A document that one person signs about something that is no emergency. */
async function signed(
  org: Organisation,
  by: string,
  what: string,
  subject: string,
  body: object,
): Promise<StoredInput> {
  const document = plain(body);
  return said(
    await org.sign(by, 'attest', subject, { what, digest: digestOf(document) }),
    document,
  );
}

async function duties(org: Organisation): Promise<void> {
  const duty = (by: string, name: string, about: string) =>
    signed(org, by, 'duty', subjectOf(name, about), {
      v: 'halligan/duty/v1',
      ...{ duty: name, about, last: null },
    });
  await org.done(await duty('raj', 'policy-review', 'policy'));
  await org.done(await duty('mei', 'pin-rotation', ACCOUNT));
  const contoso = (what: string) => subjectOf(what, 'contoso');
  const risk = { finding: 'no-cosigner', reason: 'one is being set up', until: '2026-06-01' };
  const organisation = contoso('organisation');
  await org.done(
    await signed(org, 'eli', 'risk', organisation, { v: 'halligan/risk/v1', ...risk }),
  );
  const kit = { kit: textOf('a kit'), created: org.now, size: 6, shares: 2 };
  const attestation = { v: 'halligan/kit-attestation/v1', ...kit };
  await org.done(await signed(org, 'ana', 'kit', contoso('kit'), attestation));
  await org.done(await sheetOf(org, 'dana', 0));
}

/** A safe and a bank box, an envelope that is moved there and back, looked at, and stays. */
async function paper(org: Organisation): Promise<void> {
  await furnished(org);
  await org.done(await signedBy(org, placeOf(org, SAFE, { address: 'Head office, first floor' })));
  await org.done(await signedBy(org.wait(5), move(org)));
  await org.done(await signedBy(org.wait(5), move(org, { to: SAFE })));
  await org.done(await inspected(org.wait(5), '001'));
}

/** One that is cancelled, one that comes into force when its time has come. */
async function changesThatWait(org: Organisation): Promise<void> {
  const looser = { ...OWN, timers: { ...OWN.timers, loosening: '1h' } };
  await org.done(await org.adoption(looser, ['ada', 'bob']));
  const digest = policyDigest(looser);
  const objection = { v: 'halligan/objection/v1', change: digest };
  await org.done(await signed(org, 'cleo', 'objection', digest, objection));
  const members = ['ana', 'ben', 'cleo', 'dirk'];
  await org.done(await org.rosterChange({ do: 'group', name: 'keyholders', members }, ['ada']));
  await org.wait(TWO_DAYS).tick();
}

/** What becomes of accounts outside of emergencies. */
async function troubles(org: Organisation): Promise<void> {
  const subject = subjectOf('account', SPARE);
  const v = 'halligan/suspicion/v1';
  const suspect = { v, do: 'suspect', account: SPARE, why: 'login-fails' };
  await org.done(await signed(org, 'ben', 'suspicion', subject, suspect));
  await org.done(
    await signed(org, 'raj', 'suspicion', subject, { v, do: 'clear', account: SPARE }),
  );
  const { current = 1 } = org.state.accounts[SPARE] ?? {};
  const use = { version: current, emergency: textOf('from a kit'), rule: 'roster.unknown' };
  const report = { v: 'halligan/offline-use/v1', account: SPARE, ...use };
  await org.done(await signed(org, 'cleo', 'offline-use', subject, report));
  await org.done(sealed(org, SPARE, current + 1));
  await org.done(kitted(SPARE, current + 1));
  await org.done(failedRotation(SPARE, current + 1));
  await rotate(org.wait(1), SPARE);
  const keep = { v: 'halligan/custody/v1', do: 'keep', account: ACCOUNT, in: 'vault' };
  await org.done(await signedBy(org, keep));
}

/** An account and a system are no longer used. */
async function anEnd(org: Organisation): Promise<void> {
  const v = 'halligan/inventory/v1';
  const retire = (of: string, id: string) => ({ v, add: 'retirement', of, id, reason: 'replaced' });
  const both = async (document: ReturnType<typeof retire>) => {
    const fields = { what: 'inventory', digest: digestOf(document) };
    const subject = subjectOf(document.add, document.id);
    const statements = ['ada', 'bob'].map((by) => org.sign(by, 'attest', subject, fields));
    return said(await Promise.all(statements), document);
  };
  await org.done(await both(retire('account', SPARE)));
  await org.done(await both(retire('system', 'spare')));
}
