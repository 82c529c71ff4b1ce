import type { Block } from '@halligan/document';
import { timerOf } from '@halligan/procedure';
import {
  accountTable,
  approverFacts,
  facts,
  heading,
  liveAccounts,
  type Organisation,
  pathFacts,
  people,
  steps,
  timerFacts,
  withRole,
} from './routine.ts';

/** Routine 4: drills, kits, envelopes, reviews. */
export function testing(one: Organisation): readonly Block[] {
  const { policy } = one;
  return [
    heading('Who'),
    facts(
      { label: 'Owner of the policy', value: [people([policy.owner])] },
      { label: 'Custodians', value: [people(withRole(one, 'custodian'))] },
      ...approverFacts(one),
      ...pathFacts(one),
    ),
    heading('What is tested'),
    ...accountTable(one, liveAccounts(one)),
    heading('How'),
    steps(
      'Declare it as a drill, scheduled or as a surprise: halligan drill start. Everybody sees DRILL; nothing else differs.',
      'Open, sign in, do nothing else, log out, end.',
      `Reset within ${timerOf(policy, 'reset')}, exercise the new version, review, close, as after an emergency.`,
      'Read the figures: halligan drill show. What was slow is a corrective action with an owner.',
      'Each custodian tries a copy of the kit with their own key: halligan kit verify KIT; and their shares: halligan seal verify ACCOUNT.',
      'Two people inspect each envelope: halligan envelope inspect.',
      'A test of alerts reaches every place: halligan alert test.',
    ),
    heading('When'),
    facts(
      ...timerFacts(one, {
        drill_every: 'Each account is drilled every',
        staff_drill: 'After people of a group changed, within',
        kit_check: 'Each holder tries the kit every',
        envelope_inspection: 'Envelopes are inspected every',
        policy_review: 'The policy is reviewed every',
        access_review: 'Who has access is reviewed every',
        completion: 'What is missing of an account is completed within',
      }),
      { label: 'Business days in', value: [[policy.time_zone]] },
    ),
  ];
}
