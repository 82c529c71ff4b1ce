/** Where somebody guesses from: each has a count of its own, so that the network holds up nobody at the machine. */
export type Origin = 'local' | 'remote';

/** Who is guessed: somebody who is known here, by their id at the provider, or a name that is not. */
export type Guessed = { readonly subject: string } | { readonly unknown: string };

/** Wrong guesses against one user. Instants are seconds of the machine's own time. */
export interface Failures {
  readonly count: number;
  readonly last: number;
}

/** What is remembered of wrong guesses from one origin; it outlives a restart. */
export interface Guesses {
  /** By {@link nameOf}. */
  readonly users: Readonly<Record<string, Failures>>;
  /** What is left of the origin's own allowance, at `filledAt`. */
  readonly allowance: number;
  readonly filledAt: number;
}

/** A guess that is paid for and not yet judged. */
export interface Charge {
  readonly guessed: Guessed;
  readonly at: number;
  /** The failures that were there. */
  readonly before: Failures;
}

/** Wrong guesses that cost nothing: people mistype. */
const FREE = 4;
const FIRST_WAIT = 30;
const LONGEST_WAIT = 900;
/** Failures are forgotten a day after the last. */
const MEMORY = 86_400;
/** Wrong guesses that are allowed at once from one origin, whoever is guessed; one more each minute. */
const ALLOWANCE = 50;
const REFILL = 60;
const NONE: Failures = { count: 0, last: 0 };

/** An origin from which nobody has guessed. */
export function noGuesses(now: number): Guesses {
  return { users: {}, allowance: ALLOWANCE, filledAt: now };
}

/** What a user's failures are kept under: no name that is typed is taken for an id. */
export function nameOf(guessed: Guessed): string {
  return 'subject' in guessed ? `id ${guessed.subject}` : `name ${guessed.unknown.toLowerCase()}`;
}

/**
 * Seconds until this user may be guessed again; 0 at once. Waiting grows with each failure and never lasts: an account
 * that could be locked for good is an attack by itself. Where the allowance is used up, many are being guessed: whoever
 * was guessed wrong then waits a minute from their own first mistake on, and names that are not known share what is
 * refilled. Nobody who is known and was not guessed wrong is ever held up by what others do.
 */
export function waitOf(guesses: Guesses, guessed: Guessed, now: number): number {
  const { count, last } = failuresOf(guesses, guessed, now);
  const { allowance, filledAt } = filled(guesses, now);
  const over = count - FREE;
  const wait = over <= 0 ? 0 : Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (over - 1));
  const own = Math.max(0, last + wait - now);
  if (allowance >= 1) return own;
  if ('unknown' in guessed) return Math.max(own, filledAt + REFILL - now);
  return count === 0 ? 0 : Math.max(own, last + REFILL - now);
}

/** When guesses at names that are not known are taken again from an origin; undefined where they are now. */
export function usedUpUntil(guesses: Guesses, now: number): number | undefined {
  const { allowance, filledAt } = filled(guesses, now);
  return allowance >= 1 ? undefined : filledAt + REFILL;
}

/** Counts a guess as wrong before it is judged: whoever pulls the plug, or guesses much at once, has no guess for free. */
export function charge(
  guesses: Guesses,
  guessed: Guessed,
  now: number,
): { readonly guesses: Guesses; readonly charge: Charge } {
  const before = failuresOf(guesses, guessed, now);
  const { allowance, filledAt } = filled(guesses, now);
  const kept = Object.entries(guesses.users).filter(([, { last }]) => now - last < MEMORY);
  const users = {
    ...Object.fromEntries(kept),
    [nameOf(guessed)]: { count: before.count + 1, last: now },
  };
  return {
    guesses: { users, allowance: Math.max(0, allowance - 1), filledAt },
    charge: { guessed, at: now, before },
  };
}

/** After a guess that was right: the user's failures are forgotten, and the charge is given back. */
export function afterRight(guesses: Guesses, { guessed }: Charge): Guesses {
  const { [nameOf(guessed)]: _, ...users } = guesses.users;
  return { ...guesses, users, allowance: more(guesses.allowance) };
}

/** After a guess that was neither right nor wrong, since nobody judged it: as if it had not been made. */
export function afterNone(guesses: Guesses, { guessed, at, before }: Charge): Guesses {
  const name = nameOf(guessed);
  const { [name]: now, ...users } = guesses.users;
  if (now === undefined) return guesses;
  const left = { count: now.count - 1, last: now.last === at ? before.last : now.last };
  return {
    ...guesses,
    users: left.count > 0 ? { ...users, [name]: left } : users,
    allowance: more(guesses.allowance),
  };
}

function more(allowance: number): number {
  return Math.min(ALLOWANCE, allowance + 1);
}

function failuresOf({ users }: Guesses, guessed: Guessed, now: number): Failures {
  const failures = users[nameOf(guessed)];
  return failures === undefined || now - failures.last >= MEMORY ? NONE : failures;
}

function filled({ allowance, filledAt }: Guesses, now: number): Omit<Guesses, 'users'> {
  const refilled = Math.max(0, Math.floor((now - filledAt) / REFILL));
  if (allowance + refilled >= ALLOWANCE) return { allowance: ALLOWANCE, filledAt: now };
  return { allowance: allowance + refilled, filledAt: filledAt + refilled * REFILL };
}
