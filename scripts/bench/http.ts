import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { hex } from '@halligan/format';
import { linkDigest } from '@halligan/statement';
import { emptyRoot } from '@halligan/tlog';
import { z } from 'zod';
import { startServerProcess } from '../../packages/cli/server-process.fixture.ts';
import {
  addSystem,
  type Contoso,
  contoso,
  type Person,
  person,
} from '../../packages/server/contoso.fixture.ts';
import { signedAnswer } from '../../packages/server/http/talking.fixture.ts';
import { quantile, type Row, row } from './row.ts';
import type { Session } from './session.ts';

const challengeSchema = z.object({ challenge: z.string() });
const tokenSchema = z.object({ token: z.string() });

/** Statements that go in at once, each by a person of their own: one person may send 40 a second. */
export const WRITERS = 8;

/** A server in a process of its own, over the loopback interface: each statement is signed beforehand. */
export async function httpRows(session: Session): Promise<readonly Row[]> {
  const others = await Promise.all(Array.from({ length: WRITERS }, (_, at) => person(`w${at}`)));
  const organisation = await contoso(others);
  const server = await startServerProcess(organisation.root);
  try {
    const desk = new Desk(server.url, organisation);
    const [each, turns] = session.quick ? [20, 2] : [100, 5];
    const alone: number[] = [];
    const together: number[] = [];
    for (let turn = 0; turn < turns; turn += 1) {
      alone.push(await desk.perSecond([organisation.people.dana], each));
      together.push(await desk.perSecond(others, each));
    }
    const one = row(
      { name: 'HTTP: statements accepted, one at a time', unit: 'per second' },
      alone,
    );
    const many = `HTTP: statements accepted, ${WRITERS} at a time`;
    const late = await desk.latencies(organisation.people.lea, session.quick ? 40 : 400);
    return [
      one,
      row({ name: many, unit: 'per second', to: one }, together),
      row({ name: 'SSE: sent to seen by another, p50', unit: 'ms' }, [quantile(late, 0.5)]),
      row({ name: 'SSE: sent to seen by another, p99', unit: 'ms' }, [quantile(late, 0.99)]),
    ];
  } finally {
    await server.stop();
    await organisation.remove();
  }
}

/** Where people of an organisation send what they signed. */
export class Desk {
  readonly #url: string;
  readonly #organisation: Contoso;
  readonly #tokens = new Map<string, string>();
  #systems = 0;

  constructor(url: string, organisation: Contoso) {
    this.#url = url;
    this.#organisation = organisation;
  }

  /** How many statements a second are accepted from these people, each of whom sends one after the other. */
  async perSecond(people: readonly Person[], each: number): Promise<number> {
    const writers: (readonly [string, readonly string[]])[] = [];
    for (const one of people) writers.push([await this.#token(one), await this.#signed(one, each)]);
    const started = performance.now();
    await Promise.all(
      writers.map(async ([token, bodies]) => {
        for (const body of bodies) await this.#send(token, body);
      }),
    );
    return (1000 * people.length * each) / (performance.now() - started);
  }

  /** Sends what somebody signed elsewhere. */
  async submit(by: Person, body: unknown): Promise<void> {
    await this.#send(await this.#token(by), JSON.stringify(body));
  }

  /** Milliseconds from a statement's sending to its arrival on somebody's stream, ascending. */
  async latencies(writer: Person, count: number): Promise<readonly number[]> {
    const token = await this.#token(writer);
    const bodies = await this.#signed(writer, count);
    const { hostname, port } = new URL(this.#url);
    const socket = connect(Number(port), hostname);
    socket.write(
      `GET /v1/stream HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${await this.#token(this.#organisation.people.raj)}\r\n\r\n`,
    );
    const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
    const seen = async (wanted: (size: number) => boolean): Promise<void> => {
      for (;;) {
        const { value, done } = await lines.next();
        if (done === true) throw new Error('the stream ended');
        const size = /^data: (\d+)$/.exec(value)?.[1];
        if (size !== undefined && wanted(Number(size))) return;
      }
    };
    await seen(() => true);
    const measured: number[] = [];
    for (const body of bodies) {
      const started = performance.now();
      const sent = this.#send(token, body);
      await seen(() => true);
      measured.push(performance.now() - started);
      await sent;
    }
    socket.destroy();
    return measured.toSorted((a, b) => a - b);
  }

  async #signed(by: Person, count: number): Promise<readonly string[]> {
    const on = {
      roster: linkDigest(this.#organisation.link),
      journal: { size: 0, root: hex(emptyRoot()) },
    };
    const bodies: string[] = [];
    for (let at = 0; at < count; at += 1) {
      this.#systems += 1;
      const stored = await addSystem(by, `system-${this.#systems}`, on);
      if (stored.type === 'statements')
        bodies.push(JSON.stringify({ signed: stored.signed, document: stored.document }));
    }
    return bodies;
  }

  async #send(token: string, body: string): Promise<void> {
    const answer = await fetch(new URL('/v1/statements', this.#url), {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body,
    });
    const said = await answer.text();
    if (answer.status !== 201) throw new Error(`a statement was not accepted: ${said}`);
  }

  async #token(who: Person): Promise<string> {
    const known = this.#tokens.get(who.card.id);
    if (known !== undefined) return known;
    const asked = await fetch(new URL('/v1/sign-in/challenge', this.#url), { method: 'POST' });
    const { challenge } = challengeSchema.parse(await asked.json());
    const answer = await fetch(new URL('/v1/sign-in', this.#url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(await signedAnswer(challenge, who)),
    });
    const { token } = tokenSchema.parse(await answer.json());
    this.#tokens.set(who.card.id, token);
    return token;
  }
}
