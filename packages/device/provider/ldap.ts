import { isUtf8 } from 'node:buffer';
import { isIP } from 'node:net';
import { utf8Text } from '@halligan/format';
import { Client, ResultCodeError } from 'ldapts';
import type { UserKind } from '../access/access.ts';
import { directoryId } from './directory-id.ts';
import type { Provider, ProviderAnswer } from './provider.ts';
import { trusted } from './trusted.ts';

/** A directory that people sign in to by a bind. */
export interface LdapSettings {
  /** `ldaps://…`: a password never crosses the network in the clear. */
  readonly url: string;
  /** PEM of the authority to trust; undefined trusts what the machine trusts. */
  readonly ca?: string | undefined;
  /** Whom to bind as, `{user}` being the name that was typed: `uid={user},ou=people,dc=example,dc=org`, `{user}@example.org`. */
  readonly bind: string;
  /** What the people of this directory are. A directory does not say whether a password is all that is asked of them. */
  readonly kind: Extract<UserKind, 'sfa' | 'mfa'>;
}

/** Names that mean nothing else in a DN (RFC 4514) nor in a user principal name; others are not known to the directory. */
const PLAIN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** What a refused bind means: a result code (RFC 4511 appendix A), and what the directory is known to write beside it. */
const MEANINGS: readonly (readonly [ProviderAnswer, code: number, text?: RegExp])[] = [
  // Active Directory's sub-codes are Win32 errors: disabled, expired. It tells them to whoever has the password.
  [{ answer: 'disabled' }, 49, /\bdata (?:533|701),/],
  // It may not sign in at this hour, or from this machine.
  [{ answer: 'unfinished', due: 'permission' }, 49, /\bdata (?:530|531|569),/],
  [{ answer: 'unfinished', due: 'new-password' }, 49, /\bdata (?:532|773),/],
  // Locked by wrong guesses, anybody's and anywhere: that is nothing to remember of the person, and ends by itself.
  [{ answer: 'held-up' }, 49, /\bdata 775,/],
  // Also whoever was deleted: a directory does not tell strangers who is not in it.
  [{ answer: 'wrong' }, 49],
  // 389 Directory Server, FreeIPA.
  [{ answer: 'disabled' }, 53, /account inactivated/i],
  [{ answer: 'held-up' }, 19, /retry limit/i],
  // Busy, unavailable.
  [{ answer: 'unreachable' }, 51],
  [{ answer: 'unreachable' }, 52],
];

/** People of a directory: a bind over verified TLS is a sign-in. */
export function ldapProvider({ url, ca, bind, kind }: LdapSettings): Provider {
  const { hostname } = new URL(url);
  const connect = () =>
    new Client({
      url,
      timeout: 4000,
      connectTimeout: 3000,
      tlsOptions: {
        host: hostname,
        servername: isIP(hostname) === 0 ? hostname : '',
        secureContext: trusted(ca),
        rejectUnauthorized: true,
      },
    });
  return {
    probe: async (signal) => {
      const seen = await within(connect(), signal, async (client) => {
        await client.search('', { scope: 'base', filter: '(objectClass=*)', attributes: ['1.1'] });
        return 'seen';
      }).catch(() => undefined);
      return seen !== undefined;
    },
    signIn: async (name, password, _conversation, signal) => {
      // A bind without a password is anonymous, and succeeds (RFC 4513 section 5.1.2).
      if (!PLAIN.test(name) || password.length === 0 || !isUtf8(password))
        return { answer: 'wrong' };
      try {
        // The library takes a string, which nobody can wipe: it lives as long as the garbage collector lets it.
        const id = await within(connect(), signal, async (client) => {
          const as = bind.replaceAll('{user}', name);
          await client.bind(as, utf8Text(password));
          return directoryId(client, name, as);
        });
        const lower = name.toLowerCase();
        const person = id === undefined ? { subject: lower } : { subject: id, formerly: lower };
        return { answer: 'signed-in', ...person, kind, keep: true };
      } catch (cause) {
        return refusal(cause);
      }
    },
  };
}

/** What the directory meant by not binding. Whatever is no answer of a directory is an outage; an answer is none. */
function refusal(cause: unknown): ProviderAnswer {
  if (!(cause instanceof ResultCodeError)) return { answer: 'unreachable' };
  const meant = MEANINGS.find(
    ([, code, text]) => code === cause.code && (text?.test(cause.message) ?? true),
  );
  return meant?.[0] ?? { answer: 'fault', what: `LDAP result ${cause.code}` };
}

/** Works with a connection until the signal ends it. @throws what `work` throws, or what the connection does */
async function within<T>(
  client: Client,
  signal: AbortSignal,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const end = () => reject(signal.reason);
  signal.addEventListener('abort', end, { once: true });
  try {
    return await Promise.race([work(client), ended]);
  } finally {
    signal.removeEventListener('abort', end);
    client.unbind().catch(() => undefined);
  }
}
