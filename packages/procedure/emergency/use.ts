import { after, isAfter } from '../duration.ts';
import { type EventBody, happened } from '../events.ts';
import type { Decision, Said } from '../input.ts';
import { refuse } from '../refusal.ts';
import type { State } from '../state.ts';
import { CLOCK_SKEW, emergencyAtHand } from './emergency-at-hand.ts';
import { signersOf } from './stand-ins.ts';
import { type Emergency, isTouched, revealedAt } from './state.ts';
import { participants } from './taking-part.ts';

const AFTER_REVEAL: ReadonlySet<string> = new Set([
  'reveal',
  'access',
  'baseline',
  'action',
  'post-change',
]);

/** What somebody did or saw, with its time. The second person's and witness's own notes stand beside the requester's. */
export function decideNote(state: State, said: Said<'note'>, now: string): Decision {
  const found = emergencyAtHand(state, said);
  if ('refusal' in found) return found;
  const { emergency } = found;
  const { about, occurred, text, outOfScope, direct } = said.statement;
  if (!takesPart(emergency, said.by)) {
    return refuse(
      'use.not-part',
      'You do not take part in this emergency.',
      'Participants write its notes.',
      participants(emergency),
    );
  }
  if (emergency.ended !== undefined || emergency.aborted !== undefined) {
    return refuse('use.over', 'The emergency has ended.', 'Corrections are addenda.');
  }
  if (isElsewhen(occurred, emergency, now)) return elsewhen();
  if (AFTER_REVEAL.has(about) && revealedAt(emergency) === undefined && !isTabletop(emergency)) {
    return refuse('use.not-opened', 'Nothing has been opened yet.', 'Open first.');
  }
  if (emergency.notes.some((note) => note.statement === said.digest)) {
    return refuse('use.replayed', 'This note is on the record already.', 'Nothing more is needed.');
  }
  return {
    events: [
      happened('NoteAdded', {
        emergency: emergency.id,
        by: said.by,
        about,
        occurred,
        text,
        ...(outOfScope === undefined ? {} : { outOfScope }),
        ...(direct === undefined ? {} : { direct }),
        statement: said.digest,
      }),
    ],
  };
}

/** A correction, at any time: nothing on the record is ever changed, only added to, after the close as well. */
export function decideAddendum(state: State, said: Said<'addendum'>): Decision {
  const found = emergencyAtHand(state, said, { closed: true });
  if ('refusal' in found) return found;
  const { emergency } = found;
  if (!takesPart(emergency, said.by)) {
    return refuse(
      'use.not-part',
      'You do not take part in this emergency.',
      'Participants correct its record.',
      participants(emergency),
    );
  }
  if (emergency.keeping?.erasure !== undefined)
    return refuse(
      'keeping.erased',
      'The texts of this record are erased.',
      'Write what is to be said elsewhere; the log still shows what happened.',
    );
  if (emergency.addenda.some((one) => one.by === said.by && one.text === said.statement.text)) {
    return refuse(
      'use.replayed',
      'This addendum is on the record already.',
      'Nothing more is needed.',
    );
  }
  return {
    events: [
      happened('AddendumAdded', {
        emergency: emergency.id,
        by: said.by,
        to: said.statement.to,
        text: said.statement.text,
      }),
    ],
  };
}

/** Logged out, done: from here documentation and reset are due, in parallel. */
export function decideEnd(state: State, said: Said<'end'>, now: string): Decision {
  const found = emergencyAtHand(state, said);
  if ('refusal' in found) return found;
  const { emergency } = found;
  const enders = signersOf(state, emergency).flat();
  if (!enders.includes(said.by)) {
    return refuse(
      'use.not-part',
      'The requester or the second person ends it.',
      `Ask ${enders.join(' or ')}.`,
      enders,
    );
  }
  if (emergency.ended !== undefined || emergency.aborted !== undefined)
    return refuse('use.over', 'The emergency has ended already.', 'Sign its record.');
  if (!isTouched(emergency) && !isTabletop(emergency))
    return refuse(
      'use.not-opened',
      'Nothing was opened.',
      'Abort it instead: halligan emergency abort.',
    );
  const { loggedOut, surrendered } = said.statement;
  if (isElsewhen(loggedOut, emergency, now)) return elsewhen();
  const events: EventBody[] = [
    happened('EmergencyEnded', {
      emergency: emergency.id,
      loggedOut,
      ...(surrendered === undefined ? {} : { surrendered }),
    }),
  ];
  if (isTouched(emergency))
    events.push(happened('AccountUnarmed', { account: emergency.account, why: 'used' }));
  return { events };
}

/** Given up. What left its holder stays due: reset, record, review and verification. */
export function decideAbort(state: State, said: Said<'abort'>): Decision {
  const found = emergencyAtHand(state, said);
  if ('refusal' in found) return found;
  const { emergency } = found;
  const enders = [
    ...new Set([
      ...participants(emergency),
      ...signersOf(state, emergency).flat(),
      emergency.approver,
      ...(emergency.approval === undefined ? [] : [emergency.approval.by]),
    ]),
  ];
  if (!enders.includes(said.by)) {
    return refuse(
      'use.not-part',
      'You do not take part in this emergency.',
      'Those who take part abort it, and its approver.',
      enders,
    );
  }
  if (emergency.ended !== undefined || emergency.aborted !== undefined)
    return refuse('use.over', 'The emergency has ended already.', 'Sign its record.');
  const events: EventBody[] = [
    happened('EmergencyAborted', {
      emergency: emergency.id,
      by: said.by,
      reason: said.statement.reason,
    }),
  ];
  if (isTouched(emergency))
    events.push(happened('AccountUnarmed', { account: emergency.account, why: 'touched' }));
  return { events };
}

/** Whether an instant that somebody states lies before the emergency or in the future, whatever clocks differ. */
function isElsewhen(instant: string, emergency: Emergency, now: string): boolean {
  return (
    isAfter(emergency.at, after(instant, CLOCK_SKEW, 'UTC')) ||
    isAfter(instant, after(now, CLOCK_SKEW, 'UTC'))
  );
}

function elsewhen(): Decision {
  return refuse(
    'use.times',
    'That time lies before the declaration or in the future.',
    'Give the time when it happened; check the clock.',
  );
}

function takesPart(emergency: Emergency, person: string): boolean {
  return participants(emergency).includes(person);
}

function isTabletop(emergency: Emergency): boolean {
  return emergency.scenario?.form === 'tabletop';
}
