/** The interface under a flood of requests, and what must hold of it. */
import fc from 'fast-check';
import { leaksIn, type Secret } from '../../../packages/cli/leaks/leaks.fixture.ts';
import { groupOf } from '../../../packages/evidence/index.ts';
import { digestOf, type Json } from '../../../packages/format/index.ts';
import { readJournal } from '../../../packages/journal/index.ts';
import { Fold } from '../../../packages/procedure/index.ts';
import { type Attachment, signSignIn, textAttachment } from '../../../packages/statement/index.ts';
import { changedBy } from '../changes.ts';
import { type ApiDocument, apiDocument } from './document.ts';
import { type Answered, asCurl, Line, type Sent } from './exchange.ts';
import { type Asker, faultsOf } from './holds.ts';
import { resolved, resolvedText } from './known.ts';
import { type Fuzzed, fuzzedOrganisation, REMOVED, removalOf } from './organisation.ts';
import { type Facts, Served } from './process.ts';
import { type Body, type Plan, plans } from './requests.ts';
import { submissionOf } from './statements.ts';
import { onTheWire } from './wire.ts';

/** Requests between two looks at what the server knows. */
const AT_ONCE = 100;
/** Sessions of one person that are kept; the server keeps a few more. */
const SESSIONS = 24;
/** What no line of the log holds: what callers wrote. */
const CANARIES = ['canary', 'elsewhere.example'];
/** How much the memory may grow in the second half: the record grows too. */
const GROWTH = 1.25;
const GROWTH_MIB = 12;

export interface Report {
  readonly requests: number;
  /** How often what was answered, by operation, status and code. */
  readonly answers: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** Statements that the record took in. */
  readonly accepted: number;
  /** MiB in use after a third, two thirds and all of it. */
  readonly memory: readonly { readonly heap: number; readonly rss: number }[];
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
    const before = await entriesOf(organisation);
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
        ...leaksOf(served.log, flood.secrets),
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

/** Everybody's sessions, and what came of what they sent. */
class Flood {
  readonly answers = new Map<string, Map<string, number>>();
  readonly wrong: string[] = [];
  /** Everything that was ever told in confidence, by its name. */
  readonly secrets: Secret[];
  accepted = 0;
  readonly #organisation: Fuzzed;
  readonly #served: Served;
  readonly #line: Line;
  readonly #document: ApiDocument;
  readonly #plans: fc.Arbitrary<Plan>;
  readonly #sessions = new Map<string, string[]>();
  readonly #ended: { removed: string; signedOut: string };
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
  ) {
    this.#organisation = organisation;
    this.#served = served;
    this.#line = line;
    this.#document = document;
    this.#plans = plans(document);
    this.#facts = facts;
    this.secrets = [...organisation.secrets];
    this.#ended = { removed: '', signedOut: '' };
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
    const flood = new Flood(organisation, served, line, document, await served.facts());
    for (const person of organisation.keys.keys())
      await flood.#signIn(person, person === REMOVED ? 1 : SESSIONS / 2);
    await flood.#endSessions();
    return flood;
  }

  end(): void {
    this.#line.end();
  }

  async batch(size: number, seed: number): Promise<void> {
    this.#facts = await this.#served.facts();
    for (const person of this.#sessions.keys()) await this.#signIn(person, 4);
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
    const { sent, asker, token } = await this.#made(plan);
    let answered: Answered;
    try {
      answered = await this.#line.send(sent);
    } catch (cause) {
      // Where more is sent than is taken, the answer may be lost with the connection.
      if ((sent.body?.length ?? 0) > 60_000) return;
      return this.#fault(plan, sent, asker, [`no answer: ${String(cause)}`]);
    }
    this.#count(plan, answered);
    this.#learn(plan, answered, asker, token);
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
    return this.secrets.find(({ forms }) =>
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
  #learn(plan: Plan, { status, bytes }: Answered, { who }: Asker, token: string | undefined): void {
    // A session that was crowded out by newer ones of the same person, or that its person ended.
    if (status === 401) this.#drop(who, token);
    if (status === 201) {
      const taken = JSON.parse(bytes.toString('utf8'));
      if (Array.isArray(taken.events) && taken.events.length > 0) this.accepted += 1;
    }
    if (status !== 200) return;
    if (plan.operation === 'POST /v1/sign-out') this.#drop(who, token);
    if (plan.operation === 'POST /v1/sign-in' && plan.body.is === 'sign-in') {
      const given = JSON.parse(bytes.toString('utf8')).token;
      if (typeof given === 'string')
        this.secrets.push({ name: 'a session’s token', forms: [given] });
    }
  }

  #drop(who: string, token: string | undefined): void {
    const own = this.#sessions.get(who);
    if (own !== undefined)
      this.#sessions.set(
        who,
        own.filter((one) => one !== token),
      );
  }

