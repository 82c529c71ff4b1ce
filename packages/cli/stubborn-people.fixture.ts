import assert from 'node:assert/strict';
import { z } from 'zod';
import { jsonOf } from './person-home.ts';
import { People, type PersonAnswer } from './practice/people.ts';
import type { Relay } from './relay.fixture.ts';
import { type ServerProcess, startServerProcess } from './server-process.fixture.ts';

const listed = z.object({ emergencies: z.array(z.object({ id: z.string() })) });
const shown = z.object({ checkWords: z.array(z.string()) });

/** What a person's device says when the server died under it, or came back and knows no session. */
const LOST = /\[(cli\.unreachable|server\.session)\]/;

/** What the rules say to whoever does again what is on the record already. */
const ALREADY =
  /\[(inventory|roster|policy|authorisation|acknowledgement|opening|release|use|record|review|close|emergency|reset|reconcile|verification)\.[a-z-]+\]/;

/**
 * People whose server is killed under them, again and again. They do what people do: when it does not answer, it is
 * started again, and what is not on the record is done again. One after the other, so that the record must have all of it
 * in the order of the answers.
 */
export class StubbornPeople extends People {
  readonly #root: string;
  readonly #relay: Relay;
  readonly #moments: string[];
  /** The moments at which a server was killed, in order. */
  readonly killed: string[] = [];
  /** What all the servers said. */
  readonly said: string[] = [];
  readonly #emergencies = new Set<string>();
  #server: Promise<ServerProcess>;
  #stopping = false;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(root: string, relay: Relay, moments: readonly string[]) {
    super(root);
    this.#root = root;
    this.#relay = relay;
    this.#moments = [...moments];
    this.#server = this.#start();
  }

  /** @param moments when each server is to be killed, one after the other; the last one lives */
  static async start(root: string, relay: Relay, moments: readonly string[]) {
    const people = new StubbornPeople(root, relay, moments);
    await people.#server;
    return people;
  }

  async #start(): Promise<ServerProcess> {
    const moment = this.#moments.shift();
    const server = await startServerProcess(this.#root, moment);
    this.#relay.connect(server.url);
    void server.ended.then(() => {
      this.said.push(...server.said);
      if (this.#stopping) return;
      this.killed.push(moment ?? 'by itself');
      this.#server = this.#start();
    });
    return server;
  }

  override attempt(id: string, argv: readonly string[]): Promise<PersonAnswer> {
    const answer = this.#turn.then(() => this.#persist(id, argv));
    this.#turn = answer.catch(() => undefined);
    return answer;
  }

  async #persist(id: string, argv: readonly string[]): Promise<PersonAnswer> {
    for (let again = false; ; again = true) {
      const server = await this.#server;
      const answer = await super.attempt(id, argv);
      if (!LOST.test(answer.said)) {
        if (!again || answer.exit === 0) return this.#remember(argv, answer);
        assert.match(answer.said, ALREADY);
        return this.#recorded(id, argv);
      }
      await server.ended;
      const declared = await this.#declared(id, argv);
      if (declared !== undefined) return declared;
    }
  }

  /** Ends people and server. */
  async stop(): Promise<void> {
    await this.end();
    this.#stopping = true;
    await (await this.#server).stop();
  }

  #remember(argv: readonly string[], answer: PersonAnswer): PersonAnswer {
    if (isDeclaration(argv)) {
      const parsed = z.object({ emergency: z.string() }).safeParse(jsonOf(answer.out));
      if (parsed.success) this.#emergencies.add(parsed.data.emergency);
    }
    return answer;
  }

  /** A declaration that took although its answer was lost: declared again, it would be another emergency. */
  async #declared(id: string, argv: readonly string[]): Promise<PersonAnswer | undefined> {
    if (!isDeclaration(argv)) return undefined;
    const { out } = await this.#persist(id, ['emergency', 'list']);
    const { emergencies } = listed.parse(jsonOf(out));
    const fresh = emergencies.find((one) => !this.#emergencies.has(one.id));
    if (fresh === undefined) return undefined;
    this.#emergencies.add(fresh.id);
    return answered({ emergency: fresh.id });
  }

  async #recorded(id: string, argv: readonly string[]): Promise<PersonAnswer> {
    const [group = '', command = '', emergency = ''] = argv;
    if (group !== 'emergency' || !['open', 'exercise'].includes(command)) return answered({});
    const { out } = await this.#persist(id, ['emergency', 'show', emergency]);
    return answered(shown.parse(jsonOf(out)));
  }
}

function isDeclaration([group, command]: readonly string[]): boolean {
  return group === 'emergency' && command === 'declare';
}

function answered(result: object): PersonAnswer {
  return { exit: 0, out: JSON.stringify(result), said: '' };
}
