import { randomBytes } from 'node:crypto';
import { HalliganError, hex, sha256, utf8 } from '@halligan/format';
import type { State } from '@halligan/procedure';
import {
  type Member,
  memberById,
  personsWithRole,
  type Roster,
  verifySignIn,
} from '@halligan/statement';
import { Challenges } from './challenges.ts';
import { Buckets } from './rate.ts';

const SESSION_LIFE = 12 * 3_600_000;
/** Sessions of one person; the oldest goes first. */
const MOST_SESSIONS = 32;

interface Session {
  readonly person: string;
  /** The keys that the person had then: whoever is given others, because these were stolen, is out at once. */
  readonly keys: string;
  readonly until: number;
}

/** Sign-in by signed challenge. Tokens are kept as digests: the server's memory does not let anybody in. */
export class Sessions {
  readonly #challenges = new Challenges();
  /** By the token's digest, oldest first. */
  readonly #sessions = new Map<string, Session>();
  readonly #signIns = new Buckets({ burst: 60, perSecond: 1 });
  readonly #listeners = new Set<() => void>();

  /** A fresh challenge, good once and for two minutes. */
  challenge(now = Date.now()): string {
    return this.#challenges.make(now);
  }

  /**
   * Opens a session.
   * @param left whoever was on the roster before
   * @throws `server.sign-in`: one answer for every fault, so that it tells nobody who is on the roster; only somebody
   *   who was taken off it, and proves by the key of then that it was them, learns that, and whom to ask;
   *   `server.rate` where the person, who proved to be themselves, signs in without end
   */
  async open(
    answer: { readonly person: string; readonly challenge: string; readonly signature: string },
    roster: Roster,
    now = Date.now(),
    left: State['standing']['left'] = {},
  ): Promise<string> {
    // First what costs nothing: a flood of invented answers is not worth a signature's check each.
    if (!this.#challenges.isGood(answer.challenge, now)) throw signInRefused();
    try {
      await verifySignIn(answer.challenge, answer, roster);
    } catch (cause) {
      throw (await hasLeft(answer, roster, left)) ?? signInRefused(cause);
    }
    // By the person only now: before, anybody could use up somebody else's turns.
    this.#signIns.take(answer.person, now);
    if (!this.#challenges.spend(answer.challenge, now)) throw signInRefused();
    const token = randomBytes(32).toString('base64url');
    this.#makeRoom(answer.person, now);
    this.#sessions.set(digestOfToken(token), {
      person: answer.person,
      keys: keysOf(memberById(roster, answer.person)),
      until: now + SESSION_LIFE,
    });
    return token;
  }

  /** Who a token belongs to. Whoever left the roster, or has other keys there now, is out at once. @throws `server.session` */
  person(header: string | undefined, roster: Roster | undefined, now = Date.now()): Member {
    const session = this.#sessions.get(digestOfToken(tokenOf(header)));
    const member =
      session === undefined || roster === undefined
        ? undefined
        : memberById(roster, session.person);
    if (
      session === undefined ||
      session.until < now ||
      member === undefined ||
      keysOf(member) !== session.keys
    )
      throw notSignedIn();
    return member;
  }

  /** Ends the session of a token; harmless twice. */
  end(header: string | undefined): void {
    this.#sessions.delete(digestOfToken(tokenOf(header)));
    for (const listener of [...this.#listeners]) listener();
  }

  /** Called when a session was ended by its person. Returns what stops it. */
  onEnd(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #makeRoom(person: string, now: number): void {
    const own: string[] = [];
    for (const [digest, session] of this.#sessions) {
      if (session.until < now) this.#sessions.delete(digest);
      else if (session.person === person) own.push(digest);
    }
    for (const digest of own.slice(0, Math.max(0, own.length - MOST_SESSIONS + 1)))
      this.#sessions.delete(digest);
  }
}

/** What somebody who was taken off the roster is told; undefined for everybody else. */
async function hasLeft(
  answer: { readonly person: string; readonly challenge: string; readonly signature: string },
  roster: Roster,
  left: State['standing']['left'],
): Promise<HalliganError | undefined> {
  const before = Object.hasOwn(left, answer.person) ? left[answer.person] : undefined;
  if (before === undefined) return undefined;
  try {
    await verifySignIn(answer.challenge, answer, { ...roster, members: [before.member] });
  } catch {
    // Anybody may claim an id: what it once was is told to its owner only.
    return undefined;
  }
  const admins = personsWithRole(roster, 'admin').map(({ id }) => id);
  return new HalliganError(
    'server.sign-in',
    `You were taken off the roster at ${before.at}.`,
    `Ask an admin why: ${admins.join(', ')}. What you take part in goes on without you. Keep your keys until they say that every credential is rotated, then destroy them.`,
  );
}

function signInRefused(cause?: unknown): HalliganError {
  return new HalliganError(
    'server.sign-in',
    'This sign-in is not valid.',
    'Check --org and whose key this is; ask an admin whether you were admitted.',
    { cause },
  );
}

/** @returns `server.session` */
export function notSignedIn(): HalliganError {
  return new HalliganError(
    'server.session',
    'You are not signed in.',
    'Sign in again: the halligan program does it by itself.',
  );
}

function keysOf(member: Member | undefined): string {
  return member?.signing.join('\n') ?? '';
}

function tokenOf(header: string | undefined): string {
  return /^Bearer ([A-Za-z0-9_-]{43})$/.exec(header ?? '')?.[1] ?? '';
}

function digestOfToken(token: string): string {
  return hex(sha256(utf8(token)));
}
