/** Who calls while the interface is flooded: everybody's sessions, ended ones included. */
import type { Secret } from '../../../packages/cli/leaks/leaks.fixture.ts';
import type { Json } from '../../../packages/format/index.ts';
import { signSignIn } from '../../../packages/statement/index.ts';
import type { Line } from './exchange.ts';
import { type Fuzzed, REMOVED, removalOf } from './organisation.ts';
import type { Facts } from './process.ts';
import type { Plan } from './requests.ts';

/** Sessions of one person at the start; the server keeps a few more than are asked for later. */
const SESSIONS = 12;
/** Sessions that a person has at least, before each batch. */
const AT_LEAST = 4;

/** Who a request comes from, as the server knows them. */
export interface Session {
  readonly token: string | undefined;
  readonly who: string;
}

export class Callers {
  /** Everything that was ever told in confidence, by its name. */
  readonly secrets: Secret[];
  readonly #keys: Fuzzed['keys'];
  readonly #line: Line;
  readonly #origin: string;
  readonly #sessions = new Map<string, string[]>();
  readonly #ended = { removed: '', signedOut: '' };

  private constructor({ keys, secrets }: Fuzzed, line: Line, { upon }: Facts) {
    this.#keys = keys;
    this.#line = line;
    this.#origin = upon.origin;
    this.secrets = [...secrets];
  }

  /** Signs everybody in, one out again, and takes one person off the roster: that is one statement of people. */
  static async start(organisation: Fuzzed, line: Line, facts: Facts): Promise<Callers> {
    const callers = new Callers(organisation, line, facts);
    for (const person of organisation.keys.keys())
      await callers.#signIn(person, person === REMOVED ? 1 : SESSIONS);
    await callers.#remove(facts);
    callers.#ended.signedOut = callers.#sessions.get('raj')?.pop() ?? '';
    await callers.#asked('/v1/sign-out', undefined, callers.#ended.signedOut);
    return callers;
  }

  /** Gives everybody sessions again whose own were ended by what they sent. */
  async refresh(): Promise<void> {
    for (const person of this.#sessions.keys()) await this.#signIn(person, AT_LEAST);
  }

  of({ caller }: Plan): Session {
    switch (caller.session) {
      case 'garbled':
        return { token: `canary${'a'.repeat(37)}`, who: 'an invented session' };
      case 'removed':
        return { token: this.#ended.removed, who: 'somebody removed' };
      case 'signed out':
        return { token: this.#ended.signedOut, who: 'somebody signed out' };
      case 'live': {
        const people = [...this.#sessions].filter(([, tokens]) => tokens.length > 0);
        const [who, tokens = []] = people[caller.person % people.length] ?? ['nobody'];
        return { token: tokens.at(-1), who };
      }
      default:
        return { token: undefined, who: 'nobody' };
    }
  }

  /** A session has ended. */
  drop({ who, token }: Session): void {
    const own = this.#sessions.get(who);
    if (own !== undefined)
      this.#sessions.set(
        who,
        own.filter((one) => one !== token),
      );
  }

  /** What a person's device answers to a fresh challenge. */
  async answerOf(person: string): Promise<Json> {
    const { challenge } = await this.#asked('/v1/sign-in/challenge', undefined);
    const signing = this.#keys.get(person);
    if (signing === undefined) throw new Error(`${person} has no key`);
    const at = { origin: this.#origin, person };
    const signature = await signSignIn(String(challenge), at, signing);
    return { person, challenge: String(challenge), signature };
  }

  /** Until a person has so many sessions; whoever was turned away for how often they came comes again later. */
  async #signIn(person: string, wanted: number): Promise<void> {
    const own = this.#sessions.get(person) ?? [];
    for (let count = own.length; count < wanted; count += 1) {
      const { token } = await this.#asked('/v1/sign-in', await this.answerOf(person));
      if (typeof token !== 'string') break;
      own.push(token);
      this.secrets.push({ name: `a session of ${person}`, forms: [token] });
    }
    this.#sessions.set(person, own);
  }

  async #remove(facts: Facts): Promise<void> {
    this.#ended.removed = this.#sessions.get(REMOVED)?.at(-1) ?? '';
    this.#sessions.delete(REMOVED);
    const removal = await removalOf(REMOVED, facts, this.#keys);
    const by = this.#sessions.get('raj')?.at(-1);
    const { events } = await this.#asked('/v1/statements', removal, by);
    if (!Array.isArray(events)) throw new Error(`${REMOVED} was not removed`);
  }

  async #asked(target: string, json: Json | undefined, token?: string) {
    const answer = await this.#line.send({
      method: 'POST',
      target,
      headers: {
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: json === undefined ? undefined : Buffer.from(JSON.stringify(json)),
    });
    return Object(JSON.parse(answer.bytes.toString('utf8')));
  }
}
