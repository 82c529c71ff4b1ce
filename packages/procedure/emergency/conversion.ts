import { happened } from '../events.ts';
import type { Decision, Said } from '../input.ts';
import { approversOf } from '../organisation/policy.ts';
import { refuse } from '../refusal.ts';
import { type State, userOf } from '../state.ts';
import { emergencyAtHand } from './emergency-at-hand.ts';
import { bothOf } from './stand-ins.ts';

/**
 * A drill becomes a real emergency by one statement, signed for real. Nobody has to begin again; but nothing that was
 * decided for the drill counts: it is approved, joined and opened anew. What left its holder in it stays touched.
 */
export function decideConversion(state: State, said: Said<'convert'>): Decision {
  const found = emergencyAtHand(state, said, { conversion: true });
  if ('refusal' in found) return found;
  const { emergency, account, policy } = found;
  if (!emergency.drill)
    return refuse('convert.real', 'This is a real emergency already.', 'Go on with it.');
  const both = bothOf(emergency);
  if (!both.includes(said.by))
    return refuse(
      'convert.by',
      'The requester or the second person converts a drill.',
      `Ask ${both.join(' or ')}, or declare an emergency yourself.`,
      both,
    );
  if (emergency.ended !== undefined || emergency.aborted !== undefined)
    return refuse('convert.over', 'This drill is over.', 'Declare an emergency.');
  const { reason, cause = emergency.cause, evidence = [], attestation, incident } = said.statement;
  if (evidence.length === 0 && attestation === undefined)
    return refuse(
      'convert.evidence',
      'What was simulated is no evidence: nothing shows that normal access failed.',
      'Give evidence, or your written word: --attestation.',
    );
  const circumstance = policy.circumstances.find((one) => one === cause);
  if (circumstance === undefined)
    return refuse(
      'convert.circumstances',
      `The policy does not provide for “${cause}”.`,
      `It provides for ${policy.circumstances.join(', ')}.`,
    );
  const user = userOf(state, emergency.account);
  if (user !== undefined && user.id !== emergency.id)
    return refuse(
      'convert.in-use',
      `“${emergency.account}” is in use by another emergency.`,
      'Take part in that one, or use another account.',
      [user.requester],
    );
  return {
    events: [
      happened('DrillConverted', {
        emergency: emergency.id,
        by: said.by,
        reason,
        cause: circumstance,
        evidence,
        ...(attestation === undefined ? {} : { attestation }),
        incident: incident ?? emergency.incident,
      }),
      // For real nobody has been asked yet.
      happened('ApproversAsked', {
        emergency: emergency.id,
        approvers: approversOf(policy, account.document.quorum).filter(
          (person) => person !== emergency.requester,
        ),
      }),
    ],
  };
}
