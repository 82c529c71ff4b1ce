import { digestOf } from '@halligan/format';
import { allEmergencies, decidersOf, participants, type StoredInput } from '../index.ts';
import {
  actionDone,
  escalation,
  fullReview,
  logCheck,
  reconciliation,
  resetPart,
} from './practice-aftermath.fixture.ts';
import { INTACT } from './practice-custody.fixture.ts';
import {
  attestation,
  emergencyOf,
  exerciseRequest,
  exerciseResult,
  minutesAfter,
  notification,
  release,
  request,
  review,
  said,
  signOff,
} from './practice-emergency.fixture.ts';
import { type Organisation, plain, recipientOf, textOf } from './practice-organisation.fixture.ts';
import { arrived, inspected, unsealed } from './practice-paper.fixture.ts';
import { personAt, type Step } from './random-people.fixture.ts';
import { sheetOf } from './well-meant.fixture.ts';

/** What people say about an emergency, theirs or not. */
export const EMERGENCY_ACTS = [
  'approve',
  'refuse',
  'take-part',
  'open',
  'release',
  'note',
  'addendum',
  'end',
  'abort',
  'convert',
  'contacted',
  'heard',
  'codes',
  'spoken',
  'sign-off',
  'notification',
  'exception',
  'record',
  'submission',
  'review',
  'close',
  'reset-part',
  'reconcile',
  'escalate',
  'action',
  'check-log',
  'exercise',
  'exercised',
  'arrive',
  'unseal',
  'tampered',
  'keep-record',
] as const;

type Fields = Readonly<Record<string, unknown>>;

/** @param header what the signer lies about @param asked the same, in a request */
export async function inEmergency(
  org: Organisation,
  step: Step,
  id: string,
  header: Fields,
  asked: Fields,
): Promise<StoredInput | undefined> {
  const { act, pick } = step;
  const one = emergencyOf(org, id);
  const near = [...participants(one), one.approver, ...decidersOf(org.state, one)];
  const who = personAt(org, step.who, near);
  const saying = async (
    kind: Parameters<Organisation['sign']>[1],
    fields: Fields,
  ): Promise<StoredInput> => said(await org.sign(who, kind, id, { ...fields, ...header }));
  switch (act) {
    case 'approve':
      return saying('approve', { method: pick % 9 === 0 ? 'phone' : 'app' });
    case 'heard':
      return heard(org, id, who, pick, header);
    case 'codes':
      return sheetOf(org, who, pick % 3, header);
    case 'spoken':
      return spoken(org, id, who, step, header);
    case 'convert':
      return pick % 3 === 0
        ? saying('convert', {
            purpose: 'real',
            reason: textOf('real'),
            evidence: pick % 2 === 0 ? [textOf('log')] : [],
          })
        : undefined;
    case 'contacted':
      return contacted(org, id, pick);
    case 'sign-off':
      return signOff(org, id, who, {}, header);
    case 'notification':
      return notification(org, id, who, {}, header);
    case 'refuse':
      return saying('refuse', { reason: textOf('no') });
    case 'take-part':
      return saying('take-part', {
        role: (['witness', 'second', 'executive'] as const)[pick % 3],
        together: 'video',
      });
    case 'note':
      return saying('note', { about: 'action', occurred: org.now, text: textOf(`${pick}`) });
    case 'addendum':
      return saying('addendum', { to: textOf('note'), text: textOf(`${pick}`) });
    case 'end':
      return saying('end', { loggedOut: org.now });
    case 'abort':
      return pick % 3 === 0 ? saying('abort', { reason: textOf('enough') }) : undefined;
    case 'close':
      return saying('close', {});
    case 'exception':
      return exception(org, id, who, pick, header);
    case 'record':
    case 'submission':
      return attestation(org, id, act, who, header);
    case 'review':
      return (one.rules === 1 ? review : fullReview)(
        org,
        id,
        who,
        pick % 4 === 0 ? { rootCause: 'other' } : {},
        header,
      );
    case 'reset-part':
      return resetPart(org, id, who, pick % 4 === 0 ? { outcome: 'destroyed' } : {}, header);
    case 'reconcile':
      return reconciliation(
        org,
        id,
        who,
        pick % 4 === 0 ? { differences: [{ entry: 1, at: org.now }] } : {},
        header,
      );
    case 'escalate':
      return escalation(org, id, who, {}, header);
    case 'action':
      return actionDone(org, id, who, header);
    case 'check-log':
      return logCheck(org, id, who, {}, header);
    case 'open':
      return said(await request(org, id, { ...pathFor(org, id, pick), ...header, ...asked }, who));
    case 'exercise':
      // Now and then to a recipient of one's own, which the rotator does not vouch for.
      return exerciseRequest(
        org,
        id,
        pick % 4 === 0 ? { recipient: recipientOf('own-key') } : { ...pathFor(org, id, pick) },
        who,
      );
    case 'exercised':
      return exerciseResult(org, id, {}, header);
    case 'release':
      return released(org, id, step, header);
    case 'arrive':
    case 'unseal':
    case 'tampered':
      return atTheEnvelope(org, id, step, who, header);
    case 'keep-record':
      return keeping(org, id, who, pick, header);
    default:
      return undefined;
  }
}

