import { accessOf } from '../access/access.ts';
import { type Person, usableVerifier } from '../people/person.ts';
import { isPassword, nobody, type Verifier } from '../verifier/verifier.ts';
import { endOf } from '../window/window.ts';
import { type Case, out, type SignIn, timeOf } from './case.ts';
import { clockTime } from './clock-time.ts';

/** The same words for whoever is not known and whoever mistyped: a prompt tells nobody who has an account here. */
const NOT_TAKEN =
  'This password is not taken offline: it is wrong, or it was not used here online lately.';

/** Where the provider cannot be reached: the table says what is asked, and what was kept whether it is right. */
export async function offline(begun: Case): Promise<SignIn> {
  const { desk, attempt, conversation, keep } = begun;
  const before = standing(begun);
  if ('refused' in before) return unanswered(begun, before.refused);
  if (before.until !== undefined)
    conversation.say(
      `Offline emergency sign-in, until ${clockTime(before.until, timeOf(desk).seconds)}.`,
    );
  if (attempt.password.length === 0) {
    keep('unjudged');
    return out('no password', 'There was no password.');
  }
  // Whoever is not known costs as much time as whoever is.
  const isRight = await isPassword(attempt.password, desk.key, before.verifier ?? nobody(desk));
  if (before.verifier === undefined || !isRight)
    return out(whyNot(before.known, before.verifier), NOT_TAKEN);
  // What was so when it began need not be so now: a window ends while somebody thinks, and an account is disabled.
  const now = standing(begun);
  if ('refused' in now) return unanswered(begun, now.refused);
  if (now.verifier?.at !== before.verifier.at) return out('changed meanwhile', NOT_TAKEN);
  keep('right');
  return {
    ...{ let: 'in', by: 'cached password' },
    ...(now.until === undefined ? {} : { until: now.until }),
  };
}

/** How somebody stands at this moment: refused, or what their answer is judged by. */
function standing({ desk, attempt }: Case) {
  const { memory, configuration } = desk;
  const time = timeOf(desk);
  const known = memory.person(attempt.name);
  const window = memory.window();
  const isOpen = window !== undefined && endOf(window, configuration, false, time) === undefined;
  const user = known?.kind ?? 'mfa';
  const access = accessOf({
    ...{ user, provider: 'offline', service: attempt.from },
    feature: configuration.enabled ? 'on' : 'off',
    window: isOpen ? 'open' : 'closed',
  });
  if ('refused' in access) return access;
  const verifier = known && usableVerifier(known, time);
  return { known, verifier, until: user === 'mfa' ? window?.endsAt : undefined };
}

/** Whoever is refused by the table has guessed nothing. */
function unanswered({ keep }: Case, refused: string): SignIn {
  keep('unjudged');
  return out(refused, `The provider cannot be reached, and ${refused}.`);
}

function whyNot(known: Person | undefined, verifier: Verifier | undefined): string {
  if (known === undefined) return 'has not signed in here online';
  if (known.disabled) return 'disabled, said the provider when it was last seen';
  return verifier === undefined ? 'nothing is kept, or it is too old' : 'wrong password';
}
