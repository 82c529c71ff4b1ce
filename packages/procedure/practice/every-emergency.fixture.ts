import { digestOf, type Json } from '@halligan/format';
import { allEmergencies, isOpen } from '../index.ts';
import { obey } from './obedient-people.fixture.ts';
import { actionDone, fullReview, reconciliation, resetPart } from './practice-aftermath.fixture.ts';
import { arrival, INTACT, inspection, signedBy, unsealing } from './practice-custody.fixture.ts';
import {
  attestation,
  declare,
  emergencyOf,
  open,
  release,
  said,
} from './practice-emergency.fixture.ts';
import {
  ACCOUNT,
  type Organisation,
  plain,
  SPARE,
  textOf,
} from './practice-organisation.fixture.ts';
import { rotate } from './practice-rotation.fixture.ts';
import { isWellMeant, wellMeant } from './well-meant.fixture.ts';

/** Emergencies that between them go every way there is, each brought to its close. */
export async function everyEmergency(org: Organisation): Promise<void> {
  await inFull(org);
  await onPaper(org.wait(60));
  await refused(org.wait(60));
  await unanswered(org.wait(60));
  await tornAndConverted(org.wait(60));
  await alone(org.wait(60));
}

/** By a spoken code, at the second try; with everything that can be said while it lasts and once it is over. */
async function inFull(org: Organisation): Promise<void> {
  const id = await declare(org);
  await contacted(org, id, 'approval-request');
  await does(org.wait(1), 'speak-code');
  await contacted(org, id, 'summary');
  await join(org, id, 'ben', 'second');
  await join(org, id, 'wanda', 'witness');
  await open(org, id);
  await org.wait(31).tick();
  await reveal(org.wait(5), id);
  const note = { about: 'action', occurred: org.now, text: textOf('reset a password') };
  await org.done(said(await org.sign('ana', 'note', id, note)));
  await org.done(said(await org.sign('ana', 'end', id, { loggedOut: org.now })));
  const to = emergencyOf(org, id).notes[0]?.statement ?? '';
  const addendum = { to, text: textOf('of another person') };
  await org.done(said(await org.sign('ana', 'addendum', id, addendum)));
  await aftermath(org.wait(10), id);
  await keeping(org, id);
}

async function aftermath(org: Organisation, id: string): Promise<void> {
  const failed = { item: 'password', outcome: 'failed', reason: 'rights', next: textOf('ask') };
  await org.done(await resetPart(org, id, 'ana', failed));
  const { account } = emergencyOf(org, id);
  await rotate(org, account);
  await org.done(await resetPart(org, id, 'ana'));
  for (const by of ['ana', 'ben']) await org.done(await attestation(org, id, 'record', by));
  await org.done(await attestation(org, id, 'submission', 'ana'));
  await org.done(await reconciliation(org, id, 'raj'));
  const violations = [{ what: textOf('mail was read'), suspend: [] }];
  for (const by of ['ana', 'ben', 'dana', 'raj', 'mei'])
    await org.done(await fullReview(org, id, by, { violations }));
  await settle(org);
  await org.done(await actionDone(org, id, 'mei'));
}

/** A hold, and its end; then the texts are erased. */
async function keeping(org: Organisation, id: string): Promise<void> {
  const both = async (decision: Readonly<Record<string, Json>>) => {
    const document = { v: 'halligan/keeping/v1', emergency: id, ...decision };
    const fields = { what: 'keeping', digest: digestOf(document) };
    for (const by of ['raj', 'ada'])
      await org.done(said(await org.sign(by, 'attest', id, fields), plain(document)));
  };
  await both({ do: 'hold', reason: textOf('a lawsuit') });
  const hold = emergencyOf(org, id).keeping?.holds?.[0]?.hold ?? '';
  await both({ do: 'lift', hold, reason: textOf('settled') });
  await both({ do: 'erase', ground: 'data-subject', reference: 'DSR-17' });
  await org.done({ type: 'observation', observation: { saw: 'erased', emergency: id, blobs: 9 } });
}

/** Out of an envelope. */
async function onPaper(org: Organisation): Promise<void> {
  const id = await declare(org);
  await org.done(said(await org.sign('dana', 'approve', id, { method: 'app' })));
  for (const [by, role] of PARTS) await join(org, id, by, role);
  const at = whereItLies(org);
  for (const document of [
    arrival(org.wait(1), { serial: at.serial, place: at.place }),
    unsealing(org.wait(1), at),
  ])
    await org.done(await signedBy(org.wait(1), document, ['ana', 'ben'], { subject: id }));
  await org.done(said(await org.sign('ana', 'end', id, { loggedOut: org.now })));
  await settle(org);
}

