import type { Statement, VerifiedStatement } from '@halligan/statement';
import { decideByHand, isByHand } from './account/by-hand.ts';
import { decideOfflineUse } from './account/offline-use.ts';
import { decideReset, decideRotation } from './account/rotation.ts';
import { decideSuspicion } from './account/suspicion.ts';
import { decideCustody } from './custody/decide-custody.ts';
import { decideAcknowledgement } from './emergency/acknowledgement.ts';
import { decideApprovalCodes } from './emergency/approval-codes.ts';
import { decideApproval, decideRefusal } from './emergency/authorisation.ts';
import { decideContact, decideNotification } from './emergency/contact.ts';
import { decideConversion } from './emergency/conversion.ts';
import { decideDeclaration } from './emergency/declaration.ts';
import { decideException } from './emergency/exception.ts';
import { decideExerciseByHand } from './emergency/exercise-by-hand.ts';
import { decideActionDone, decideEscalation } from './emergency/governance.ts';
import { decideLogCheck } from './emergency/log-check.ts';
import { decideOffline, isOffline } from './emergency/offline.ts';
import { decideOpening, expireOpenings } from './emergency/opening.ts';
import { decideReconciliation } from './emergency/reconciliation.ts';
import {
  decidePages,
  decideRecord,
  decideSubmission,
  decideSubmitted,
} from './emergency/record.ts';
import { emergencyById } from './emergency/register.ts';
import { decideRelease } from './emergency/release.ts';
import { decideResetPart } from './emergency/reset-list.ts';
import { decideReview } from './emergency/review.ts';
import { decideSignOff } from './emergency/sign-off.ts';
import { decideAbort, decideAddendum, decideEnd, decideNote } from './emergency/use.ts';
import { decideClose, decideExercise } from './emergency/verification.ts';
import type { EventBody } from './events.ts';
import { type Decision, type Input, isSaid, type Observation } from './input.ts';
import { decideErased, decideKeeping } from './keeping/keeping.ts';
import { decidePolicy, maturePolicy } from './organisation/adoption.ts';
import { decideInventory } from './organisation/inventory-entry.ts';
import { decideKitAttestation } from './organisation/kit-attestation.ts';
import { decideLogKey } from './organisation/log-key.ts';
import { decideReports } from './organisation/machines.ts';
import { decideObjection } from './organisation/objection.ts';
import { decideRoster, matureRoster } from './organisation/roster.ts';
import { refuse } from './refusal.ts';
import { decideDuty, decideRisk } from './standing/duty.ts';
import type { State } from './state.ts';

/**
 * The rules. Pure and synchronous: the same code judges in the server, on holders' devices, in the releaser, in the
 * auditor's verifier and in simulations.
 * @param state folded from everything before
 * @param input already verified
 * @param now RFC 3339 instant; the caller's clock, clamped never to go back
 */
export function decide(state: State, input: Input, now: string): Decision {
  if (input.type === 'tick')
    return { events: [...expireOpenings(state, now), ...matured(state, now)] };
  if (input.type === 'observation') return decideObservation(state, input.observation, now);
  const [said, ...others] = input.statements;
  if (said === undefined) return refuse('input.empty', 'Nothing was said.', 'Sign a statement.');
  const disorder = input.statements.map((one) => inOrder(state, one)).find(Boolean);
  if (disorder !== undefined) return disorder;
  const judge = (before: State, at: string) => decideStatement(before, said, others, input, at);
  if (!input.statements.some(isOffline)) return judge(state, now);
  return input.statements.every(isOffline)
    ? decideOffline(state, said, now, judge)
    : refuse(
        'offline.mixed',
        'One of these statements was made with the server, another without.',
        'Sign again, all of you on one side.',
      );
}

function decideObservation(state: State, observation: Observation, now: string): Decision {
  switch (observation.saw) {
    case 'contacted':
      return decideContact(state, observation, now);
    case 'erased':
      return decideErased(state, observation);
    case 'machine-forked':
    case 'reports-log':
      return decideReports(state, observation);
    case 'submitted':
      return decideSubmitted(state, observation);
    default:
      return decideRotation(state, observation);
  }
}

/** Changes that waited long enough, one at a time: each cancels the others. */
function matured(state: State, now: string): readonly EventBody[] {
  const roster = matureRoster(state, now);
  return roster.length > 0 ? roster : maturePolicy(state, now);
}

