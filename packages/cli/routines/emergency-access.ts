import type { Block } from '@halligan/document';
import { timerOf } from '@halligan/procedure';
import {
  approverFacts,
  facts,
  heading,
  type Organisation,
  pathFacts,
  people,
  steps,
  timerFacts,
  withRole,
} from './routine.ts';

/** Routine 1: how an emergency is declared, authorised, worked through and closed. */
export function emergencyAccess(one: Organisation): readonly Block[] {
  const { policy } = one;
  const second =
    policy.witness === 'none'
      ? 'No witness is asked for.'
      : `A witness is ${policy.witness}${policy.may_be_second_person ? ' and may be the second person' : ''}.`;
  return [
    heading('Who'),
    facts(
      { label: 'Owner of the policy', value: [people([policy.owner])] },
      { label: 'Hears of violations', value: [people([policy.governance ?? policy.owner])] },
      ...approverFacts(one),
      ...pathFacts(one),
      { label: 'Executives', value: [people(withRole(one, 'executive'))] },
      { label: 'Administrators', value: [people(withRole(one, 'admin'))] },
      {
        label: 'Second person',
        value: [
          [
            policy.allow_one_person
              ? `Somebody else, always; where a path lets one person open, an executive signs off within ${timerOf(policy, 'solo_sign_off')}. ${second}`
              : `Somebody else, always: nobody opens alone. ${second}`,
          ],
        ],
      },
    ),
    heading('When it is an emergency'),
    { type: 'list', items: policy.circumstances.map((cause) => [cause]) },
    heading('How'),
    steps(
      'Declare it with reason, cause and evidence: halligan emergency declare.',
      `An approver says yes or no; after ${timerOf(policy, 'approver_wait')} of silence the requester goes on with the second person, and tells the approver within ${timerOf(policy, 'approver_notice')}.`,
      'The second person confirms their role: halligan emergency take-part.',
      `The requester asks for the shares: halligan emergency open. Holders compare the check words by voice, and release within ${timerOf(policy, 'opening_window')}.`,
      `The work is done together in one session of at most ${timerOf(policy, 'session')}: baseline first, every action noted.`,
      `Both sign the record and submit it within ${timerOf(policy, 'documentation')} of the end.`,
      `What was revealed is reset, and proven, within ${timerOf(policy, 'reset')}.`,
      `The review is signed within ${timerOf(policy, 'review')}; then the emergency is closed.`,
    ),
    heading('By when'),
    facts(
      ...timerFacts(one, {
        approver_wait: 'An approver may be silent for',
        approver_notice: 'A silent approver learns of it within',
        solo_sign_off: 'An executive signs off solo access within',
        opening_window: 'An opening waits for shares for',
        session: 'A session lasts at most',
        documentation: 'The record is signed and submitted within',
        reset: 'What was revealed is reset within',
        review: 'The review is signed within',
        retention: 'Records are kept for',
        loosening: 'A change of who may open waits for',
      }),
      { label: 'Business days in', value: [[policy.time_zone]] },
    ),
    heading('Where it is told'),
    facts(
      {
        label: 'By another way',
        value: [[policy.channels.out_of_band ?? 'not said in the policy']],
      },
      { label: 'Alerts go to', value: [people(policy.channels.alert_on)] },
    ),
  ];
}
