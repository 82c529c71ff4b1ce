import { HalliganError, utf8 } from '@halligan/format';
import { checkAccountName } from '../account-name.ts';
import type { Driver, Inspection, Proof } from '../driver.ts';
import { firstPassword } from '../first-password.ts';
import { copyPassword } from '../password.ts';
import type { HttpConfig, HttpRequest } from './http-config.ts';
import { exchange, fillRequest, type HttpAnswer, requireProtected } from './http-exchange.ts';
import { refusalOf, secretMissing, unexplained } from './outcome.ts';
import { fieldsOf, fillAnswer, type Values } from './template.ts';
import { inspectionOf, pointed } from './told.ts';

/**
 * The driver of a system whose HTTP interface is declared in its settings. Passwords are bytes until Node sends them;
 * in a header (`basic`, a bearer token) one is a string, which JavaScript cannot overwrite.
 * @param secret the driver's own credential; where accounts change themselves, their first passwords
 * @throws `systems.plaintext`
 */
export function openHttpDriver(config: HttpConfig, secret: Uint8Array | undefined): Driver {
  requireProtected(config);
  let credential = secret === undefined ? undefined : Uint8Array.from(secret);

  /** Fills a request, sends it, and overwrites what held a secret. */
  const ask = async (request: HttpRequest, values: Values): Promise<HttpAnswer> => {
    const needed = fieldsOf(request).has('credential');
    if (needed && credential === undefined) throw secretMissing();
    const filled = fillRequest(
      config,
      request,
      credential === undefined ? values : { ...values, credential },
    );
    try {
      return await exchange(config, filled);
    } finally {
      filled.body?.fill(0);
    }
  };

  return {
    async inspect(account) {
      const name = nameOf(account);
      if (config.inspect === undefined) throw notDeclared();
      const { request, answers, tells } = config.inspect;
      const answer = await ask(request, { account: name });
      const means = meaningOf(answer, answers);
      if (means === 'absent') return { exists: false } satisfies Inspection;
      if (means === 'exists') return inspectionOf(account, answer.json, tells);
      throw refusalOf(means);
    },

    async setPassword(account, password, old) {
      const name = nameOf(account);
      const fresh = copyPassword(password);
      const before = old === undefined ? undefined : copyPassword(old);
      try {
        const present =
          config.rotation === 'self' ? (before ?? firstPassword(credential, account)) : undefined;
        const { request, answers } = config.set;
        const values = { account: name, password: fresh };
        const answer = await ask(
          request,
          present === undefined ? values : { ...values, old: present },
        );
        const means = meaningOf(answer, answers);
        if (means !== 'done') throw refusalOf(means);
      } finally {
        fresh.fill(0);
        before?.fill(0);
      }
    },

    async prove(account, password) {
      const name = nameOf(account);
      const candidate = copyPassword(password);
      try {
        const { request, answers, signOut } = config.prove;
        const answer = await ask(request, { account: name, password: candidate });
        const means = meaningOf(answer, answers);
        if (means !== 'accepted' && means !== 'rejected') throw refusalOf(means);
        if (means === 'accepted' && signOut !== undefined)
          await leave(config, signOut, name, answer);
        return means satisfies Proof;
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

/** A segment of dots would climb out of the declared path, encoded or not. @throws `systems.account-name` */
function nameOf(account: string): Uint8Array {
  if (!/^\.{1,2}$/.test(checkAccountName(account))) return utf8(account);
  throw new HalliganError(
    'systems.account-name',
    'This is not the name of an account.',
    'A name of dots alone means another place in an address.',
  );
}

/** What the first row that fits says. @throws `systems.unexplained` */
function meaningOf<M extends string>(
  { status, json }: HttpAnswer,
  rows: readonly {
    readonly means: M;
    readonly status: readonly number[];
    readonly where?: Readonly<Record<string, string | boolean | number>>;
  }[],
): M {
  const row = rows.find(
    (one) =>
      one.status.includes(status) &&
      Object.entries(one.where ?? {}).every(([pointer, value]) => pointed(json, pointer) === value),
  );
  if (row === undefined) throw unexplained(`status ${status}`);
  return row.means;
}

/** The proof stands whether or not the session could be ended: it ends by itself, and says nothing about the password. */
async function leave(
  config: HttpConfig,
  asked: HttpRequest,
  account: Uint8Array,
  answer: HttpAnswer,
): Promise<void> {
  const from = (pointer: string) => pointed(answer.json, pointer);
  const path = fillAnswer(asked.path, from, encodeURIComponent);
  const headers = Object.entries(asked.headers).map(
    ([name, text]) => [name, fillAnswer(text, from, (value) => value)] as const,
  );
  if (path === undefined || headers.some(([, text]) => text === undefined)) return;
  const texts = Object.fromEntries(headers.map(([name, text]) => [name, text ?? '']));
  const filled = fillRequest(config, { ...asked, path, headers: texts }, { account });
  await exchange(config, filled).catch(() => undefined);
}

/** Settings may leave looking out: then nothing is known, which is not the same as nothing being there. */
export function notDeclared(): HalliganError {
  return new HalliganError(
    'systems.cannot-inspect',
    'The settings of this system do not say how to look at an account.',
    'Declare inspect in them; until then locks, groups and other ways in are not seen.',
  );
}