/** A path that the seal has, or one that it has not. */
function pathFor(org: Organisation, id: string, pick: number): Fields {
  const account = org.state.accounts[emergencyOf(org, id).account];
  const names = account?.versions[account.current]?.header.paths.map(({ name }) => name) ?? [];
  const path = pick % 9 === 0 ? 'solo' : names[pick % Math.max(1, names.length)];
  return path === undefined ? {} : { path };
}

/** An approval that was heard: by whom it was, or by somebody who makes it up. */
async function heard(
  org: Organisation,
  id: string,
  who: string,
  pick: number,
  header: Fields,
): Promise<StoredInput> {
  const one = emergencyOf(org, id);
  const { requester, second = who } = one;
  const approvers = decidersOf(org.state, one);
  const words = {
    method: 'phone',
    approver: [approvers[0], approvers.at(-1), who][pick % 3] ?? who,
    given: minutesAfter(org.now, (pick % 4) - 3),
    ...header,
  };
  const signers = pick % 5 === 0 ? [requester, who] : [requester, second];
  return said(await Promise.all(signers.map((by) => org.sign(by, 'approve', id, words))));
}

const codeOf = (person: string, number: number) => textOf(`${person} ${number}`);

/** A code that an approver spoke, that somebody heard of before, or that is for drills. */
async function spoken(
  org: Organisation,
  id: string,
  by: string,
  { pick, other }: Step,
  header: Fields,
): Promise<StoredInput> {
  const approvers = Object.keys(org.state.approvalCodes);
  const approver = approvers[pick % Math.max(1, approvers.length)] ?? by;
  const number = 1 + (other % 2);
  const sheet = (other % 3) * 10 + (pick % 4 === 0 ? 2 : 0);
  const code = { number, preimage: codeOf(approver, sheet + number) };
  return said(
    await org.sign(by, 'approve', id, {
      method: 'phone',
      approver,
      given: org.now,
      code,
      ...header,
    }),
  );
}

/** What a server says that it sent, whenever it likes. */
function contacted(org: Organisation, emergency: string, pick: number): StoredInput {
  const approvers = decidersOf(org.state, emergencyOf(org, emergency));
  return {
    type: 'observation',
    observation: {
      saw: 'contacted',
      emergency,
      person: approvers[pick % Math.max(1, approvers.length)] ?? 'zoe',
      channel: (['phone', 'message', 'email'] as const)[pick % 3] ?? 'email',
      at: minutesAfter(org.now, (pick % 30) - 20),
      what: (['approval-request', 'summary', 'notice'] as const)[pick % 5] ?? 'approval-request',
    },
  };
}

