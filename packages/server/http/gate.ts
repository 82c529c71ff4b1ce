import { HalliganError } from '@halligan/format';
import type { Member, Roster } from '@halligan/statement';
import type { FastifyRequest } from 'fastify';
import { Buckets, callerOf, type Rate } from './rate.ts';
import type { Who } from './route.ts';
import { notSignedIn, type Sessions } from './sessions.ts';

/** How often what is called: by address, until somebody is known; then by person, wherever they call from. */
export interface Rates {
  readonly strangers: Rate;
  readonly people: Rate;
}

/** Far above what people and programs do, far below what hurts: a challenge costs microseconds. */
export const RATES: Rates = {
  strangers: { burst: 300, perSecond: 20 },
  people: { burst: 600, perSecond: 40 },
};

/** Lets callers in: who they are, whether the route is theirs, and how often they call. */
export class Gate {
  readonly #sessions: Sessions;
  readonly #roster: () => Roster | undefined;
  readonly #strangers: Buckets;
  readonly #people: Buckets;

  constructor(sessions: Sessions, roster: () => Roster | undefined, rates: Rates = RATES) {
    this.#sessions = sessions;
    this.#roster = roster;
    this.#strangers = new Buckets(rates.strangers);
    this.#people = new Buckets(rates.people);
  }

  /**
   * Before the body is read.
   * @param cost of the route where nobody has to sign in
   * @returns who is signed in
   * @throws `server.session`, `server.forbidden`, `server.rate`
   */
  enter(who: Who, cost: number, request: FastifyRequest, now = Date.now()): Member | undefined {
    const member = this.#known(request, now);
    if (member === undefined) this.#strangers.take(callerOf(request.ip), now, cost);
    else this.#people.take(member.id, now);
    admit(who, member, request);
    return member;
  }

  /** After the body was read: a person may have left the roster meanwhile. @throws `server.session`, `server.forbidden` */
  member(who: Who, request: FastifyRequest): Member | undefined {
    if (who === 'anybody') return undefined;
    return admit(who, this.#known(request, Date.now()), request);
  }

  #known(request: FastifyRequest, now: number): Member | undefined {
    const { authorization } = request.headers;
    if (authorization === undefined) return undefined;
    try {
      return this.#sessions.person(authorization, this.#roster(), now);
    } catch {
      return undefined;
    }
  }
}

function admit(who: Who, member: Member | undefined, request: FastifyRequest): Member | undefined {
  if (who === 'anybody') return member;
  if (typeof who === 'object' && 'hereOr' in who)
    return isHere(request) ? member : admit(who.hereOr, member, request);
  if (member === undefined) throw notSignedIn();
  if (who === 'member' || who.some((role) => member.roles.includes(role))) return member;
  throw new HalliganError(
    'server.forbidden',
    `Only people with the role ${who.join(' or ')} may do this.`,
    'Ask one of them.',
  );
}

/**
 * Whether a program on this machine calls, and not somebody behind a proxy on it: a proxy says for whom it asks, or is
 * named in server.json.
 */
function isHere({ ip, headers }: FastifyRequest): boolean {
  const isProxied = headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined;
  return !isProxied && ['127.0.0.1', '::1', '::ffff:127.0.0.1'].includes(ip);
}
