import type { Json } from '@halligan/format';
import { z } from 'zod';
import { happened } from '../events.ts';
import type { Decision, Said } from '../input.ts';
import { governanceOf } from '../organisation/policy.ts';
import { isPerson } from '../quorum.ts';
import { refuse } from '../refusal.ts';
import { policyOfEmergency, type State } from '../state.ts';
import { actionsOf, openActions } from './actions.ts';
import { attestedAtHand } from './attested-at-hand.ts';
import { emergencyAtHand } from './emergency-at-hand.ts';
import type { CorrectiveAction } from './events.ts';
import { unexplainedIn } from './reconciliation.ts';
import { reviewersOf } from './reviewers.ts';
import { closersOf } from './stand-ins.ts';
import type { Emergency } from './state.ts';

/** Whom violations go to: the policy's governance recipient; where that person has left, those who close. */
export function governorsOf(state: State, emergency: Emergency): readonly string[] {
  const policy = policyOfEmergency(state, emergency);
  const named = policy === undefined ? [] : [governanceOf(policy), policy.owner];
  const present = named.filter((one) => isPerson(state.roster, one)).slice(0, 1);
  return present.length > 0 ? present : closersOf(state);
}

/**
 * Whether a completed review owes an escalation that nobody has made since: it names a violation, a point did not hold,
 * or something that the system saw is unexplained.
 */
export function isEscalationDue(emergency: Emergency): boolean {
  const { reviewed, reviews, escalations = [] } = emergency;
  if (emergency.rules === 1 || reviewed === undefined || escalations.length > 0) return false;
  return (
    (reviewed.findings?.violations.length ?? 0) > 0 ||
    unexplainedIn(emergency).length > 0 ||
    Object.values(reviews).some(({ points }) => points.some(({ held }) => !held))
  );
}

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const escalation = z.lazy(() =>
  z.strictObject({
    v: z.literal('halligan/escalation/v1'),
    emergency: z.string(),
    to: z.string(),
    what: digest,
    logs: z.array(digest).max(16),
    suspend: z.array(z.string()).max(16),
  }),
);

/**
 * A violation or an unexplained action goes to the governance recipient, with the logs that were preserved and whom it
 * is recommended to suspend meanwhile. Any reviewer may, at any time once the emergency is over: who did wrong must not
 * be the only one who could say so.
 */
export function decideEscalation(
  state: State,
  said: Said<'attest'>,
  document: Json | undefined,
): Decision {
  const otherwise = refuse(
    'escalation.document',
    'The escalation does not fit what was signed.',
    'Write it again: halligan emergency escalate.',
  );
  const found = attestedAtHand(state, said, {
    shape: escalation,
    document,
    otherwise,
    latitude: { closed: true },
  });
  if ('refusal' in found) return found;
  const { emergency, attested } = found;
  const { to, what, logs, suspend } = attested;
  const eligible = [...new Set([...reviewersOf(state, emergency).flat(), ...closersOf(state)])];
  if (!eligible.includes(said.by))
    return refuse(
      'escalation.person',
      'You do not review this emergency.',
      'Tell a reviewer.',
      eligible,
    );
  const governors = governorsOf(state, emergency);
  if (!governors.includes(to))
    return refuse(
      'escalation.recipient',
      `Violations do not go to “${to}”.`,
      `Escalate to ${governors.join(' or ')}.`,
      governors,
    );
  if (emergency.escalations?.some((one) => one.what === what) === true)
    return refuse('escalation.again', 'This was escalated already.', 'Nothing more is needed.');
  return {
    events: [
      happened('ViolationEscalated', {
        emergency: emergency.id,
        by: said.by,
        to,
        what,
        logs,
        suspend,
      }),
    ],
  };
}

/** Who attests an action done: its owner, or those who close where the owner has left. */
export function actorsOf(state: State, { owner }: CorrectiveAction): readonly string[] {
  return isPerson(state.roster, owner) ? [owner] : closersOf(state);
}

/** The owner of a corrective action attests that it is done, before the close or after it. */
export function decideActionDone(state: State, said: Said<'attest'>): Decision {
  const found = emergencyAtHand(state, said, { closed: true });
  if ('refusal' in found) return found;
  const { emergency } = found;
  const { digest: what, text } = said.statement;
  const action = actionsOf(emergency).find((one) => one.what === what);
  if (action === undefined)
    return refuse(
      'action.unknown',
      'The review decided on no such action.',
      'See halligan emergency show.',
    );
  if (!openActions(emergency).includes(action))
    return refuse('action.again', 'This action is done already.', 'Nothing more is needed.');
  const eligible = actorsOf(state, action);
  if (!eligible.includes(said.by))
    return refuse('action.owner', 'The action is somebody else’s.', 'Ask its owner.', eligible);
  return {
    events: [
      happened('ActionCompleted', {
        emergency: emergency.id,
        by: said.by,
        action: what,
        ...(text === undefined ? {} : { text }),
      }),
    ],
  };
}
