import { randomBytes } from 'node:crypto';
import { HalliganError, hex, sha256, utf8 } from '@halligan/format';
import { type Member, memberById, type Roster, verifySignIn } from '@halligan/statement';

const CHALLENGE_LIFE = 2 * 60_000;
const SESSION_LIFE = 12 * 3_600_000;
/** Challenges are given to anybody who asks: they are few, and the oldest goes first. */
const MOST_CHALLENGES = 1000;

interface Session {
  readonly person: string;
  /** The keys that the person had then: whoever is given others, because these were stolen, is out at once. */
  readonly keys: string;
  readonly until: number;
}

/** Sign-in by signed challenge. Tokens are kept as digests: the server's memory does not let anybody in. */
export class Sessions {
  readonly #challenges = new Map<string, number>();
  readonly #sessions = new Map<string, Session>();

  /** A fresh challenge, good once and for two minutes. */
  challenge(now = Date.now()): string {
    for (const [challenge, until] of this.#challenges) {
      if (until < now || this.#challenges.size >= MOST_CHALLENGES)
        this.#challenges.delete(challenge);
      else break;
    }
    const challenge = randomBytes(32).toString('base64url');
    this.#challenges.set(challenge, now + CHALLENGE_LIFE);
    return challenge;
  }

  /** Opens a session. @throws `server.sign-in`: one answer for every fault, so that it tells nobody who is on the roster */
  async open(
    answer: { readonly person: string; readonly challenge: string; readonly signature: string },
    roster: Roster,
    now = Date.now(),
  ): Promise<string> {
    const until = this.#challenges.get(answer.challenge);
    this.#challenges.delete(answer.challenge);
    try {
      if (until === undefined || until < now) throw new Error('no such challenge');
      await verifySignIn(answer.challenge, answer, roster);
    } catch (cause) {
      throw new HalliganError(
        'server.sign-in',
        'This sign-in is not valid.',
        'Check --org and whose key this is; ask an admin whether you were admitted.',
        { cause },
      );
    }
    const token = randomBytes(32).toString('base64url');
    for (const [other, session] of this.#sessions)
      if (session.until < now) this.#sessions.delete(other);
    this.#sessions.set(digestOfToken(token), {
      person: answer.person,
      keys: keysOf(memberById(roster, answer.person)),
      until: now + SESSION_LIFE,
    });
    return token;
  }

  /** Who a token belongs to. Whoever left the roster, or has other keys there now, is out at once. @throws `server.session` */
  person(header: string | undefined, roster: Roster | undefined, now = Date.now()): Member {
    const token = /^Bearer ([A-Za-z0-9_-]{43})$/.exec(header ?? '')?.[1] ?? '';
    const session = this.#sessions.get(digestOfToken(token));
    const member =
      session === undefined || roster === undefined
        ? undefined
        : memberById(roster, session.person);
    if (
      session === undefined ||
      session.until < now ||
      member === undefined ||
      keysOf(member) !== session.keys
    ) {
      throw new HalliganError(
        'server.session',
        'You are not signed in.',
        'Sign in again: the halligan program does it by itself.',
      );
    }
    return member;
  }
}

function keysOf(member: Member | undefined): string {
  return member?.signing.join('\n') ?? '';
}

function digestOfToken(token: string): string {
  return hex(sha256(utf8(token)));
}
