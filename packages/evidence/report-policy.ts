import { type Block, code } from '@halligan/document';
import { type Emergency, policyOfEmergency, type State } from '@halligan/procedure';
import { fact, facts, section } from './report-parts.ts';

/** The policy that the emergency was judged by: its digest, its waiting times, and what it allows that others do not. */
export function judgedBy(state: State, emergency: Emergency): readonly Block[] {
  const policy = policyOfEmergency(state, emergency);
  if (policy === undefined) return [];
  const { timers, witness } = policy;
  return section(
    'Judged by',
    facts([
      fact('Policy', code(emergency.policy)),
      fact('Rules', `version ${emergency.rules}`),
      fact('Approvers had', timers.approver_wait),
      fact('Session limit', timers.session),
      fact(
        'Reset, documentation, review within',
        `${timers.reset}, ${timers.documentation}, ${timers.review}`,
      ),
      fact('Witness', witness),
      fact('One person with an executive', policy.allow_one_person ? 'allowed' : 'not allowed'),
    ]),
  );
}
