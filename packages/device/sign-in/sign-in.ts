import { createHmac } from 'node:crypto';
import type { Conversation } from '../conversation/conversation.ts';
import type { Ledger, OpenCharge } from '../guesses/charges.ts';
import type { Guessed } from '../guesses/guesses.ts';
import { keyFor } from '../key/purpose.ts';
import { askProvider } from './ask-provider.ts';
import { type Attempt, type Case, type Desk, out, type SignIn, timeOf } from './case.ts';
import { offline } from './offline.ts';
import { online } from './online.ts';

/**
 * One sign-in. The provider decides while it can be reached; where it cannot, the table does, and then what was kept.
 * Whatever is remembered of it is durable before anybody is let in. Any number may be under way at once: a person who
 * thinks at a prompt, or a provider that says nothing, holds up nobody else.
 * @throws `device.store` where something could not be written down; nobody is let in then
 */
export async function signIn(
  desk: Desk,
  attempt: Attempt,
  conversation: Conversation,
): Promise<SignIn> {
  const guessed = guessedOf(desk, attempt);
  const charge = await desk.charges.open(ledgerOf(desk), attempt.from, guessed);
  if (typeof charge === 'number')
    return out('held up', `Too many wrong passwords. Try again in ${duration(charge)}.`);
  try {
    const begun: Case = { desk, attempt, conversation, keep: keeper(desk, attempt, charge) };
    const answer = await askProvider(begun);
    return answer.answer === 'unreachable' ? await offline(begun) : await online(begun, answer);
  } finally {
    charge.close();
  }
}

/** A name that is not known is kept under the machine's key alone: people type passwords where a name belongs. */
function guessedOf({ memory, key }: Desk, { name }: Attempt): Guessed {
  const known = memory.person(name);
  if (known !== undefined) return { subject: known.subject };
  const mac = createHmac('sha256', keyFor(key, 'name')).update(name.toLowerCase());
  return { unknown: mac.digest('hex') };
}

function ledgerOf(desk: Desk): Ledger {
  return {
    now: () => timeOf(desk).seconds,
    guesses: (from) => desk.memory.guesses(from, timeOf(desk).seconds),
    write: (from, guesses) =>
      desk.memory.change({ clock: timeOf(desk), guesses: { [from]: guesses } }),
  };
}

function keeper(desk: Desk, { from }: Attempt, charge: OpenCharge): Case['keep'] {
  return (judged, change = {}) => {
    const time = timeOf(desk);
    const guesses = desk.memory.guesses(from, time.seconds);
    desk.memory.change({
      clock: time,
      ...change,
      ...(judged === 'wrong' ? {} : { guesses: { [from]: charge.settled(judged, guesses) } }),
    });
  };
}

function duration(seconds: number): string {
  return seconds < 60 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
}