function decideStatement(
  state: State,
  said: VerifiedStatement,
  others: readonly VerifiedStatement[],
  input: Extract<Input, { readonly type: 'statements' }>,
  now: string,
): Decision {
  const { document } = input;
  if (isSaid(said, 'roster.change')) return decideRoster(state, input, now);
  if (isSaid(said, 'policy.adopt')) return decidePolicy(state, input.statements, document, now);
  if (isSaid(said, 'open.request')) return decideOpening(state, said, others, document, now);
  if (isSaid(said, 'approve')) return decideApproval(state, said, others, now);
  if (isSaid(said, 'exception')) return decideException(state, said, others, now);
  if (isSaid(said, 'attest') && said.statement.what === 'inventory')
    return decideInventory(state, input.statements, document);
  if (isSaid(said, 'attest') && said.statement.what === 'log-key')
    return decideLogKey(state, input.statements, document);
  if (isSaid(said, 'attest') && isOfCustody(said.statement.what))
    return decideCustody(state, input.statements, document, now);
  if (isSaid(said, 'attest') && said.statement.what === 'reset' && isByHand(document))
    return decideByHand(state, input.statements, document);
  if (isSaid(said, 'attest') && said.statement.what === 'exercise' && others.length > 0)
    return decideExerciseByHand(state, input.statements, document);
  if (others.length > 0) {
    return refuse(
      'input.joint',
      'These statements are not one joint decision.',
      'Send each by itself.',
    );
  }
  if (isSaid(said, 'declare')) return decideDeclaration(state, said, now);
  if (isSaid(said, 'refuse')) return decideRefusal(state, said);
  if (isSaid(said, 'take-part')) return decideAcknowledgement(state, said);
  if (isSaid(said, 'share.release')) return decideRelease(state, said, now);
  if (isSaid(said, 'note')) return decideNote(state, said, now);
  if (isSaid(said, 'addendum')) return decideAddendum(state, said);
  if (isSaid(said, 'end')) return decideEnd(state, said, now);
  if (isSaid(said, 'convert')) return decideConversion(state, said);
  if (isSaid(said, 'abort')) return decideAbort(state, said);
  if (isSaid(said, 'close')) return decideClose(state, said);
  if (isSaid(said, 'attest')) {
    switch (said.statement.what) {
      case 'record':
        return decideRecord(state, said);
      case 'pages':
        return decidePages(state, said, document);
      case 'submission':
        return decideSubmission(state, said);
      case 'reset':
        return emergencyById(state, said.statement.subject) === undefined
          ? decideReset(state, said, document)
          : decideResetPart(state, said, document);
      case 'reconciliation':
        return decideReconciliation(state, said, document);
      case 'escalation':
        return decideEscalation(state, said, document);
      case 'action':
        return decideActionDone(state, said);
      case 'verification':
        return decideLogCheck(state, said, document);
      case 'exercise':
        return decideExercise(state, said, document);
      case 'review':
        return decideReview(state, said, document);
      case 'approval-codes':
        return decideApprovalCodes(state, said, document);
      case 'notification':
        return decideNotification(state, said, document, now);
      case 'sign-off':
        return decideSignOff(state, said, document);
      case 'duty':
        return decideDuty(state, said, document);
      case 'objection':
        return decideObjection(state, said, document);
      case 'risk':
        return decideRisk(state, said, document, now);
      case 'keeping':
        return decideKeeping(state, said, document, now);
      case 'kit':
        return decideKitAttestation(state, said, document, now);
      case 'offline-use':
        return decideOfflineUse(state, said, document);
      case 'suspicion':
        return decideSuspicion(state, said, document);
    }
  }
  return refuse(
    'input.kind',
    `This version has no rule for “${said.statement.kind}”.`,
    'Nothing was changed. Declare an emergency, or see the list of statements in docs/formats/statement.md.',
  );
}

/**
 * What every statement owes: it belongs to this record, was signed under the roster in force, and knows the policy
 * that it acts under. A statement signed under an older roster or policy may rest on what no longer holds.
 */
function inOrder(state: State, said: VerifiedStatement): Decision | undefined {
  const { statement } = said;
  const { roster } = state;
  if (roster === undefined) {
    return statement.kind === 'roster.change'
      ? undefined
      : refuse('roster.none', 'There is no roster yet.', 'Run halligan init first.');
  }
  if (statement.origin !== roster.origin) {
    return refuse(
      'input.origin',
      'This statement is for another organisation’s record.',
      'Check --org.',
    );
  }
  if (statement.roster !== roster.digest) {
    return refuse(
      'input.roster',
      'The roster has changed since this was signed.',
      'Fetch the roster and sign again.',
    );
  }
  const policy = emergencyById(state, statement.subject)?.policy ?? state.policy ?? null;
  if (statement.policy !== policy) {
    return refuse(
      'input.policy',
      'The policy has changed since this was signed.',
      'Fetch the policy and sign again.',
    );
  }
  if (isOfOrganisation(state, statement) && statement.purpose !== 'real') {
    return refuse(
      'input.purpose',
      `This was signed for the purpose “${statement.purpose}”, but it changes the organisation.`,
      'Sign it for real.',
    );
  }
  return undefined;
}

/** What is attested of the organisation, not of an emergency. */
const OF_ORGANISATION: ReadonlySet<string> = new Set([
  'inventory',
  'reset',
  'duty',
  'risk',
  'log-key',
  'objection',
  'approval-codes',
  'kit',
  'offline-use',
  'suspicion',
]);

/** Whether a statement is about the organisation or its accounts, not about an emergency. */
function isOfOrganisation(state: State, statement: Statement): boolean {
  return (
    statement.kind === 'roster.change' ||
    statement.kind === 'policy.adopt' ||
    (statement.kind === 'attest' &&
      OF_ORGANISATION.has(statement.what) &&
      // A part of what an emergency revealed is reset in that emergency.
      !(statement.what === 'reset' && emergencyById(state, statement.subject) !== undefined))
  );
}

function isOfCustody(what: string): boolean {
  return what === 'custody' || what === 'inspection' || what === 'destruction';
}
