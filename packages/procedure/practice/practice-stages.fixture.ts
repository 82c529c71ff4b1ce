import type { HalliganEvent } from '../index.ts';
import { emergencyById } from '../index.ts';
import { fullReview, logCheck, reconciliation, resetPart } from './practice-aftermath.fixture.ts';
import {
  APPROVER,
  attestation,
  declare,
  exerciseRequest,
  exerciseResult,
  open,
  REQUESTER,
  release,
  review,
  SECOND,
  said,
  WITNESS,
} from './practice-emergency.fixture.ts';
import { ACCOUNT, found, type Organisation, SPARE } from './practice-organisation.fixture.ts';
import { rotate } from './practice-rotation.fixture.ts';

/** How far an emergency is. */
export const STAGES = [
  'armed',
  'declared',
  'approved',
  'joined',
  'requested',
  'touched',
  'opened',
  'ended',
  'signed',
  'submitted',
  'reset',
  'reviewed',
  'exercising',
  'exercised',
  'closed',
] as const;
export type Stage = (typeof STAGES)[number];

export interface AtStage {
  readonly org: Organisation;
  /** Id of the emergency; empty before one is declared. */
  readonly id: string;
}

const reached = new Map<string, Promise<AtStage>>();

/** The practice organisation with one emergency that has come to a stage; a fork, yours alone. */
export async function at(
  stage: Stage,
  options: { readonly drill?: boolean; readonly policy?: object } = {},
): Promise<AtStage> {
  const name = JSON.stringify([stage, options]);
  const known = reached.get(name) ?? reach(stage, options);
  reached.set(name, known);
  const { org, id } = await known;
  return { org: org.fork(), id };
}

async function reach(
  stage: Stage,
  options: { readonly drill?: boolean; readonly policy?: object },
): Promise<AtStage> {
  const before = STAGES[STAGES.indexOf(stage) - 1];
  if (before === undefined) {
    const org = await found(options.policy);
    await rotate(org, ACCOUNT);
    await rotate(org, SPARE);
    return { org, id: '' };
  }
  const { org, id } = await at(before, options);
  org.wait(1);
  const purpose = options.drill === true ? { purpose: 'drill' } : {};
  if (stage === 'declared') return { org, id: await declare(org, purpose) };
  await take(org, id, stage);
  return { org, id };
}

async function take(org: Organisation, id: string, stage: Stage): Promise<void> {
  switch (stage) {
    case 'approved':
      await org.done(said(await org.sign(APPROVER, 'approve', id, { method: 'app' })));
      return;
    case 'joined':
      await join(org, id, SECOND, 'second');
      return join(org, id, WITNESS, 'witness');
    case 'requested':
      await open(org, id);
      return;
    case 'touched':
      await org.done(said(await release(org, id, 'ana')));
      return;
    case 'opened':
      await org.done(said(await release(org, id, 'ben')));
      await org.done(said(await release(org, id, 'releaser')));
      return;
    case 'ended':
      await org.done(said(await org.sign(REQUESTER, 'end', id, { loggedOut: org.now })));
      return;
    case 'signed':
      for (const by of [REQUESTER, SECOND])
        await org.done(await attestation(org, id, 'record', by));
      return;
    case 'submitted':
      await org.done(await attestation(org, id, 'submission', REQUESTER));
      return;
    case 'reset':
      await rotate(org, ACCOUNT);
      if (isFirst(org, id)) return;
      await org.done(await resetPart(org, id, REQUESTER));
      return;
    case 'reviewed': {
      if (!isFirst(org, id)) await org.done(await reconciliation(org, id, 'raj'));
      const signed = isFirst(org, id) ? review : fullReview;
      for (const by of [REQUESTER, SECOND, APPROVER, 'raj', 'mei'])
        await org.done(await signed(org, id, by));
      return;
    }
    case 'exercising':
      await org.done(await exerciseRequest(org, id));
      for (const holder of ['ben', 'cleo', 'releaser'])
        await org.done(said(await release(org, id, holder)));
      return;
    case 'exercised':
      await org.done(await exerciseResult(org, id));
      if (!isFirst(org, id)) await org.done(await logCheck(org, id, 'raj'));
      return;
    case 'closed':
      await org.done(said(await org.sign('raj', 'close', id)));
      return;
    default:
      throw new Error(`${stage} is no step`);
  }
}

function isFirst(org: Organisation, id: string): boolean {
  return emergencyById(org.state, id)?.rules === 1;
}

async function join(org: Organisation, id: string, by: string, role: string): Promise<void> {
  await org.done(said(await org.sign(by, 'take-part', id, { role, together: 'in-person' })));
}

/** The types of every event so far, in order. */
export function happenings(org: Organisation): readonly HalliganEvent['type'][] {
  return org.history.flatMap(({ events }) => events.map(({ type }) => type));
}
