import { accessOf, type Way } from '../access/access.ts';
import { partAnswer } from '../factor/answer.ts';
import { type Enrolment, factorDue, kindOf, noEnrolment } from '../factor/enrolment.ts';
import { isListed } from '../people/listed.ts';
import { type Person, usableVerifier } from '../people/person.ts';
import { isPassword, nobody, type Verifier } from '../verifier/verifier.ts';
import { endOf, type Window } from '../window/window.ts';
import { type Case, out, type SignIn, timeOf } from './case.ts';
import { clockTime } from './clock-time.ts';
import { byPin } from './pin.ts';
import { askFactor, type NotShown, type Shown } from './second-factor.ts';

/** The same words for whoever is not known and whoever mistyped: a prompt tells nobody who has an account here. */
const NOT_TAKEN =
  'This password is not taken offline: it is wrong, or it was not used here online lately.';
const CODE_NOT_TAKEN = 'This second factor is not taken: it is wrong, or was used before.';
const NO_CODE =
  'A second factor is asked for. Where only one answer can be typed: the password, a space, the code.';

/** How somebody stands at one moment: what is asked of them, and what their answer is judged by. */
interface Standing {
  readonly way: Exclude<Way, 'provider'>;
  readonly known: Person | undefined;
  readonly enrolment: Enrolment;
  readonly verifier: Verifier | undefined;
  /** The window that lets them in; undefined where they need none. */
  readonly window: Window | undefined;
}

/** Where the provider cannot be reached: the table says what is asked, and what was kept whether it is right. */
export async function offline(begun: Case): Promise<SignIn> {
  const { desk, attempt } = begun;
  const isOnList = await isListed(attempt.name, desk.configuration, desk.groupsOf);
  const before = standing(begun, isOnList);
  if ('refused' in before) return refusedBy(begun, before.refused);
  sayWindow(begun, before.window);
  switch (before.way) {
    case 'local PIN':
      return byPin(begun, before);
    case 'factor':
      return byFactor(begun, before, isOnList);
    case 'cached password':
    case 'cached password and factor':
      return byPassword(begun, before, isOnList);
  }
}

function standing({ desk, attempt }: Case, isOnList: boolean): Standing | { refused: string } {
  const { memory, configuration } = desk;
  const time = timeOf(desk);
  const known = memory.person(attempt.name);
  const enrolment = known === undefined ? noEnrolment('') : memory.enrolment(known.subject);
  const user = kindOf(known?.kind, enrolment);
  const kept = memory.window();
  const window =
    kept !== undefined && endOf(kept, configuration, false, time) === undefined ? kept : undefined;
  const access = accessOf({
    ...{ user, provider: 'offline' },
    feature: configuration.enabled ? 'on' : 'off',
    window: window === undefined ? 'closed' : isUsedUp(window, configuration) ? 'used up' : 'open',
    service: serviceOf(attempt, configuration),
    listed: isOnList ? 'yes' : 'no',
    passwordless: configuration.passwordless ? 'on' : 'off',
    factor:
      known === undefined
        ? strangersFactor(configuration)
        : factorDue(user, configuration, enrolment),
  });
  if ('refused' in access) return access;
  // Offline, the table has no row that asks the provider.
  if (access.way === 'provider') return { refused: 'the provider is not there' };
  const isGated = user === 'mfa' || user === 'passwordless';
  return {
    ...{ way: access.way, known, enrolment },
    verifier: known && usableVerifier(known, time, configuration),
    window: isGated ? window : undefined,
  };
}

/** Whoever is not known is asked as somebody is who has what is asked for, and so learns nothing of who is known. */
function strangersFactor({ secondFactor }: Case['desk']['configuration']) {
  return secondFactor === 'required' ? 'enrolled' : 'none';
}

function isUsedUp({ signIns = 0 }: Window, { maxSignIns }: Case['desk']['configuration']): boolean {
  return maxSignIns !== undefined && signIns >= maxSignIns;
}

function serviceOf(
  { from, service }: Case['attempt'],
  { allowRemote }: Case['desk']['configuration'],
) {
  if (from === 'local') return 'local';
  return allowRemote.includes(service.toLowerCase()) ? 'opted in' : 'remote';
}

