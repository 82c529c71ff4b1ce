import { HalliganError, utf8 } from '@halligan/format';
import { checkAccountName } from '../account-name.ts';
import type { Driver } from '../driver.ts';
import { secretMissing } from '../missing-secret.ts';
import { declaredDriver } from './driver.ts';
import type { HttpConfig, HttpRequest } from './http-config.ts';
import { exchange, fillRequest, type HttpAnswer, requireProtected } from './http-exchange.ts';
import { unexplained } from './outcome.ts';
import { fieldsOf, fillAnswer, type Values } from './template.ts';
import { pointed } from './told.ts';

/**
 * The driver of a system whose HTTP interface is declared in its settings. Passwords are bytes until Node sends them;
 * in a header (`basic`, a bearer token) one is a string, which JavaScript cannot overwrite.
 * @param secret the driver's own credential; where accounts change themselves, their first passwords
 * @throws `systems.plaintext`
 */
export function openHttpDriver(config: HttpConfig, secret: Uint8Array | undefined): Driver {
  requireProtected(config);
  const { inspect, set, prove } = config;
  return declaredDriver(config.rotation, secret, {
    nameOf,
    ...(inspect === undefined
      ? {}
      : {
          inspect: async (values) => {
            const answer = await ask(config, inspect.request, values);
            const means = meaningOf(answer, inspect.answers);
            return { means, json: answer.json, tells: inspect.tells };
          },
        }),
    set: async (values) => meaningOf(await ask(config, set.request, values), set.answers),
    prove: async (values) => {
      const answer = await ask(config, prove.request, values);
      const means = meaningOf(answer, prove.answers);
      if (means === 'accepted' && prove.signOut !== undefined)
        await leave(config, prove.signOut, values, answer);
      return means;
    },
  });
}

/** Fills a request, sends it, and overwrites what held a secret. @throws `systems.secret-missing` */
async function ask(config: HttpConfig, request: HttpRequest, values: Values): Promise<HttpAnswer> {
  if (fieldsOf(request).has('credential') && values.credential === undefined) throw secretMissing();
  const filled = fillRequest(config, request, values);
  try {
    return await exchange(config, filled);
  } finally {
    filled.body?.fill(0);
  }
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
  { account }: Values,
  answer: HttpAnswer,
): Promise<void> {
  const from = (pointer: string) => pointed(answer.json, pointer);
  const path = fillAnswer(asked.path, from, encodeURIComponent);
  const headers = Object.entries(asked.headers).map(
    ([name, text]) => [name, fillAnswer(text, from, (value) => value)] as const,
  );
  if (path === undefined || headers.some(([, text]) => text === undefined)) return;
  const texts = Object.fromEntries(headers.map(([name, text]) => [name, text ?? '']));
  const filled = fillRequest(
    config,
    { ...asked, path, headers: texts },
    account === undefined ? {} : { account },
  );
  await exchange(config, filled).catch(() => undefined);
}
