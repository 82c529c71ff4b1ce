import { accessOf } from '../access/access.ts';
import { type DeviceTime, deviceTime, type Reading } from '../clock/device-time.ts';
import type { Configuration } from '../configuration/configuration.ts';
import type { Conversation } from '../conversation/conversation.ts';
import { afterRight, afterWrong, waitOf } from '../guesses/guesses.ts';
import { isKept, type Person, usableVerifier } from '../people/person.ts';
import type { Provider, ProviderAnswer } from '../provider/provider.ts';
import type { Memory } from '../store/memory.ts';
import { type GuessCost, isPassword, makeVerifier, type Verifier } from '../verifier/verifier.ts';
import { endOf } from '../window/window.ts';

/** Somebody at a prompt. */
export interface Attempt {
  readonly name: string;
  /** The PAM service. */
  readonly service: string;
  readonly from: 'local' | 'remote';
  /** As it was typed; whoever calls wipes it afterwards. */
  readonly password: Uint8Array;
}

/** What a sign-in came to. `why` is for the record; the person at the prompt is told `said`. */
export type SignIn =
  | { readonly let: 'in'; readonly by: 'provider' | 'cached password'; readonly until?: number }
  | { readonly let: 'out'; readonly why: string; readonly said: string };

/** What a sign-in rests on. */
export interface Desk {
  readonly configuration: Configuration;
  readonly memory: Memory;
  readonly provider: Provider;
  /** 32 bytes: see `makeVerifier`. */
  readonly key: Uint8Array;
  readonly cost: GuessCost;
  readonly read: () => Reading;
  readonly random: (size: number) => Uint8Array;
}

/** How long the provider may think, milliseconds: an outage is noticed at the sign-in that meets it. */
const PATIENCE = 5000;
/** The same words for whoever is not known and whoever mistyped: a prompt tells nobody who has an account here. */
const NOT_TAKEN =
  'This password is not taken offline: it is wrong, or it was not used here online lately.';

/**
 * One sign-in. The provider decides while it can be reached; where it cannot, the table does, and then the password that
 * was kept. Whatever is remembered of it is durable before anybody is let in.
 */
export async function signIn(
  desk: Desk,
  attempt: Attempt,
  conversation: Conversation,
): Promise<SignIn> {
  const { memory, provider } = desk;
  const time = timeOf(desk);
  if (attempt.password.length === 0) return out('no password', 'There was no password.');
  const known = memory.person(attempt.name);
  const wait = waitOf(memory.guesses(time.seconds), known?.subject, time.seconds);
  if (wait > 0) return out('held up', `Too many wrong passwords. Try again in ${duration(wait)}.`);
  const answer = await provider.signIn(
    attempt.name,
    attempt.password,
    conversation,
    AbortSignal.timeout(PATIENCE),
  );
  return answer.answer === 'unreachable'
    ? offline(desk, attempt, known)
    : online(desk, attempt, known, answer);
}

async function online(
  desk: Desk,
  { name, password }: Attempt,
  known: Person | undefined,
  answer: Exclude<ProviderAnswer, { readonly answer: 'unreachable' }>,
): Promise<SignIn> {
  const { memory, configuration, random, key, cost } = desk;
  const time = timeOf(desk);
  const { seconds: now } = time;
  switch (answer.answer) {
    case 'signed-in': {
      const { subject, kind, keep } = answer;
      const about = { subject, at: now, cost };
      const verifier =
        keep && isKept(kind, configuration.enabled)
          ? { verifier: await makeVerifier(password, key, random(16), about) }
          : {};
      const person = { name, subject, kind, seen: now, disabled: false, ...verifier };
      memory.change({
        clock: time,
        people: [person],
        guesses: afterRight(memory.guesses(now), subject),
      });
      return { let: 'in', by: 'provider' };
    }
    case 'wrong':
    case 'unknown':
      memory.change({
        clock: time,
        people: answer.answer === 'wrong' || known === undefined ? [] : [disabled(known, now)],
        guesses: afterWrong(memory.guesses(now), known?.subject, now),
      });
      return answer.answer === 'wrong'
        ? out('wrong password, says the provider', 'The password is wrong.')
        : out('not known to the provider', 'The password is wrong.');
    case 'disabled':
      memory.change({ clock: time, people: known === undefined ? [] : [disabled(known, now)] });
      return out('disabled, says the provider', 'This account is disabled or has expired.');
    case 'held-up':
      return out('held up by the provider', 'The provider takes no more passwords for a while.');
    case 'unfinished':
      return MISSING[answer.due ?? 'factor'];
    case 'fault':
      return out(
        `the provider decided nothing: ${answer.what}`,
        'The provider refuses this machine. Tell your administrator.',
      );
  }
}

async function offline(
  desk: Desk,
  { from, password }: Attempt,
  known: Person | undefined,
): Promise<SignIn> {
  const { memory, configuration, key } = desk;
  const time = timeOf(desk);
  const { seconds: now } = time;
  const window = memory.window();
  const isOpen = window !== undefined && endOf(window, configuration, false, time) === undefined;
  const access = accessOf({
    user: known?.kind ?? 'mfa',
    provider: 'offline',
    feature: configuration.enabled ? 'on' : 'off',
    window: isOpen ? 'open' : 'closed',
    service: from,
  });
  if ('refused' in access)
    return out(access.refused, `The provider cannot be reached, and ${access.refused}.`);
  const verifier = known === undefined ? undefined : usableVerifier(known, time);
  // Whoever is not known costs as much time as whoever is.
  const isRight = await isPassword(password, key, verifier ?? nobody(desk));
  if (verifier === undefined || known === undefined || !isRight) {
    memory.change({ clock: time, guesses: afterWrong(memory.guesses(now), known?.subject, now) });
    return out(whyNot(known, verifier), NOT_TAKEN);
  }
  memory.change({ clock: time, guesses: afterRight(memory.guesses(now), known.subject) });
  return {
    let: 'in',
    by: 'cached password',
    ...(known.kind === 'mfa' && window !== undefined ? { until: window.endsAt } : {}),
  };
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

/** What is left of somebody whose account is disabled: nothing of the password. */
function disabled({ verifier: _, ...rest }: Person, now: number): Person {
  return { ...rest, seen: now, disabled: true };
}

function whyNot(known: Person | undefined, verifier: Verifier | undefined): string {
  if (known === undefined) return 'has not signed in here online';
  if (known.disabled) return 'disabled, said the provider when it was last seen';
  return verifier === undefined ? 'nothing is kept, or it is too old' : 'wrong password';
}

/** A verifier that no password fits. */
function nobody({ cost, random }: Desk): Verifier {
  return {
    ...{ v: 'halligan/verifier/v1', subject: '', at: 0, cost },
    ...{ salt: random(16), mac: new Uint8Array(32) },
  };
}

/** What time it is, as far as it was and is known. */
export function timeOf({ memory, read }: Pick<Desk, 'memory' | 'read'>): DeviceTime {
  return deviceTime(memory.clock(), read());
}

function duration(seconds: number): string {
  return seconds < 60 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
}

function out(why: string, said: string): SignIn {
  return { let: 'out', why, said };
}
