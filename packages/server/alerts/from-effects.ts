import { dueEffects, type Emergency, emergencyById, type State } from '@halligan/procedure';
import { type Alert, CHANNELS } from './alert.ts';
import { factsOf, titleOf } from './from-events.ts';

/**
 * What approvers are to be told in writing, as the rules say it now: a summary of what they said by other means, and
 * that an exception went past them. Asked until it was sent, so an address that is given late still counts.
 */
export function wordsDueOf(state: State): readonly Alert[] {
  return dueEffects(state).flatMap((effect) => {
    if (effect.do !== 'send-summary' && effect.do !== 'send-notice') return [];
    const emergency = emergencyById(state, effect.emergency);
    if (emergency === undefined) return [];
    return effect.do === 'send-summary'
      ? personal(state, emergency, effect.person, SUMMARY, emergency.approval?.at)
      : effect.people.flatMap((person) =>
          personal(state, emergency, person, NOTICE, emergency.ended?.at ?? emergency.aborted?.at),
        );
  });
}

interface Words {
  readonly type: string;
  readonly says: string;
  readonly after: string;
}

const SUMMARY: Words = {
  type: 'approval-summary',
  says: 'your decision, given by other means, is on the record',
  after: 'and call security if this was not you',
};
const NOTICE: Words = {
  type: 'exception-notice',
  says: 'it was used under the silence exception, without your approval',
  after: 'and see what was done',
};

function personal(
  state: State,
  emergency: Emergency,
  person: string,
  { type, says, after }: Words,
  at: string | undefined,
): readonly Alert[] {
  return CHANNELS.map((channel) => ({
    v: 'halligan/alert/v1',
    id: `${type}:${emergency.id.slice(0, 32)}:${person}:${channel}`,
    source: state.roster?.origin ?? '',
    type: `emergency.${type}`,
    timestamp: at ?? emergency.at,
    severity: 'critical',
    title: titleOf(says, emergency),
    next: `halligan emergency show ${emergency.id.slice(0, 12)}, ${after}`,
    data: factsOf(emergency),
    to: { person, channel },
  }));
}