async function released(
  org: Organisation,
  id: string,
  { who, pick }: Step,
  header: Fields,
): Promise<StoredInput> {
  const openings = allEmergencies(org.state)
    .filter((one) => one.id !== id)
    .flatMap((one) => one.openings);
  // Mostly for the opening at hand, sometimes for another one's, of another emergency.
  const opening =
    pick % 6 === 0 && openings.length > 0
      ? openings[pick % openings.length]
      : emergencyOf(org, id).openings.at(-1);
  const header_ =
    org.state.accounts[opening?.account ?? '']?.versions[opening?.version ?? 0]?.header;
  const shares = (header_?.shares ?? []).filter(({ path }) => path === opening?.path);
  const holder = personAt(org, who, [...shares.map((share) => share.holder), 'releaser']);
  const own = shares.find((share) => share.holder === holder);
  // Sometimes a share that is somebody else's, or of another group.
  const share = pick % 7 === 0 ? shares[pick % Math.max(1, shares.length)] : own;
  return said(
    await release(org, id, holder, {
      ...(opening === undefined ? {} : { request: opening.request, path: opening.path }),
      ...(share === undefined ? {} : { group: share.group, commitment: share.commitment }),
      ...header,
    }),
  );
}

async function exception(
  org: Organisation,
  id: string,
  who: string,
  pick: number,
  header: Fields,
): Promise<StoredInput> {
  const one = emergencyOf(org, id);
  const { at, second = who, requester } = one;
  const people = decidersOf(org.state, one).slice(pick % 4 === 0 ? 1 : 0);
  const attempts = people.flatMap((person) =>
    ['phone', 'message', 'email'].map((channel) => ({
      person,
      channel,
      at: minutesAfter(at, pick % 20),
    })),
  );
  const [first] = attempts;
  const named =
    first === undefined ? [{ person: who, channel: 'phone', at: org.now }] : attempts.slice(0, 32);
  const signers = pick % 3 === 0 ? [who] : [pick % 5 === 0 ? who : requester, second];
  const fields = { attempts: named, reason: textOf('silence'), ...header };
  return said(await Promise.all(signers.map((by) => org.sign(by, 'exception', id, fields))));
}

/** Steps at an envelope: in any order, by those named or by others, of this account or another one. */
async function atTheEnvelope(
  org: Organisation,
  id: string,
  { act, pick, other }: Step,
  who: string,
  header: Fields,
): Promise<StoredInput | undefined> {
  const one = emergencyOf(org, id);
  const accounts = Object.values(org.state.accounts).filter(
    ({ document }) => pick % 5 === 0 || document.id === one.account,
  );
  const serials = accounts.flatMap(({ envelopes }) => Object.keys(envelopes));
  const serial = serials[other % Math.max(1, serials.length)];
  if (serial === undefined) return undefined;
  const both = [one.requester, one.second ?? who];
  const by = pick % 7 === 0 ? [who, who] : pick % 4 === 0 ? [one.requester, who] : both;
  const torn = { ...INTACT, noTears: false };
  const purpose = { ...(one.drill ? { purpose: 'drill' } : {}), ...header };
  if (act === 'arrive') return arrived(org, id, serial, by, purpose);
  if (act === 'unseal')
    return unsealed(org, id, serial, by, pick % 6 === 0 ? { checks: torn } : {}, purpose);
  const found = { checks: torn, photos: [textOf('photo')] };
  return inspected(org, serial, found, by, pick % 3 === 0 ? header : { subject: id, ...purpose });
}

/** Holds and erasure, long before the time for it. */
async function keeping(
  org: Organisation,
  emergency: string,
  by: string,
  pick: number,
  header: Fields,
): Promise<StoredInput> {
  const decision =
    pick % 2 === 0
      ? { do: 'hold', reason: textOf('a lawsuit') }
      : {
          do: 'erase',
          ground: pick % 3 === 0 ? 'data-subject' : 'retention-over',
          reference: 'R-1',
        };
  const document = plain({ v: 'halligan/keeping/v1', emergency, ...decision });
  const signed = await org.sign(by, 'attest', emergency, {
    what: 'keeping',
    digest: digestOf(document),
    ...header,
  });
  return said(signed, document);
}
