import { digestOf, ID, type Json } from '@halligan/format';
import type { VerifiedStatement } from '@halligan/statement';
import { z } from 'zod';
import { keepersOf } from '../custody/joint.ts';
import { happened } from '../events.ts';
import { type Decision, isSaid } from '../input.ts';
import { readDocument } from '../read-document.ts';
import { refuse } from '../refusal.ts';
import { entryOf, type State } from '../state.ts';
import { emergencyAtHand } from './emergency-at-hand.ts';
import { emergencyById } from './register.ts';
import { versionToVerify } from './version-to-verify.ts';

const exerciseDocument = z.lazy(() =>
  z.strictObject({
    v: z.literal('halligan/exercise-by-hand/v1'),
    emergency: z.string().regex(/^[0-9a-f]{64}$/),
    account: z.string().regex(ID),
    version: z.int().min(1),
    outcome: z.literal('accepted'),
  }),
);

/** A sign-in that two people attest. */
export type ExerciseByHand = z.infer<typeof exerciseDocument>;

/** Reads an exercise by hand. @throws `procedure.document` */
export function exerciseByHandOf(json: unknown): ExerciseByHand {
  return readDocument(exerciseDocument, json, 'who saw a sign-in by hand');
}

/**
 * Where the new version was set by hand, no prover is needed to see what nobody should: whoever set it signs in and out
 * with it once more while a custodian or security looks on, and both sign. It is weaker than an exercise, and the
 * record says whose word it is.
 */
export function decideExerciseByHand(
  state: State,
  statements: readonly VerifiedStatement[],
  given: Json | undefined,
): Decision {
  const [first, second] = statements;
  const parsed = exerciseDocument.safeParse(given);
  if (
    !parsed.success ||
    given === undefined ||
    first === undefined ||
    second === undefined ||
    statements.length !== 2
  )
    return refuse(
      'exercise.result',
      'This is no sign-in that two people attest.',
      'Sign again: halligan emergency exercise-by-hand.',
    );
  const { version, account, emergency: id } = parsed.data;
  for (const said of statements) {
    const found = emergencyAtHand(state, said, { exercise: true });
    if ('refusal' in found) return found;
    const fits =
      isSaid(said, 'attest') &&
      said.statement.what === 'exercise' &&
      said.statement.purpose === 'exercise' &&
      said.statement.digest === digestOf(given) &&
      found.emergency.id === id &&
      found.emergency.account === account;
    if (!fits)
      return refuse(
        'exercise.result',
        'The two signatures are not over this sign-in.',
        'Sign the same document, both.',
      );
  }
  const emergency = emergencyById(state, id);
  const byHand = entryOf(state.accounts, account)?.versions[version]?.byHand;
  if (emergency === undefined || byHand === undefined)
    return refuse(
      'exercise.by-hand',
      'That version was not set by hand: the prover signs in with it, and nobody sees it.',
      'Exercise it: halligan emergency exercise.',
    );
  const seconds = keepersOf(state).filter((one) => one !== byHand.by);
  const other = first.by === byHand.by ? second.by : first.by;
  if ((first.by !== byHand.by && second.by !== byHand.by) || !seconds.includes(other))
    return refuse(
      'exercise.two-people',
      `${byHand.by}, who set it, signs in, and a custodian or security signs with them.`,
      'Sign, both of you.',
      [byHand.by, ...seconds],
    );
  if (emergency.exercised !== undefined)
    return refuse('exercise.done', 'This version was exercised already.', 'Close the emergency.');
  if (versionToVerify(state, emergency) !== version)
    return refuse(
      'exercise.not-reset',
      'That version was touched or replaced since.',
      'Reset it first, then exercise the version that was made.',
    );
  return {
    events: [happened('CredentialExercised', { emergency: id, version, by: [byHand.by, other] })],
  };
}
