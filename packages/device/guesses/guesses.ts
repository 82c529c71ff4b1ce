/** Wrong guesses against one user. Instants are seconds of the machine's own time. */
export interface Failures {
  readonly count: number;
  readonly last: number;
}

/** What is remembered of wrong guesses on this machine; it outlives a restart. */
export interface Guesses {
  /** By subject. Who is not known here shares one entry, `''`: names are not told apart. */
  readonly users: Readonly<Record<string, Failures>>;
  /** What is left of the machine's own allowance, at `filledAt`. */
  readonly allowance: number;
  readonly filledAt: number;
}

/** Wrong guesses that cost nothing: people mistype. */
const FREE = 4;
const FIRST_WAIT = 30;
const LONGEST_WAIT = 900;
/** Failures are forgotten a day after the last. */
const MEMORY = 86_400;
/** Wrong guesses that the machine allows at once, whoever is guessed; one more each minute. */
const ALLOWANCE = 50;
const REFILL = 60;

/** A machine on which nobody has guessed. */
export function noGuesses(now: number): Guesses {
  return { users: {}, allowance: ALLOWANCE, filledAt: now };
}

/**
 * Seconds until this user may try; 0 at once. Waiting grows with each failure and never lasts: an account that could be
 * locked for good is an attack by itself. The machine's allowance bounds guessing across users, and holds up only those
 * who were guessed wrong, or are not known: nobody who just comes and types can be kept out by what others do.
 * @param subject undefined for somebody who is not known here
 */
export function waitOf(guesses: Guesses, subject: string | undefined, now: number): number {
  const { count, last } = failuresOf(guesses, subject, now);
  const over = count - FREE;
  const wait = over <= 0 ? 0 : Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (over - 1));
  const own = Math.max(0, last + wait - now);
  if (count === 0 && subject !== undefined) return 0;
  const { allowance, filledAt } = filled(guesses, now);
  return allowance >= 1 ? own : Math.max(own, filledAt + REFILL - now);
}

/** After a wrong guess. */
export function afterWrong(guesses: Guesses, subject: string | undefined, now: number): Guesses {
  const { count } = failuresOf(guesses, subject, now);
  const { allowance, filledAt } = filled(guesses, now);
  const kept = Object.entries(guesses.users).filter(([, { last }]) => now - last < MEMORY);
  return {
    users: { ...Object.fromEntries(kept), [subject ?? '']: { count: count + 1, last: now } },
    allowance: Math.max(0, allowance - 1),
    filledAt,
  };
}

/** After a right one: the user's failures are forgotten, the machine's allowance is not given back. */
export function afterRight(guesses: Guesses, subject: string): Guesses {
  const { [subject]: _, ...users } = guesses.users;
  return { ...guesses, users };
}

function failuresOf({ users }: Guesses, subject: string | undefined, now: number): Failures {
  const name = subject ?? '';
  const failures = Object.hasOwn(users, name) ? users[name] : undefined;
  return failures === undefined || now - failures.last >= MEMORY ? { count: 0, last: 0 } : failures;
}

function filled({ allowance, filledAt }: Guesses, now: number): Omit<Guesses, 'users'> {
  const more = Math.max(0, Math.floor((now - filledAt) / REFILL));
  if (allowance + more >= ALLOWANCE) return { allowance: ALLOWANCE, filledAt: now };
  return { allowance: allowance + more, filledAt: filledAt + more * REFILL };
}
