import type { Enrolment } from '../factor/enrolment.ts';
import { keyFor } from '../key/purpose.ts';
import type { Person } from '../people/person.ts';
import { isPassword } from '../verifier/verifier.ts';
import { type Case, out, type SignIn } from './case.ts';

/** Wrong guesses after which a PIN is gone, however long they took. */
export const PIN_TRIES = 10;

/** Judges a PIN of this machine. The guess is counted before it is judged; the last wrong one takes the PIN away. */
export async function byPin(
  { desk, attempt, keep }: Case,
  { known, enrolment }: { readonly known: Person | undefined; readonly enrolment: Enrolment },
): Promise<SignIn> {
  const { pin, subject } = enrolment;
  if (pin === undefined || known === undefined || attempt.password.length === 0) {
    keep('unjudged');
    return out('no PIN', 'There was no PIN.');
  }
  // In one step with its count: as many as are under way at once are counted.
  desk.memory.change({ enrolments: [counted(enrolment)] });
  const isRight = await isPassword(attempt.password, keyFor(desk.key, 'pin'), pin.verifier);
  const now = desk.memory.enrolment(subject);
  const isThere = now.pin?.verifier.at === pin.verifier.at;
  if (!isThere) return out('the PIN is gone after too many wrong ones', WRONG);
  if (!isRight) {
    if ((now.pin?.tries ?? 0) >= PIN_TRIES) keep('wrong', { enrolments: [counted(now)] });
    return out('wrong PIN', WRONG);
  }
  if (desk.memory.person(attempt.name)?.disabled !== false)
    return out('disabled, said the provider when it was last seen', WRONG);
  keep('right', { enrolments: [{ ...now, pin: { ...pin, tries: 0 } }] });
  return { let: 'in', by: 'local PIN', method: 'pin' };
}

const WRONG = `This PIN is not taken. After ${PIN_TRIES} wrong ones it is gone.`;

/** What is left when a guess is counted: nothing of a PIN that has no guesses left. */
function counted({ pin, ...rest }: Enrolment): Enrolment {
  if (pin === undefined || pin.tries >= PIN_TRIES) return rest;
  return { ...rest, pin: { ...pin, tries: pin.tries + 1 } };
}
