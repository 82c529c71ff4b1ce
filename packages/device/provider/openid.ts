import { setTimeout as pause } from 'node:timers/promises';
import type { UserKind } from '../access/access.ts';
import type { Conversation } from '../conversation/conversation.ts';
import {
  AuthorizationServer,
  type ClientSettings,
  NO_ID_TOKEN,
  type NoReply,
  type Refused,
  type Reply,
} from './authorization-server.ts';
import { type Claims, factorsOf, isOf, loginOf, type NameClaim } from './claims.ts';
import type { Provider, ProviderAnswer } from './provider.ts';

/** People of an OpenID provider. */
export interface OpenidSettings {
  /** `https://…`, exactly as its document spells it. */
  readonly issuer: string;
  /** The id of a client that may use the flow. */
  readonly clientId: string;
  /** Of a confidential client; undefined is a public one. */
  readonly clientSecret?: string | undefined;
  /** PEM of the authority to trust; undefined trusts what the machine trusts. */
  readonly ca?: string | undefined;
  /**
   * `password`: the password that was typed goes to the provider (RFC 6749 section 4.3), and a code on another device
   * completes the other factors. `device`: the code alone (RFC 8628); no password is seen here, and none can be kept.
   */
  readonly flow: 'password' | 'device';
  /** Whom to sign in as, `{user}` being the name that was typed. */
  readonly login: string;
  /** The claim that has to hold that login. */
  readonly claim: NameClaim;
  /** What its people are. A provider does not say whether a password is all that it will ever ask of them. */
  readonly kind: Extract<UserKind, 'sfa' | 'mfa'>;
  /** The authentication context that is asked for, and that proves several factors; undefined goes by `amr`. */
  readonly acr?: string | undefined;
}

/** What one provider does otherwise than the standard says. */
export interface Dialect {
  /** What the refusal of a password means; `due` where the password was right and another factor is missing. */
  readonly meaning: (refused: Refused) => ProviderAnswer | 'due';
  /** The id that somebody keeps whatever they are called; undefined where the token has none. */
  readonly subject: (claims: Claims) => string | undefined;
}

/** Milliseconds for all that the network is waited for before a person is shown anything. */
const NETWORK_PATIENCE = 4500;
/** How often in a row the provider may be gone while somebody enters a code: a lost packet is no outage. */
const LOST_POLLS = 3;

/** OpenID Connect as it is written. */
const STANDARD: Dialect = {
  meaning: ({ refused }) => {
    switch (refused) {
      case 'invalid_grant':
        return { answer: 'wrong' };
      case 'interaction_required':
      case 'mfa_required':
      case 'insufficient_user_authentication':
      case 'unmet_authentication_requirements':
        return 'due';
      case 'access_denied':
        return { answer: 'unfinished', due: 'permission' };
      case 'server_error':
      case 'temporarily_unavailable':
        return { answer: 'unreachable' };
      default:
        return { answer: 'fault', what: refused };
    }
  },
  subject: ({ sub }) => (typeof sub === 'string' ? sub : undefined),
};

/** People who sign in by a password, by a code on another device, or by the one and then the other. */
export function openidProvider(settings: OpenidSettings, dialect: Dialect = STANDARD): Provider {
  const { flow, login: form, claim, kind, acr } = settings;
  const client: ClientSettings = {
    ...settings,
    scope: claim === 'email' ? 'openid profile email' : 'openid profile',
  };
  const factors = (claims: Claims, more: readonly string[]) => {
    if (acr !== undefined) return claims.acr === acr ? 'several' : 'one';
    return factorsOf(claims, more);
  };

  /** Who signed in by a code, and whether that was the person whose login it is. */
  const byCode = async (
    server: AuthorizationServer,
    login: string,
    conversation: Conversation,
    signal: AbortSignal,
  ): Promise<Seen | ProviderAnswer> => {
    const reply = await completed(server, conversation, signal);
    if (!('got' in reply)) return afterCode(reply, dialect);
    return seen(reply.got, login);
  };

  const seen = (claims: Claims, login: string): Seen | ProviderAnswer => {
    const subject = dialect.subject(claims);
    const isTheirs = isOf(claims, claim, login);
    if (subject === undefined) return { answer: 'fault', what: 'no-subject' };
    if (isTheirs === undefined) return { answer: 'fault', what: `no-${claim}` };
    return isTheirs ? { subject, claims } : { answer: 'wrong' };
  };

  return {
    probe: async (signal) => {
      const server = await AuthorizationServer.discover(client, signal);
      return server !== undefined && (await server.answers(signal));
    },
    signIn: async (name, password, conversation, signal) => {
      const login = loginOf(form, name);
      if (login === undefined) return { answer: 'wrong' };
      const soon = AbortSignal.any([signal, AbortSignal.timeout(NETWORK_PATIENCE)]);
      const server = await AuthorizationServer.discover(client, soon);
      if (server === undefined) return { answer: 'unreachable' };
      if (flow === 'device') {
        const person = await byCode(server, login, conversation, signal);
        // Whoever else entered the code guessed nothing.
        if ('answer' in person) return person.answer === 'wrong' ? UNFINISHED : person;
        if (kind === 'mfa' && factors(person.claims, []) === 'one') return UNFINISHED;
        return signedIn(person, 'passwordless');
      }
      if (password.length === 0) return { answer: 'wrong' };
      const first = await server.byPassword(login, password, soon);
      const known = 'got' in first ? seen(first.got, login) : meaning(first, dialect, kind);
      if (known !== 'due' && 'answer' in known) return known;
      if (known !== 'due') {
        // A password is one factor, whatever a provider that leaves the others to somebody else makes of it.
        if (kind === 'sfa' || factors(known.claims, ['pwd']) === 'several')
          return signedIn(known, kind);
      }
      const second = await byCode(server, login, conversation, signal);
      if ('answer' in second) return second.answer === 'wrong' ? UNFINISHED : second;
      if (known !== 'due' && known.subject !== second.subject) return UNFINISHED;
      return factors(second.claims, ['pwd']) === 'one' ? UNFINISHED : signedIn(second, 'mfa');
    },
  };
}

