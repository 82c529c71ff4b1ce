import { HalliganError } from '@halligan/format';
import { type Client, PasswordPolicyControl, ResultCodeError } from 'ldapts';
import { connectionLost, timedOut } from '../connection-failures.ts';
import { explainResult, type PolicyError } from './answer.ts';
import { clientOver, type LdapAddress, openLine } from './line.ts';

/** One request; with it goes the password policy control, whose answer the caller gets whether the request succeeded or not. */
export type Ask = <T>(
  request: (client: Client, policy: PasswordPolicyControl) => Promise<T>,
) => Promise<Answer<T>>;

/** `refused` is the directory's word; anything less than an answer is thrown. */
export type Answer<T> =
  | { readonly is: 'done'; readonly value: T }
  | { readonly is: 'refused'; readonly error: ResultCodeError; readonly policy: PolicyError };

/**
 * Opens a connection, lets `work` ask its questions, and unbinds, all within `timeout` milliseconds. Nothing is kept
 * open between calls: the rotator lives for seconds, and a bind that failed must not leave a half-open session.
 * @throws `systems.timeout`, `systems.unreachable`, `systems.tls`, `systems.connection-lost`
 */
export async function inSession<T>(
  address: LdapAddress,
  timeout: number,
  work: (ask: Ask) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), timeout);
  try {
    const socket = await openLine(address, deadline.signal);
    const client = clientOver(socket);
    try {
      return await work((request) => ask(client, request));
    } finally {
      await client.unbind().catch(() => undefined);
      socket.destroy();
    }
  } catch (error) {
    throw deadline.signal.aborted ? timedOut('The directory', timeout) : error;
  } finally {
    clearTimeout(timer);
  }
}

/** What the directory must have agreed to. @throws what `explain` makes of a refusal */
export function granted<T>(
  answer: Answer<T>,
  explain: (error: ResultCodeError, policy: PolicyError) => HalliganError = explainResult,
): T {
  if (answer.is === 'done') return answer.value;
  throw explain(answer.error, answer.policy);
}

async function ask<T>(
  client: Client,
  request: (client: Client, policy: PasswordPolicyControl) => Promise<T>,
): Promise<Answer<T>> {
  const policy = new PasswordPolicyControl();
  try {
    return { is: 'done', value: await request(client, policy) };
  } catch (error) {
    if (error instanceof ResultCodeError)
      return { is: 'refused', error, policy: policy.value?.error };
    if (error instanceof HalliganError) throw error;
    // Without the cause: it may quote bytes that the other side chose.
    throw connectionLost('The directory');
  }
}