async function refused(org: Organisation): Promise<void> {
  const id = await declare(org, { account: SPARE });
  await does(org.wait(1), 'say-no');
  const reason = textOf('the provider is back');
  await org.done(said(await org.sign('ana', 'abort', id, { reason })));
  await settle(org);
}

/** Nobody answers: by the silence exception, until everybody was told. */
async function unanswered(org: Organisation): Promise<void> {
  const id = await declare(org, { account: SPARE });
  await does(org, 'wait-out');
  for (const [by, role] of PARTS) await join(org, id, by, role);
  await reveal(org, id);
  await org.done(said(await org.sign('ana', 'end', id, { loggedOut: org.now })));
  await settle(org);
}

/** A drill in which the envelope is torn; it becomes real, and is given up. */
async function tornAndConverted(org: Organisation): Promise<void> {
  await settle(org);
  const drill = { purpose: 'drill' };
  const id = await declare(org, drill);
  await org.done(said(await org.sign('dana', 'approve', id, { method: 'app', ...drill })));
  for (const [by, role] of PARTS) await join(org, id, by, role);
  const torn = { checks: { ...INTACT, noTears: false }, photos: [textOf('a tear')] };
  const { serial, place } = whereItLies(org);
  const fields = { subject: id, ...drill };
  await org.done(
    await signedBy(org.wait(1), arrival(org, { serial, place }), ['ana', 'ben'], fields),
  );
  await org.done(
    await signedBy(
      org.wait(1),
      inspection(org, { serial, place, ...torn }),
      ['ana', 'ben'],
      fields,
    ),
  );
  await does(org, 'make-real');
  const reason = textOf('it was none');
  await org.done(said(await org.sign('ana', 'abort', id, { reason })));
  await settle(org);
}

/** One person, with an executive. */
async function alone(org: Organisation): Promise<void> {
  const id = await declare(org, { second: undefined, witness: undefined, account: SPARE });
  await org.done(said(await org.sign('dana', 'approve', id, { method: 'app' })));
  await join(org, id, 'eli', 'executive');
  await open(org, id, { path: 'solo' });
  for (const holder of ['ana', 'eli', 'releaser'])
    await org.done(said(await release(org, id, holder)));
  await org.done(said(await org.sign('ana', 'end', id, { loggedOut: org.now })));
  await settle(org);
}

/** The envelope that is sealed now. */
function whereItLies(org: Organisation) {
  const envelopes = Object.values(org.state.accounts[ACCOUNT]?.envelopes ?? {});
  const found = envelopes.find(({ state }) => state === 'sealed');
  if (found === undefined) throw new Error('there is no envelope');
  return { serial: found.serial, place: found.place, version: found.version };
}

const PARTS = [
  ['ben', 'second'],
  ['wanda', 'witness'],
] as const;

async function join(org: Organisation, id: string, by: string, role: string): Promise<void> {
  const fields = { role, together: 'in-person' };
  await org.done(said(await org.sign(by, 'take-part', id, fields)));
}

async function reveal(org: Organisation, id: string): Promise<void> {
  await open(org, id);
  for (const holder of ['ana', 'ben', 'releaser'])
    await org.done(said(await release(org, id, holder)));
}

async function contacted(
  org: Organisation,
  emergency: string,
  what: 'approval-request' | 'summary',
): Promise<void> {
  const observation = { saw: 'contacted', emergency, person: 'dana', channel: 'email' } as const;
  await org.done({ type: 'observation', observation: { ...observation, at: org.now, what } });
}

/** Whoever comes first, who does not lie. */
const FIRST = { who: 0, other: 0, pick: 0, lie: 'none', wait: 0, off: 0 } as const;

async function does(org: Organisation, act: string): Promise<void> {
  if (!isWellMeant(act)) throw new Error(`nobody means well by ${act}`);
  const input = await wellMeant(org, act, { act, ...FIRST });
  if (input === undefined) throw new Error(`nothing to ${act} for`);
  await org.done(input);
}

/** Turns within which obedient people bring one emergency to its close. */
const MOST_TURNS = 300;

/** Everything that is due is done, until no emergency is open and every account is armed. */
async function settle(org: Organisation): Promise<void> {
  const isSettled = () =>
    !allEmergencies(org.state).some(isOpen) &&
    Object.values(org.state.accounts).every(({ state }) => state === 'armed');
  for (let turn = 0; !isSettled(); turn += 1) {
    if (turn > MOST_TURNS) throw new Error('it does not come to its close');
    if (await obey(org)) org.wait(0.05);
    else await org.wait(21).tick();
  }
}
