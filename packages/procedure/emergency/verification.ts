import { digestOf, type Json } from '@halligan/format';
import { z } from 'zod';
import { paperMissing } from '../custody/envelopes.ts';
import { type EventBody, happened } from '../events.ts';
import type { Decision, Said } from '../input.ts';
import { refuse } from '../refusal.ts';
import type { State } from '../state.ts';
import { emergencyAtHand } from './emergency-at-hand.ts';
import { isEscalationDue } from './governance.ts';
import { isProgram, ROTATOR } from './opening.ts';
import { isMadeGood } from './reset-list.ts';
import { isSignOffDue } from './sign-off.ts';
import { closersOf } from './stand-ins.ts';
import { isTouched } from './state.ts';
import { versionToVerify } from './version-to-verify.ts';

const result = z.lazy(() =>
  z.strictObject({
    v: z.literal('halligan/exercise/v1'),
    account: z.string(),
    version: z.int().min(1),
    request: z.string(),
    outcome: z.literal('accepted'),
  }),
);

/** The prover opened the new version by dual control, signed in with it and out; no human saw it. */
export function decideExercise(
  state: State,
  said: Said<'attest'>,
  document: Json | undefined,
): Decision {
  const found = emergencyAtHand(state, said, { exercise: true });
  if ('refusal' in found) return found;
  const { emergency } = found;
  const parsed = result.safeParse(document);
  if (!parsed.success || document === undefined || digestOf(document) !== said.statement.digest) {
    return refuse('exercise.result', 'The result does not fit what was signed.', 'Exercise again.');
  }
  if (said.by !== ROTATOR || !isProgram(state, said.by) || said.statement.purpose !== 'exercise') {
    return refuse('exercise.prover', 'Only the prover signs for an exercise.', 'Exercise again.');
  }
  const { version, request, account } = parsed.data;
  const opening = emergency.openings.find((one) => one.request === request);
  if (
    opening === undefined ||
    !opening.exercise ||
    opening.quorumAt === undefined ||
    opening.version !== version ||
    account !== emergency.account
  ) {
    return refuse(
      'exercise.opening',
      'There was no such opening by dual control.',
      'Exercise again.',
    );
  }
  if (emergency.exercised !== undefined)
    return refuse('exercise.done', 'This version was exercised already.', 'Close the emergency.');
  if (versionToVerify(state, emergency) !== version)
    return refuse(
      'exercise.not-reset',
      'That version was touched or replaced since.',
      'Wait for the reset, then exercise the version that it made.',
    );
  const events: EventBody[] = [
    happened('CredentialExercised', { emergency: emergency.id, version, request }),
  ];
  // An account that another emergency took over meanwhile is that one's to make good. By the second rules it is armed
  // when everything is done, at the close.
  if (emergency.rules === 1 && state.accounts[account]?.emergency === emergency.id)
    events.push(happened('AccountArmed', { account, version }));
  return { events };
}

/** Closed only when nothing is left to do: the organisation is safe again, and the record says so. */
export function decideClose(state: State, said: Said<'close'>): Decision {
  const found = emergencyAtHand(state, said);
  if ('refusal' in found) return found;
  const { emergency, account } = found;
  const eligible = closersOf(state);
  if (!eligible.includes(said.by)) {
    return refuse(
      'close.role',
      'Security or an auditor closes an emergency.',
      'Ask one of them.',
      eligible,
    );
  }
  const over = emergency.ended ?? emergency.aborted;
  // An abort before anything left its holder, or a tabletop.
  const untouched = over !== undefined && !isTouched(emergency);
  const missing = untouched
    ? undefined
    : [
        [over, 'has not ended'],
        [isSignOffDue(emergency) ? undefined : true, 'has no executive’s sign-off'],
        [emergency.submitted, 'has no submitted record'],
        [
          isMadeGood(state, emergency) || undefined,
          'has no reset credential, or something else that it revealed is not reset',
        ],
        [emergency.reviewed, 'has not been reviewed'],
        [isEscalationDue(emergency) ? undefined : true, 'has violations that were not escalated'],
        [emergency.exercised, 'has no verified new credential'],
        [
          emergency.rules === 1 || emergency.verified,
          'has not been looked up in the provider’s log',
        ],
      ].find(([done]) => done === undefined)?.[1];
  if (missing !== undefined)
    return refuse(
      'close.incomplete',
      `This emergency ${missing}.`,
      'See halligan emergency show for what is due.',
    );
  const paper = untouched ? undefined : paperMissing(account);
  if (paper !== undefined)
    return refuse(
      'close.envelope',
      `This emergency ${paper}.`,
      'Print, seal and register the new one, destroy the old: halligan envelope register, destroy.',
    );
  const events: EventBody[] = [
    happened('EmergencyClosed', { emergency: emergency.id, by: said.by }),
  ];
  // An account that is exposed or suspect is not made good by what this emergency did.
  if (
    emergency.rules > 1 &&
    account.emergency === emergency.id &&
    account.state === 'unarmed' &&
    account.versions[account.current]?.touched === false
  )
    events.push(happened('AccountArmed', { account: emergency.account, version: account.current }));
  return { events };
}