  async #made(plan: Plan): Promise<{ sent: Sent; asker: Asker; token: string | undefined }> {
    const { ids, people } = this.#facts;
    const { token, who } = this.#tokenOf(plan);
    const body = await this.#bodyOf(plan.body);
    const roles =
      plan.caller.session === 'live' ? people.find(({ id }) => id === who)?.roles : undefined;
    const type = plan.body.is === 'bytes' ? 'application/octet-stream' : 'application/json';
    return {
      token,
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

  #tokenOf({ caller }: Plan): { token: string | undefined; who: string } {
    if (caller.session === 'garbled')
      return { token: `canary${'a'.repeat(37)}`, who: 'an invented session' };
    if (caller.session === 'removed')
      return { token: this.#ended.removed, who: 'somebody removed' };
    if (caller.session === 'signed out')
      return { token: this.#ended.signedOut, who: 'somebody signed out' };
    if (caller.session !== 'live') return { token: undefined, who: 'nobody' };
    const people = [...this.#sessions].filter(([, tokens]) => tokens.length > 0);
    const [who, tokens = []] = people[caller.person % people.length] ?? ['nobody'];
    return { token: tokens.at(-1), who };
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
        return onTheWire(changedBy(await this.#answerOf(person), body.after), 'as it is');
      }
      case 'statements': {
        const made = await submissionOf(body.said, ids, upon, keys, this.#attachments);
        return onTheWire(changedBy(made, body.after), body.wire);
      }
    }
  }

  async #answerOf(person: string): Promise<Json> {
    const { challenge } = await this.#asked('/v1/sign-in/challenge', undefined);
    const signing = this.#organisation.keys.get(person);
    const at = { origin: this.#facts.upon.origin, person };
    if (signing === undefined) throw new Error(`${person} has no key`);
    return {
      person,
      challenge: String(challenge),
      signature: await signSignIn(String(challenge), at, signing),
    };
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

  /** Until a person has so many sessions; whoever was turned away for how often they came comes again later. */
  async #signIn(person: string, wanted: number): Promise<void> {
    const own = this.#sessions.get(person) ?? [];
    for (let count = own.length; count < wanted; count += 1) {
      const { token } = await this.#asked('/v1/sign-in', await this.#answerOf(person));
      if (typeof token !== 'string') break;
      own.push(token);
      this.secrets.push({ name: `a session of ${person}`, forms: [token] });
    }
    this.#sessions.set(person, own);
  }

  /** One session is ended by its person, and one person is taken off the roster. */
  async #endSessions(): Promise<void> {
    this.#ended.removed = this.#sessions.get(REMOVED)?.at(-1) ?? '';
    this.#sessions.delete(REMOVED);
    const removal = await removalOf(REMOVED, this.#facts, this.#organisation.keys);
    const { events } = await this.#asked(
      '/v1/statements',
      removal,
      this.#sessions.get('raj')?.at(-1),
    );
    if (!Array.isArray(events)) throw new Error(`${REMOVED} was not removed`);
    this.accepted += 1;
    this.#ended.signedOut = this.#sessions.get('raj')?.pop() ?? '';
    await this.#asked('/v1/sign-out', undefined, this.#ended.signedOut);
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

function leaksOf(log: readonly string[], secrets: Fuzzed['secrets']): readonly string[] {
  const text = log.join('\n');
  return [
    ...leaksIn('the log', Buffer.from(text), secrets).map(
      ({ secret }) => `the log holds ${secret}`,
    ),
    ...CANARIES.filter((canary) => text.includes(canary)).map(
      (canary) => `the log holds what a caller wrote: ${log.find((line) => line.includes(canary))}`,
    ),
    ...log.filter((line) => /\berror\b.*http.*failed/.test(line)).slice(0, 5),
  ];
}

/** The entries, once all of them verify. */
async function* recordOf({ root, logKey }: Fuzzed) {
  const journal = await readJournal(`${root}/journal`, logKey);
  yield* journal.read(0);
  await journal.close();
}

/** Statements of people that a record holds. */
async function entriesOf(organisation: Fuzzed): Promise<number> {
  let statements = 0;
  for await (const { index, bytes } of recordOf(organisation)) {
    const { input } = groupOf(index, bytes);
    if (input.type === 'statements' && isOfPeople(input.signed)) statements += 1;
  }
  return statements;
}

function isOfPeople(signed: readonly { readonly statement: { readonly by: string } }[]): boolean {
  return signed.every(({ statement }) => statement.by !== 'rotator' && statement.by !== 'releaser');
}

/** It verifies, holds what was acknowledged and nothing else, and comes to the state that the server had. */
async function wrongRecord(
  organisation: Fuzzed,
  state: { readonly size: number; readonly digest: string },
  statements: number,
): Promise<readonly string[]> {
  const fold = new Fold();
  for await (const { index, bytes } of recordOf(organisation))
    if (index < state.size) fold.take(groupOf(index, bytes).events);
  const digest = digestOf(JSON.parse(JSON.stringify(fold.state)));
  const held = await entriesOf(organisation);
  return [
    ...(digest === state.digest ? [] : ['the server’s state is not what the record comes to']),
    ...(held === statements ? [] : [`${statements} were acknowledged, ${held} are on the record`]),
  ];
}

function grown(memory: Report['memory']): readonly string[] {
  const [, half, end] = memory;
  if (half === undefined || end === undefined || end.heap <= half.heap * GROWTH + GROWTH_MIB)
    return [];
  return [
    `the memory grew from ${half.heap.toFixed(1)} to ${end.heap.toFixed(1)} MiB in the last third`,
  ];
}
