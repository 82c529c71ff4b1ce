/** The interface under a flood of requests, and what must hold of it. */
import fc from 'fast-check';
import { type Attachment, textAttachment } from '../../../packages/statement/index.ts';
import { changedBy } from '../changes.ts';
import { grown, leaksOf, type Memory, statementsOn, wrongRecord } from './afterwards.ts';
import { Callers, type Session } from './callers.ts';
import { type ApiDocument, apiDocument } from './document.ts';
import { type Answered, asCurl, Line, type Sent } from './exchange.ts';
import { type Asker, faultsOf } from './holds.ts';
import { resolved, resolvedText } from './known.ts';
import { type Fuzzed, fuzzedOrganisation } from './organisation.ts';
import { type Facts, Served } from './process.ts';
import { type Body, type Plan, plans } from './requests.ts';
import { submissionOf } from './statements.ts';
import { onTheWire } from './wire.ts';

/** Requests between two looks at what the server knows. */
const AT_ONCE = 100;
export interface Report {
  readonly requests: number;
  /** How often what was answered, by operation, status and code. */
  readonly answers: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** Statements that the record took in. */
  readonly accepted: number;
  /** MiB in use after a third, two thirds and all of it. */
  readonly memory: Memory;
  readonly wrong: readonly string[];
}

/** @throws `systems.component-missing` */
export async function fuzzApi(
  requests: number,
  seed: number,
  progress: (line: string) => void = () => undefined,
): Promise<Report> {
  const organisation = await fuzzedOrganisation();
  try {
    const before = await statementsOn(organisation);
    const served = await Served.start(organisation.root);
    try {
      const flood = await Flood.start(organisation, served);
      const memory = [];
      for (let sent = 0; sent < requests; sent += AT_ONCE) {
        await flood.batch(Math.min(AT_ONCE, requests - sent), seed + sent);
        const thirds = Math.floor((3 * (sent + AT_ONCE)) / requests);
        if (memory.length < Math.min(thirds, 3)) memory.push(await served.memory());
        if (sent % 5000 === 0) progress(`${sent} requests, ${flood.wrong.length} wrong`);
      }
      const state = await served.state();
      flood.end();
      await served.stop();
      const wrong = [
        ...flood.wrong,
        ...served.wrong,
        ...leaksOf(served.log, flood.callers.secrets),
        ...(await wrongRecord(organisation, state, before + flood.accepted)),
        ...grown(memory),
      ];
      return { requests, answers: flood.answers, accepted: flood.accepted, memory, wrong };
    } finally {
      await served.stop();
    }
  } finally {
    await organisation.end();
  }
}

/** What is sent, and what came of it. */
class Flood {
  readonly answers = new Map<string, Map<string, number>>();
  readonly wrong: string[] = [];
  /** Statements that the record took in, the removal before the flood among them. */
  accepted = 1;
  readonly callers: Callers;
  readonly #organisation: Fuzzed;
  readonly #served: Served;
  readonly #line: Line;
  readonly #document: ApiDocument;
  readonly #plans: fc.Arbitrary<Plan>;
  readonly #attachments: readonly Attachment[];
  /** Faults that were found: each is told once. */
  readonly #known = new Set<string>();
  #facts: Facts;

