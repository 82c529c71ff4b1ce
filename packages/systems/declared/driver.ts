import { HalliganError } from '@halligan/format';
import type { Driver } from '../driver.ts';
import { firstPassword } from '../first-password.ts';
import { copyPassword } from '../password.ts';
import { type InspectMeaning, type ProveMeaning, refusalOf, type SetMeaning } from './outcome.ts';
import type { Values } from './template.ts';
import { inspectionOf, type Telling } from './told.ts';

/**
 * How the steps of a declared system are done: each is given what its places stand for, the driver's credential among
 * them where there is one, and says what the first row of its table that fits makes of the answer.
 */
export interface DeclaredSteps {
  /** @throws `systems.account-name` for names that would mean more than a name where they are put */
  readonly nameOf: (account: string) => Uint8Array;
  /** Absent where the settings do not say how to look. */
  readonly inspect?: (values: Values) => Promise<Seen>;
  readonly set: (values: Values) => Promise<SetMeaning>;
  /** Signs in and, where the settings say how, out again. */
  readonly prove: (values: Values) => Promise<ProveMeaning>;
}

/** What a look at an account gave. */
export interface Seen {
  readonly means: InspectMeaning;
  /** The answer's JSON: the system's word, parsed and not believed. */
  readonly json: unknown;
  readonly tells: Telling;
}

/**
 * The driver of a system that settings alone describe.
 * @param secret the driver's own credential, copied; where accounts change themselves, their first passwords
 */
export function declaredDriver(
  rotation: 'standing' | 'self',
  secret: Uint8Array | undefined,
  steps: DeclaredSteps,
): Driver {
  let credential = secret === undefined ? undefined : Uint8Array.from(secret);
  const withCredential = (values: Values): Values =>
    credential === undefined ? values : { ...values, credential };

  return {
    async inspect(account) {
      const name = steps.nameOf(account);
      if (steps.inspect === undefined) throw notDeclared();
      const { means, json, tells } = await steps.inspect(withCredential({ account: name }));
      if (means === 'absent') return { exists: false };
      if (means === 'exists') return inspectionOf(account, json, tells);
      throw refusalOf(means);
    },

    async setPassword(account, password, old) {
      const name = steps.nameOf(account);
      const fresh = copyPassword(password);
      const before = old === undefined ? undefined : copyPassword(old);
      try {
        const present =
          rotation === 'self' ? (before ?? firstPassword(credential, account)) : undefined;
        const values = { account: name, password: fresh };
        const means = await steps.set(
          withCredential(present === undefined ? values : { ...values, old: present }),
        );
        if (means !== 'done') throw refusalOf(means);
      } finally {
        fresh.fill(0);
        before?.fill(0);
      }
    },

    async prove(account, password) {
      const name = steps.nameOf(account);
      const candidate = copyPassword(password);
      try {
        const means = await steps.prove(withCredential({ account: name, password: candidate }));
        if (means === 'accepted' || means === 'rejected') return means;
        throw refusalOf(means);
      } finally {
        candidate.fill(0);
      }
    },

    async close() {
      credential?.fill(0);
      credential = undefined;
    },
  };
}

/** Settings may leave looking out: then nothing is known, which is not the same as nothing being there. */
function notDeclared(): HalliganError {
  return new HalliganError(
    'systems.cannot-inspect',
    'The settings of this system do not say how to look at an account.',
    'Declare inspect in them; until then locks, groups and other ways in are not seen.',
  );
}
