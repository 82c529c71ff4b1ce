import type { Json } from '@halligan/format';
import { personsWithRole } from '@halligan/statement';
import { z } from 'zod';
import { after, isAfter } from '../duration.ts';
import { happened } from '../events.ts';
import type { Decision, Said } from '../input.ts';
import { isPerson } from '../quorum.ts';
import { refuse } from '../refusal.ts';
import { policyOfEmergency, type State } from '../state.ts';
import { attestedAtHand } from './attested-at-hand.ts';
import { seatOf } from './stand-ins.ts';
import { type Emergency, isTouched } from './state.ts';
import { executivesOf } from './taking-part.ts';

const signOff = z.strictObject({
  v: z.literal('halligan/sign-off/v1'),
  emergency: z.string(),
  /** Whether the executive stands by the access, having seen what was done. */
  agreed: z.boolean(),
});

/** Whether an executive's written word on a solo access is still due. */
export function isSignOffDue(emergency: Emergency): boolean {
  return (
    emergency.second === undefined && isTouched(emergency) && emergency.signedOff === undefined
  );
}

/** When the written word was due, where it came after that. */
export function lateSignOff(state: State, emergency: Emergency): string | undefined {
  const { ended, aborted, signedOff } = emergency;
  const over = ended?.at ?? aborted?.at;
  const policy = policyOfEmergency(state, emergency);
  if (over === undefined || signedOff === undefined || policy === undefined) return undefined;
  const { timers, time_zone: zone, working_days: days } = policy;
  const due = after(over, timers.solo_sign_off, zone, days?.holidays);
  return isAfter(signedOff.at, due) ? due : undefined;
}

/** Who gives it: the executive who signed first; where they have left, any other one, or whoever stands in. */
export function signersOffOf(state: State, emergency: Emergency): readonly string[] {
  const signed = executivesOf(emergency).filter((one) => isPerson(state.roster, one));
  if (signed.length > 0) return signed;
  const others =
    state.roster === undefined
      ? []
      : personsWithRole(state.roster, 'executive')
          .map(({ id }) => id)
          .filter((id) => id !== emergency.requester);
  return others.length > 0 ? others : seatOf(state, emergency, undefined);
}

/** After a solo access the executive says in writing, having seen what was done, whether they stand by it. */
export function decideSignOff(
  state: State,
  said: Said<'attest'>,
  document: Json | undefined,
): Decision {
  const otherwise = refuse(
    'sign-off.document',
    'The sign-off does not fit what was signed, or says nothing in writing.',
    'Sign again: halligan emergency sign-off.',
  );
  const found = attestedAtHand(state, said, { shape: signOff, document, otherwise });
  if ('refusal' in found) return found;
  const { emergency, attested } = found;
  const { text } = said.statement;
  if (text === undefined) return otherwise;
  const signers = signersOffOf(state, emergency);
  if (emergency.second !== undefined)
    return refuse(
      'sign-off.not-solo',
      'This emergency had a second person.',
      'Requester and second person sign its record.',
    );
  if (!signers.includes(said.by))
    return refuse(
      'sign-off.executive',
      'The executive who signed first signs off.',
      'Ask them.',
      signers,
    );
  if (emergency.ended === undefined && emergency.aborted === undefined)
    return refuse(
      'sign-off.not-ended',
      'The emergency has not ended.',
      'Sign off when you know what was done.',
    );
  if (!isSignOffDue(emergency))
    return refuse(
      'sign-off.again',
      'Nothing is due: it was signed off, or nothing was opened.',
      'Nothing more is needed.',
    );
  return {
    events: [
      happened('SoloSignedOff', {
        emergency: emergency.id,
        by: said.by,
        agreed: attested.agreed,
        text,
      }),
    ],
  };
}