/** Somebody whom a token names. */
interface Seen {
  readonly subject: string;
  readonly claims: Claims;
}

const UNFINISHED: ProviderAnswer = { answer: 'unfinished' };

function signedIn({ subject }: Seen, kind: UserKind): ProviderAnswer {
  return { answer: 'signed-in', subject, kind, keep: kind !== 'passwordless' };
}

/** What a token endpoint means that did not say who it is. */
function meaning(
  reply: Refused | NoReply,
  dialect: Dialect,
  kind?: OpenidSettings['kind'],
): ProviderAnswer | 'due' {
  if ('refused' in reply) return dialect.meaning(reply);
  // It took the password, in plain OAuth: the code that is due anyway says whose it is.
  const isTaken = reply.none.answer === 'fault' && reply.none.what === NO_ID_TOKEN;
  return isTaken && kind === 'mfa' ? 'due' : reply.none;
}

/** A code that was not taken says nothing of a password. */
function afterCode(reply: Refused | NoReply, dialect: Dialect): ProviderAnswer {
  if (
    'refused' in reply &&
    /^(?:access_denied|authorization_declined|expired_token)$/.test(reply.refused)
  )
    return UNFINISHED;
  const means = meaning(reply, dialect);
  return means === 'due' || means.answer === 'wrong' ? UNFINISHED : means;
}

/**
 * Shows a code, and waits until it was entered. What is shown comes with a question: sshd shows it to nobody before it
 * asks something, and who cannot be asked cannot be shown a code.
 */
async function completed(
  server: AuthorizationServer,
  conversation: Conversation,
  signal: AbortSignal,
): Promise<Reply<Claims>> {
  const soon = () => AbortSignal.any([signal, AbortSignal.timeout(NETWORK_PATIENCE)]);
  const given = await server.deviceCode(soon());
  if (!('got' in given)) return given;
  const { url, code, seconds, interval } = given.got;
  const over = AbortSignal.any([signal, AbortSignal.timeout(Math.min(seconds, LONGEST) * 1000)]);
  conversation.say(`On another device open ${url}, sign in, and enter the code ${code}`);
  const isDone = await until(over, conversation.ask('Press Enter when you have done so. ', false));
  if (isDone === undefined) return { refused: 'access_denied', codes: [] };
  let every = interval;
  let lost = 0;
  while (!over.aborted) {
    const reply = await server.byDeviceCode(given.got, soon());
    const isLost = 'none' in reply && reply.none.answer === 'unreachable';
    lost = isLost ? lost + 1 : 0;
    const isPending =
      'refused' in reply && /^(?:authorization_pending|slow_down)$/.test(reply.refused);
    if (!isPending && (!isLost || lost === LOST_POLLS)) return reply;
    // RFC 8628 section 3.5.
    if ('refused' in reply && reply.refused === 'slow_down') every += 5;
    await until(over, pause(every * 1000, true, { signal: over }));
  }
  return { refused: 'expired_token', codes: [] };
}

/** Seconds for which anybody is waited for, whatever a provider promises. */
const LONGEST = 15 * 60;

/** @returns undefined where the signal came first, or the work came to nothing */
async function until<T>(signal: AbortSignal, work: Promise<T>): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const end = () => resolve(undefined);
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  try {
    return await Promise.race([work.catch(() => undefined), promise]);
  } finally {
    signal.removeEventListener('abort', end);
  }
}
