import {
  lastVersion,
  liveOpening,
  mayRelease,
  type Obligation,
  obligations,
  type StoredInput,
} from '../index.ts';
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
  exerciseRequest,
  exerciseResult,
  notification,
  release,
  request,
  review,
  said,
  signOff,
} from './practice-emergency.fixture.ts';
import { ORIGIN, type Organisation } from './practice-organisation.fixture.ts';
import { kitted, reset, sealed } from './practice-rotation.fixture.ts';

/**
 * People and programs who do what is due, and nothing else: with them every emergency must come to its close, from
 * whatever state others left it in. @returns whether anything happened
 */
export async function obey(org: Organisation): Promise<boolean> {
  for (const due of obligations(org.state, org.now))
    for (const input of await answersTo(org, due))
      if ('events' in (await org.submit(await input()))) return true;
  return false;
}

type Answer = () => Promise<StoredInput>;

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
      return each(async (by) => {
        const path = emergencyOf(org, about).second === undefined ? 'solo' : 'standard';
        return said(await request(org, about, { path }, by));
      });
    case 'abort':
      return each(async (by) =>
        said(await org.sign(by, 'abort', about, { reason: '0'.repeat(64) })),
      );
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
      return each((by) => resetPart(org, about, by));
    case 'escalate':
      return each((by) => escalation(org, about, by));
    case 'check-log':
      return each((by) => logCheck(org, about, by));
    case 'reset':
      return rotationStep(org, emergencyOf(org, about).account);
    case 'verify':
      return [
        () => exerciseResult(org, about),
        ...each((by) => exerciseRequest(org, about, {}, by)),
      ];
    case 'close':
      return each(async (by) => said(await org.sign(by, 'close', about)));
    case 'rotate':
      return due.late || org.state.accounts[about]?.state === 'exposed'
        ? rotationStep(org, about)
        : [];
    default:
      return [];
  }
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

/** The next step of a rotation; one that was cut short is reported as failed first. */
function rotationStep(org: Organisation, id: string): readonly Answer[] {
  const account = org.state.accounts[id];
  if (account === undefined) return [];
  const number = lastVersion(account);
  const last = account.versions[number];
  if (last === undefined || last.proven !== undefined || last.failed !== undefined)
    return [async () => sealed(org, id, number + 1)];
  return last.kit === undefined ? [async () => kitted(id, number)] : [() => reset(org, id, number)];
}
