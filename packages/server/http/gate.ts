import { HalliganError } from '@halligan/format';
import { machineOf, type State } from '@halligan/procedure';
import type { Member } from '@halligan/statement';
import type { FastifyRequest } from 'fastify';
import { Buckets, callerOf, type Rate } from './rate.ts';
import type { Who } from './route.ts';
import { notSignedIn, type Sessions } from './sessions.ts';

/** How often what is called: by address, until somebody is known; then by person, wherever they call from. */
export interface Rates {
  readonly strangers: Rate;
  readonly people: Rate;
  /** Each machine that the record names, from wherever it calls. */
  readonly machines: Rate;
  /** Signatures that were none, by the address that they came from. */
  readonly forgers: Rate;
}

/** Far above what people and programs do, far below what hurts: a challenge costs microseconds. */
export const RATES: Rates = {
  strangers: { burst: 300, perSecond: 20 },
  people: { burst: 600, perSecond: 40 },
  machines: { burst: 600, perSecond: 40 },
  forgers: { burst: 100, perSecond: 2 },
};

/** Lets callers in: who they are, whether the route is theirs, and how often they call. */
export class Gate {
  readonly #sessions: Sessions;
  readonly #state: () => State;
  readonly #strangers: Buckets;
  readonly #people: Buckets;
  readonly #machines: Buckets;
  readonly #forgers: Buckets;

  constructor(sessions: Sessions, state: () => State, rates: Partial<Rates> = {}) {
    this.#sessions = sessions;
    this.#state = state;
    const { strangers, people, machines, forgers } = { ...RATES, ...rates };
    this.#strangers = new Buckets(strangers);
    this.#people = new Buckets(people);
    this.#machines = new Buckets(machines);
    this.#forgers = new Buckets(forgers);
  }

  /**
   * Before the body is read.
   * @param cost of the route where nobody has to sign in
   * @returns who is signed in
   * @throws `server.session`, `server.forbidden`, `server.rate`
   */
  enter(who: Who, cost: number, request: FastifyRequest, now = Date.now()): Member | undefined {
    if (who === 'machine') {
      this.#enterMachine(cost, request, now);
      return undefined;
    }
    const member = this.#known(request, now);
    if (member === undefined) this.#strangers.take(callerOf(request.ip), now, cost);
    else this.#people.take(member.id, now);
    admit(who, member, request);
    return member;
  }

  /** Counts a signature that was none. @throws `server.rate` */
  forged(request: FastifyRequest, now = Date.now()): void {
    this.#forgers.take(callerOf(request.ip), now);
  }

  /**
   * By its name, from one address: who knows the names of machines takes nothing from them. Who names one that there is
   * not, or sends what none has signed, is a stranger.
   */
  #enterMachine(cost: number, request: FastifyRequest, now: number): void {
    const { machine = '' } = Object(request.params);
    const from = callerOf(request.ip);
    const isKnown = machineOf(this.#state(), String(machine)) !== undefined;
    if (isKnown) {
      this.#forgers.take(from, now, 0);
      this.#machines.take(`${machine} ${from}`, now);
    } else this.#strangers.take(from, now, cost);
  }

  /** After the body was read: a person may have left the roster meanwhile. @throws `server.session`, `server.forbidden` */
  member(who: Who, request: FastifyRequest): Member | undefined {
    if (who === 'anybody' || who === 'machine') return undefined;
    return admit(who, this.#known(request, Date.now()), request);
  }

  #known(request: FastifyRequest, now: number): Member | undefined {
    const { authorization } = request.headers;
    if (authorization === undefined) return undefined;
    try {
      return this.#sessions.person(authorization, this.#state().roster, now);
    } catch {
      return undefined;
    }
  }
}

function admit(
  who: Exclude<Who, 'machine'>,
  member: Member | undefined,
  request: FastifyRequest,
): Member | undefined {
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
