import { concat } from '@halligan/format';
import { explainNumber, otherAccount, otherMethod } from './answer.ts';
import { cachingToken, ed25519Token, nativeToken } from './authentication.ts';
import type { MysqlConfig } from './config.ts';
import { type MysqlLine, withLine } from './line.ts';
import {
  handshakeResponse,
  notTheProtocol,
  parseQueryAnswer,
  parseRow,
  parseSignInAnswer,
  QUIT,
  query,
} from './packets.ts';

/** The server refused the password. */
export const REFUSED = Symbol('refused');

/** Access denied; and the same to an account without a password, or to a name that the server makes look like one. */
const ACCESS_DENIED = new Set([1045, 1698]);
/** Rows of an answer that are read: what a driver asks for has a few dozen. */
const MOST_ROWS = 10_000;

/** One statement; the rows of its first result, every value as text. @throws what `explainNumber` makes of a refusal */
export type Ask = (statement: string) => Promise<Rows>;
export type Rows = readonly (readonly (string | undefined)[])[];

/**
 * Signs an account in over TLS, lets `work` ask, and leaves. Passwords stay bytes, and are sent only where
 * caching_sha2_password asks for one that it has not cached, over TLS, as MySQL's own programs do.
 * @throws what `withLine` throws; `systems.authentication-method`, `systems.account-locked`, …
 */
export async function inSession<T>(
  config: MysqlConfig,
  account: string,
  password: Uint8Array,
  work: (ask: Ask) => Promise<T>,
): Promise<T | typeof REFUSED> {
  return withLine(config, async (line) => {
    if ((await signIn(line, account, password)) === 'refused') return REFUSED;
    const done = await work((statement) => ask(line, statement));
    line.send(QUIT, true);
    return done;
  });
}

/** Every server knows mysql_native_password well enough to name the account's own method in return. */
async function signIn(
  line: MysqlLine,
  account: string,
  password: Uint8Array,
): Promise<'in' | 'refused'> {
  const token = nativeToken(password, line.greeting.challenge);
  line.send(handshakeResponse(account, 'mysql_native_password', token));
  let method = '';
  for (;;) {
    const answer = parseSignInAnswer(await line.receive());
    switch (answer.is) {
      case 'ok':
        return 'in';
      case 'error':
        if (ACCESS_DENIED.has(answer.number)) return 'refused';
        throw explainNumber(answer.number);
      case 'switch':
        if (method !== '') throw notTheProtocol();
        method = answer.plugin;
        line.send(tokenOf(method, password, answer.challenge));
        break;
      case 'more':
        if (method !== CACHING) throw notTheProtocol();
        // 3: it was in the cache, and an OK follows. 4: it was not, and the password itself is wanted, once.
        if (answer.data[0] === 4) line.send(concat(password, Uint8Array.of(0)));
        else if (answer.data[0] !== 3) throw notTheProtocol();
    }
  }
}

const CACHING = 'caching_sha2_password';

function tokenOf(method: string, password: Uint8Array, challenge: Uint8Array): Uint8Array {
  switch (method) {
    case 'mysql_native_password':
      return nativeToken(password, challenge);
    case 'client_ed25519':
      return ed25519Token(password, challenge);
    case CACHING:
      return cachingToken(password, challenge);
    default:
      throw otherMethod();
  }
}

/** @throws `systems.other-account` where another entry of the server's accounts matched */
export async function requireSelf(ask: Ask, config: MysqlConfig, account: string): Promise<void> {
  const [row] = await ask('SELECT CURRENT_USER()');
  if (row?.[0]?.toLowerCase() === `${account}@${config.accountHost}`.toLowerCase()) return;
  throw otherAccount();
}

async function ask(line: MysqlLine, statement: string): Promise<Rows> {
  line.send(query(statement), true);
  let rows: Rows | undefined;
  for (;;) {
    const answer = parseQueryAnswer(await line.receive());
    if (answer.is === 'error') throw explainNumber(answer.number);
    if (answer.is === 'ok') {
      if (answer.more) continue;
      return rows ?? [];
    }
    const { result, more } = await readRows(line, answer.columns);
    rows ??= result;
    if (!more) return rows;
  }
}

async function readRows(
  line: MysqlLine,
  columns: number,
): Promise<{ result: Rows; more: boolean }> {
  // The columns' definitions, then an end, then rows, then an end.
  for (let column = 0; column < columns; column += 1) await line.receive();
  if (parseRow(await line.receive(), 0).is !== 'end') throw notTheProtocol();
  const result: (readonly (string | undefined)[])[] = [];
  for (;;) {
    const row = parseRow(await line.receive(), columns);
    if (row.is === 'error') throw explainNumber(row.number);
    if (row.is === 'end') return { result, more: row.more };
    if (result.length === MOST_ROWS) throw notTheProtocol();
    result.push(row.values);
  }
}

/** A string in a statement: as bytes, so that no character of it means anything, whatever sql_mode is. */
export function literal(text: string): string {
  return `_utf8mb4 X'${Buffer.from(text, 'utf8').toString('hex')}'`;
}
