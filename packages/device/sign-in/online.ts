import { isEnrolled, underId } from '../factor/enrolment.ts';
import { isKept, type Person, usableVerifier } from '../people/person.ts';
import type { ProviderAnswer } from '../provider/provider.ts';
import type { Change } from '../store/memory.ts';
import { isPassword, makeVerifier, nobody } from '../verifier/verifier.ts';
import { type Case, out, type SignIn, timeOf } from './case.ts';

/** What the provider said is done, and remembered for when it cannot be reached. */
export async function online(
  { desk, attempt, keep }: Case,
  answer: Exclude<ProviderAnswer, { readonly answer: 'unreachable' }>,
): Promise<SignIn> {
  switch (answer.answer) {
    case 'signed-in':
      return signedIn({ desk, attempt, keep }, answer);
    case 'wrong':
      return wrong({ desk, attempt, keep });
    case 'unknown':
      await isPassword(attempt.password, desk.key, nobody(desk));
      keep('wrong', { people: closed({ desk, attempt }) });
      return out('not known to the provider', 'The password is wrong.');
    case 'disabled':
      keep('unjudged', { people: closed({ desk, attempt }) });
      return out('disabled, says the provider', 'This account is disabled or has expired.');
    case 'held-up':
      keep('unjudged');
      return out('held up by the provider', 'The provider takes no more passwords for a while.');
    case 'unfinished':
      keep('unjudged');
      return MISSING[answer.due ?? 'factor'];
    case 'fault':
      keep('unjudged');
      return out(
        `the provider decided nothing: ${answer.what}`,
        'The provider refuses this machine. Tell your administrator.',
      );
  }
}

/** What the provider asks for besides a password that was right. */
const MISSING = {
  factor: out('another factor is missing', 'Your organisation asks for another factor.'),
  'new-password': out('the password has expired', 'Your password has expired: change it first.'),
  permission: out(
    'the provider’s rules forbid it',
    'Your organisation does not allow this sign-in.',
  ),
} as const;

type SignedIn = Extract<ProviderAnswer, { readonly answer: 'signed-in' }>;
type Judging = Pick<Case, 'desk' | 'attempt' | 'keep'>;

async function signedIn(
  { desk, attempt, keep }: Judging,
  { subject, formerly, kind, keep: mayKeep }: SignedIn,
): Promise<SignIn> {
  const { seconds: now } = timeOf(desk);
  const isWanted = () => mayKeep && isKept(kind, desk.configuration.enabled);
  const verifier = isWanted()
    ? await makeVerifier(attempt.password, desk.key, desk.random(16), {
        ...{ subject, at: now, cost: desk.cost },
      })
    : undefined;
  const { name } = attempt;
  const person = {
    ...{ name, subject, kind, seen: now, disabled: false },
    ...(verifier !== undefined && isWanted() ? { verifier } : {}),
  };
  // Whoever is known by two names is one person: a password that was changed is changed for both.
  const people = namesOf(desk, person).map((one) => ({ ...person, name: one.name }));
  keep('right', { people: [...people, person], ...movedFrom(desk, formerly, person) });
  return { let: 'in', by: 'provider' };
}

/**
 * What becomes of what is enrolled under the id that the name had here until now. Where that was the name itself, it is the
 * same person's, and goes with them, once: it is still what a prompt would ask of them. Where the name was given to
 * somebody else, they inherit nothing of it; whose it was may come back under another name.
 */
function movedFrom(
  { memory }: Case['desk'],
  formerly: string | undefined,
  { name, subject }: Person,
): Pick<Change, 'enrolments' | 'unenrolled'> {
  const before = memory.person(name)?.subject;
  if (before === undefined || before === subject) return {};
  const old = memory.enrolment(before);
  if (!isEnrolled(old)) return {};
  return before === formerly
    ? { enrolments: [underId(old, memory.enrolment(subject))], unenrolled: [before] }
    : { enrolments: [{ ...old, formerName: name }] };
}

/** A password that the provider refuses, and that is still the one that was kept, was changed: it is kept no longer. */
async function wrong({ desk, attempt, keep }: Judging): Promise<SignIn> {
  const known = desk.memory.person(attempt.name);
  const verifier = known && usableVerifier(known, timeOf(desk), desk.configuration);
  // Whoever is not known costs as much time as whoever is.
  const wasChanged = await isPassword(attempt.password, desk.key, verifier ?? nobody(desk));
  const stale = (one: Person) => one.verifier?.at === verifier?.at;
  const people = wasChanged
    ? namesOf(desk, known)
        .filter(stale)
        .map(({ verifier: _, ...rest }) => rest)
    : [];
  keep(attempt.password.length === 0 ? 'unjudged' : 'wrong', { people });
  return out('wrong password, says the provider', 'The password is wrong.');
}

/** All that is remembered of somebody, under whatever name they typed. */
function namesOf({ memory }: Case['desk'], one: Person | undefined): readonly Person[] {
  return one === undefined ? [] : memory.people().filter(({ subject }) => subject === one.subject);
}

/** What is left of somebody whose account is disabled or gone: nothing of the password. */
function closed({ desk, attempt }: Pick<Case, 'desk' | 'attempt'>): readonly Person[] {
  const { seconds: seen } = timeOf(desk);
  return namesOf(desk, desk.memory.person(attempt.name)).map(({ verifier: _, ...rest }) => {
    return { ...rest, seen, disabled: true };
  });
}