  private constructor(
    organisation: Fuzzed,
    served: Served,
    line: Line,
    document: ApiDocument,
    facts: Facts,
    callers: Callers,
  ) {
    this.#organisation = organisation;
    this.#served = served;
    this.#line = line;
    this.#document = document;
    this.#plans = plans(document);
    this.#facts = facts;
    this.callers = callers;
    this.#attachments = ['It failed.', 'canary', 'A third text.'].map((text) =>
      textAttachment(text),
    );
  }

  static async start(organisation: Fuzzed, served: Served): Promise<Flood> {
    const line = new Line(served.url);
    const answer = await line.send({
      method: 'GET',
      target: '/v1/openapi.json',
      headers: {},
      body: undefined,
    });
    const document = apiDocument(JSON.parse(answer.bytes.toString('utf8')));
    const facts = await served.facts();
    const callers = await Callers.start(organisation, line, facts);
    return new Flood(organisation, served, line, document, facts, callers);
  }

  end(): void {
    this.#line.end();
  }

  async batch(size: number, seed: number): Promise<void> {
    this.#facts = await this.#served.facts();
    await this.callers.refresh();
    const all = fc.asyncProperty(this.#plans, (plan) => this.#holds(plan));
    // Again after each fault, for what comes behind it: one that is known is not told twice.
    for (;;) {
      const checked = await fc.check(all, { numRuns: size, seed });
      if (!checked.failed) return;
      const fault = checked.errorInstance;
      this.wrong.push(`--seed ${seed}: ${fault instanceof Error ? fault.message : String(fault)}`);
      if (!(fault instanceof WrongAnswer)) return;
      this.#known.add(fault.sort);
    }
  }

  async #holds(plan: Plan): Promise<void> {
    const { sent, asker, caller } = await this.#made(plan);
    let answered: Answered;
    try {
      answered = await this.#line.send(sent);
    } catch (cause) {
      // Where more is sent than is taken, the answer may be lost with the connection.
      if ((sent.body?.length ?? 0) > 60_000) return;
      return this.#fault(plan, sent, asker, [`no answer: ${String(cause)}`]);
    }
    this.#count(plan, answered);
    this.#learn(plan, answered, caller);
    const faults = faultsOf(this.#document, sent, answered, asker, (text) => this.#secretIn(text));
    if (faults.length > 0) this.#fault(plan, sent, asker, faults, answered);
  }

  #fault(
    plan: Plan,
    sent: Sent,
    { who }: Asker,
    faults: readonly string[],
    answered?: Answered,
  ): void {
    const sort = `${plan.operation}: ${faults.join('; ').replaceAll(/[0-9a-f-]{12,}/g, '…')}`;
    if (this.#known.has(sort)) return;
    const told =
      answered === undefined
        ? ''
        : `\n  ${answered.status} ${answered.bytes.toString('utf8').slice(0, 600)}`;
    throw new WrongAnswer(
      sort,
      `${sort}\n  asked by ${who}: ${asCurl(this.#served.url, sent).slice(0, 3000)}${told}`,
    );
  }

  #secretIn(text: string): string | undefined {
    return this.callers.secrets.find(({ forms }) =>
      forms.some((form) => typeof form === 'string' && text.includes(form)),
    )?.name;
  }

  #count({ operation }: Plan, { status, bytes }: Answered): void {
    const own = this.answers.get(operation) ?? new Map<string, number>();
    const code = status < 400 ? undefined : /"code":"([^"]+)"/.exec(bytes.toString('latin1'))?.[1];
    const what = code === undefined ? String(status) : `${status} ${code}`;
    own.set(what, (own.get(what) ?? 0) + 1);
    this.answers.set(operation, own);
  }

  /** What an answer changes for those who ask next. */
  #learn(plan: Plan, { status, bytes }: Answered, caller: Session): void {
    // A session that was crowded out by newer ones of the same person, or that its person ended.
    if (status === 401) this.callers.drop(caller);
    if (status === 201) {
      const taken = JSON.parse(bytes.toString('utf8'));
      if (Array.isArray(taken.events) && taken.events.length > 0) this.accepted += 1;
    }
    if (status !== 200) return;
    if (plan.operation === 'POST /v1/sign-out') this.callers.drop(caller);
    if (plan.operation === 'POST /v1/sign-in' && plan.body.is === 'sign-in') {
      const given = JSON.parse(bytes.toString('utf8')).token;
      if (typeof given === 'string')
        this.callers.secrets.push({ name: 'a session’s token', forms: [given] });
    }
  }

  async #made(plan: Plan): Promise<{ sent: Sent; asker: Asker; caller: Session }> {
    const { ids, people } = this.#facts;
    const caller = this.callers.of(plan);
    const { token, who } = caller;
    const body = await this.#bodyOf(plan.body);
    const roles =
      plan.caller.session === 'live' ? people.find(({ id }) => id === who)?.roles : undefined;
    const type = plan.body.is === 'bytes' ? 'application/octet-stream' : 'application/json';
    return {
      caller,
      asker: { roles, who },
      sent: {
        method: plan.method,
        target: encodeURI(
          resolvedText(plan.path + plan.query, ids).replaceAll(/[^\x21-\x7e]/g, (one) =>
            encodeURIComponent(one.toWellFormed()),
          ),
        ).replaceAll('%25', '%'),
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': type, ...lengthOf(plan.body, body) }),
          ...plan.headers,
        },
        body,
      },
    };
  }

  async #bodyOf(body: Body): Promise<Buffer | undefined> {
    const { ids, upon } = this.#facts;
    const { keys } = this.#organisation;
    switch (body.is) {
      case 'none':
        return undefined;
      case 'bytes':
        return Buffer.from(body.base64, 'base64');
      case 'json':
        return onTheWire(resolved(body.json, ids), body.wire);
      case 'sign-in': {
        const person = [...keys.keys()][body.person % keys.size] ?? '';
        return onTheWire(changedBy(await this.callers.answerOf(person), body.after), 'as it is');
      }
      case 'statements': {
        const made = await submissionOf(body.said, ids, upon, keys, this.#attachments);
        return onTheWire(changedBy(made, body.after), body.wire);
      }
    }
  }
}

function lengthOf(body: Body, bytes: Buffer): Readonly<Record<string, string>> {
  return 'wire' in body && body.wire === 'in pieces'
    ? { 'transfer-encoding': 'chunked' }
    : { 'content-length': String(bytes.length) };
}

/** An answer that does not hold what every answer holds. */
class WrongAnswer extends Error {
  /** What is wrong, where, without what differs each time. */
  readonly sort: string;

  constructor(sort: string, message: string) {
    super(message);
    this.sort = sort;
  }
}