function sayWindow({ desk, conversation }: Case, window: Window | undefined): void {
  if (window === undefined) return;
  const until = clockTime(window.endsAt, timeOf(desk).seconds);
  conversation.say(`Offline emergency sign-in, until ${until}.`);
}

async function byPassword(begun: Case, before: Standing, isOnList: boolean): Promise<SignIn> {
  const { desk, attempt, keep } = begun;
  const isAsked = before.way === 'cached password and factor';
  const { password, code } = isAsked
    ? partAnswer(attempt.password, before.enrolment)
    : { password: attempt.password, code: undefined };
  if (password.length === 0) {
    keep('unjudged');
    return out('no password', 'There was no password.');
  }
  // Whoever is not known costs as much time as whoever is.
  const isRight = await isPassword(password, desk.key, before.verifier ?? nobody(desk));
  if (before.verifier === undefined || !isRight)
    return out(whyNot(before.known, before.verifier), NOT_TAKEN);
  const shown = isAsked ? await askFactor(begun, before.enrolment, code, false) : undefined;
  return letIn(begun, before, isOnList, shown);
}

/** Without a password, a security key or a printed code: whoever is disabled is not asked for one. */
async function byFactor(begun: Case, before: Standing, isOnList: boolean): Promise<SignIn> {
  const { attempt, keep } = begun;
  if (before.known === undefined || before.known.disabled) {
    keep('unjudged');
    return out(whyNot(before.known, undefined), CODE_NOT_TAKEN);
  }
  const { code } = partAnswer(
    Buffer.concat([Buffer.from(' '), attempt.password]),
    before.enrolment,
  );
  return letIn(begun, before, isOnList, await askFactor(begun, before.enrolment, code, true));
}

/**
 * What was so when it began need not be so now: a window ends while somebody thinks, an account is disabled, a code is
 * spent by another. So all of it is asked again, and written down, in one step.
 */
function letIn(
  begun: Case,
  before: Standing,
  isOnList: boolean,
  shown: Shown | NotShown | undefined,
): SignIn {
  const { keep } = begun;
  if (shown === 'nothing') {
    keep('unjudged');
    return out('no second factor was given', NO_CODE);
  }
  const now = standing(begun, isOnList);
  if ('refused' in now) return refusedBy(begun, now.refused);
  if (
    now.way !== before.way ||
    now.known?.disabled !== false ||
    now.verifier?.at !== before.verifier?.at
  ) {
    keep('unjudged');
    return out('changed while it was judged', NOT_TAKEN);
  }
  const spent = shown?.spend(now.enrolment);
  if (shown !== undefined && spent === undefined)
    return out(`wrong second factor: ${shown.method}`, CODE_NOT_TAKEN);
  const { window } = now;
  keep('right', {
    ...(spent === undefined ? {} : { enrolments: [spent] }),
    ...(window === undefined ? {} : { window: { ...window, signIns: (window.signIns ?? 0) + 1 } }),
  });
  const isAlone = now.way === 'factor';
  return {
    ...{ let: 'in', by: isAlone ? 'factor' : 'cached password' },
    ...(shown === undefined ? {} : { method: methodOf(shown.method, isAlone) }),
    ...(window === undefined ? {} : { until: window.endsAt }),
  };
}

function methodOf(method: Shown['method'], isAlone: boolean) {
  if (!isAlone) return `password+${method}` as const;
  return method === 'fido2' ? 'fido2' : 'code';
}

/** Whoever is refused by the table has guessed nothing. */
function refusedBy({ keep }: Case, refused: string): SignIn {
  keep('unjudged');
  return out(refused, `The provider cannot be reached, and ${refused}.`);
}

function whyNot(known: Person | undefined, verifier: Verifier | undefined): string {
  if (known === undefined) return 'has not signed in here online';
  if (known.disabled) return 'disabled, said the provider when it was last seen';
  return verifier === undefined ? 'nothing is kept, or it is too old' : 'wrong password';
}
