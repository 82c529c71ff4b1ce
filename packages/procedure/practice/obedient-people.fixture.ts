import { HalliganError } from '@halligan/format';
import {
  dueEffects,
  type Effect,
  liveOpening,
  mayRelease,
  type Obligation,
  type StoredInput,
} from '../index.ts';
import { isLeftUnarmed } from '../state.ts';
import { dueNow } from './invariants.fixture.ts';
import { type Answer, pathsOpenTo, rotationStep, verifying } from './obedient-rotation.fixture.ts';
import {
  escalation,
  fullReview,
  logCheck,
  reconciliation,
  resetPart,
} from './practice-aftermath.fixture.ts';
import {
  attestation,
  emergencyOf,
  exerciseResult,
  notification,
  release,
  request,
  review,
  said,
  signOff,
} from './practice-emergency.fixture.ts';
import { ORIGIN, type Organisation } from './practice-organisation.fixture.ts';
import { changePlace, destroyed, envelopeFor } from './practice-paper.fixture.ts';
import { kitted } from './practice-rotation.fixture.ts';

/**
 * People and programs who do what is due, and nothing else: with them every emergency must come to its close, from
 * whatever state others left it in.
 * @param from whose turn it is first: people do not do things in the order in which they are due
 * @param neglects what nobody does for now
 * @returns whether anything happened
 */
export async function obey(
  org: Organisation,
  from = 0,
  neglects: (due: Obligation) => boolean = () => false,
): Promise<boolean> {
  const due = dueNow(org.state, org.now).filter((one) => !neglects(one));
  const first = due.length === 0 ? 0 : from % due.length;
  for (const one of [...due.slice(first), ...due.slice(0, first)])
    for (const input of await answersTo(org, one)) if (await happens(org, input)) return true;
  for (const effect of dueEffects(org.state, org.now))
    for (const input of carriedOut(org, effect)) if (await happens(org, input)) return true;
  return false;
}

async function happens(org: Organisation, answer: Answer): Promise<boolean> {
  try {
    const decision = await org.submit(await answer());
    return 'events' in decision && decision.events.length > 0;
  } catch (cause) {
    // Somebody among those who owe it has left: another one does it.
    if (cause instanceof HalliganError) return false;
    throw cause;
  }
}

async function answersTo(org: Organisation, due: Obligation): Promise<readonly Answer[]> {
  const { about, owners } = due;
  const each = (answer: (by: string) => Promise<StoredInput>): readonly Answer[] =>
    owners.map((by) => () => answer(by));
  switch (due.what) {
    case 'approve':
      return each(async (by) => said(await org.sign(by, 'approve', about, { method: 'app' })));
    case 'take-part':
      return ['second', 'witness', 'executive'].flatMap((role) =>
        each(async (by) =>
          said(await org.sign(by, 'take-part', about, { role, together: 'video' })),
        ),
      );
    case 'sign-off':
      return each((by) => signOff(org, about, by));
    case 'notify-approvers':
      return each((by) => notification(org, about, by));
    case 'note-baseline':
    case 'note-post-change':
      return each(async (by) =>
        said(
          await org.sign(by, 'note', about, {
            about: due.what.slice('note-'.length),
            occurred: org.now,
            text: '0'.repeat(64),
          }),
        ),
      );
    case 'open':
      return [
        ...pathsOpenTo(org, about, false).flatMap((path) =>
          each(async (by) => said(await request(org, about, { path }, by))),
        ),
        ...each(abort(org, about)),
      ];
    case 'abort':
      return each(abort(org, about));
    case 'release':
      return owners.flatMap((by) => releaseOf(org, about, by));
    case 'end':
      return each(async (by) => said(await org.sign(by, 'end', about, { loggedOut: org.now })));
    case 'sign-record':
      return each((by) => attestation(org, about, 'record', by));
    case 'submit-record':
      return each((by) => attestation(org, about, 'submission', by));
    case 'review':
      return each((by) => reviewed(org, about, by));
    case 'reconcile':
      return each((by) => reconciliation(org, about, by));
    case 'reset-copies':
    case 'reset-totp':
    case 'reset-recovery-codes':
    case 'reset-pin':
    case 'reset-hardware-key': {
      const item = due.what.slice('reset-'.length);
      const outcome = item === 'copies' ? 'none' : 'replaced';
      const serial = item === 'hardware-key' ? { serial: 'K-2' } : {};
      return each((by) => resetPart(org, about, by, { item, outcome, ...serial }));
    }
    case 'escalate':
      return each((by) => escalation(org, about, by));
    case 'check-log':
      return each((by) => logCheck(org, about, by));
    case 'reset':
      return rotationStep(org, emergencyOf(org, about).account);
    case 'verify':
      return verifying(org, about, owners);
    case 'close':
      return each(async (by) => said(await org.sign(by, 'close', about)));
    case 'rotate':
      return due.late || isUrgent(org, about) ? rotationStep(org, about) : [];
    case 'seal-envelope':
      return Object.keys(org.state.places).map((place) => () => envelopeFor(org, about, place));
    case 'destroy-envelope':
      return [() => destroyed(org, about)];
    case 'change-combination':
      return [() => changePlace(org, about)];
    default:
      return [];
  }
}

/** Nothing else brings it back: no emergency does, and nobody waits until it is late. */
function isUrgent({ state }: Organisation, id: string): boolean {
  const account = state.accounts[id];
  return account !== undefined && (account.state === 'exposed' || isLeftUnarmed(state, account));
}

/** What the server does by itself. */
function carriedOut(org: Organisation, effect: Effect): readonly Answer[] {
  const told = (emergency: string, person: string, what: 'summary' | 'notice') => async () => ({
    type: 'observation' as const,
    observation: {
      saw: 'contacted' as const,
      emergency,
      person,
      channel: 'email' as const,
      at: org.now,
      what,
    },
  });
  switch (effect.do) {
    case 'rotate':
      return rotationStep(org, effect.account);
    case 'release':
      return (org.state.roster?.groups.server ?? []).flatMap((one) =>
        releaseOf(org, effect.emergency, one),
      );
    case 'exercise':
      return [() => exerciseResult(org, effect.emergency)];
    case 'send-summary':
      return [told(effect.emergency, effect.person, 'summary')];
    case 'send-notice':
      return effect.people.map((person) => told(effect.emergency, person, 'notice'));
    case 'erase': {
      const { emergency } = effect;
      return [
        async () => ({ type: 'observation', observation: { saw: 'erased', emergency, blobs: 1 } }),
      ];
    }
    case 'kit':
      return [async () => kitted(effect.account, effect.version)];
    default:
      return [];
  }
}

function abort(org: Organisation, id: string): (by: string) => Promise<StoredInput> {
  return async (by) => said(await org.sign(by, 'abort', id, { reason: '0'.repeat(64) }));
}

function reviewed(org: Organisation, id: string, by: string): Promise<StoredInput> {
  return emergencyOf(org, id).rules === 1 ? review(org, id, by) : fullReview(org, id, by);
}

function releaseOf(org: Organisation, id: string, holder: string): readonly Answer[] {
  const opening = liveOpening(emergencyOf(org, id));
  if (opening === undefined) return [];
  const pins = { organisation: 'contoso', origin: ORIGIN, holder };
  const answer = mayRelease(
    { state: org.state, emergency: id, request: opening.request },
    pins,
    org.now,
  );
  if ('refusal' in answer) return [];
  const { group, commitment } = answer;
  return [async () => said(await release(org, id, holder, { group, commitment }))];
}
