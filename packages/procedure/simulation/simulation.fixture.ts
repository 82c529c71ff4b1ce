import assert from 'node:assert/strict';
import { canonicalText, HalliganError } from '@halligan/format';
import {
  allEmergencies,
  decide,
  evolve,
  type HalliganEvent,
  type Input,
  isOpen,
  type Obligation,
  type State,
  type StoredInput,
} from '../index.ts';
import { Chronicle } from '../practice/chronicle.fixture.ts';
import { holdsOfEvent, holdsOfState, named } from '../practice/invariants.fixture.ts';
import { obey } from '../practice/obedient-people.fixture.ts';
import { type Organisation, plain, stamped } from '../practice/practice-organisation.fixture.ts';
import { inputOf, type Step } from '../practice/random-people.fixture.ts';
import { ATTACKS, type Attempt } from './attacks.fixture.ts';
import { Tally } from './tally.fixture.ts';

/** Turns within which obedient people bring everything to its close. */
const MOST_TURNS = 600;

/** What is late in some emergencies: no approver answers, nobody opens the vault, or no holder releases. */
const NEGLECTED = ['approve', 'open', 'release'];

/** Which of it, an emergency's own id says: people are late in the same thing each time. */
function isNeglected({ what, about }: Obligation): boolean {
  return NEGLECTED[Number.parseInt(about.slice(0, 2), 16) % 8] === what;
}

/** One organisation, everything that happens in it watched. */
export class Simulation {
  readonly org: Organisation;
  readonly #elsewhere: readonly StoredInput[];
  readonly #told = new Chronicle();
  readonly #began: State;
  /** Folded here, event by event, from what was journaled. */
  #folded: State;
  readonly #first: number;
  #seen: number;
  #steps = 0;

  /** What was said, and what came of it. */
  readonly tally = new Tally();

  /** @param elsewhere what was said in other records, to be borrowed */
  constructor(org: Organisation, elsewhere: readonly StoredInput[] = []) {
    this.org = org;
    this.#elsewhere = elsewhere;
    this.#began = org.state;
    this.#folded = org.state;
    this.#first = org.history.length;
    this.#seen = this.#first;
    for (const { events } of org.history) for (const event of events) this.#told.add(event);
  }

  /** One step of anybody's. */
  async take(step: Step): Promise<void> {
    const { org } = this;
    org.wait(step.wait);
    this.#steps += 1;
    if (step.act === 'obey') await obey(org, step.pick % 4 === 0 ? step.other : 0, isNeglected);
    else await this.#say(step);
    this.#watch();
  }

  /** Nobody lies any more: everything comes to its close, whatever state it was left in. */
  async settle(): Promise<void> {
    const { org } = this;
    for (let turn = 0; !isSettled(org.state); turn += 1) {
      named('no state is a dead end', () => assert.ok(turn < MOST_TURNS, unsettled(org.state)));
      const happened = await obey(org);
      // Nobody does two things in the same instant.
      if (happened) org.wait(0.05);
      else {
        org.wait(turn < 150 ? 21 : 240);
        await org.tick();
      }
      this.#watch();
    }
  }

  /** What was journaled makes the same state again, folded from its bytes. */
  replays(): void {
    named('what was journaled makes the same state again', () => {
      const folded = this.org.history
        .slice(this.#first)
        .flatMap(({ events }) => events)
        .map((event): HalliganEvent => JSON.parse(canonicalText(plain(event))))
        .reduce(evolve, this.#began);
      assert.deepEqual(folded, this.org.state);
    });
    this.#isPlain();
  }

  /** What was journaled since the simulation began. */
  get happened(): Organisation['history'] {
    return this.org.history.slice(this.#first);
  }

  /** Emergencies, drills included, that were declared. */
  get emergencies(): number {
    return allEmergencies(this.org.state).map((one) => one.id).length;
  }

  async #say(step: Step): Promise<void> {
    const { org } = this;
    const stored = await inputOf(org, step, this.#elsewhere);
    if (stored === undefined) return this.tally.add(`said:${step.act}:nothing`);
    const before = org.state;
    const attempt: Attempt = { step, stored, state: before, now: org.now };
    const attacks = Object.entries(ATTACKS).filter(([, { is }]) => is(attempt));
    const came = (outcome: 'accepted' | 'refused' | 'unbelieved') => {
      this.tally.add(`said:${step.act}:${outcome}`);
      for (const [name] of attacks) this.tally.add(`attack:${name}:${outcome}`);
    };
    const input = await this.#verified(stored);
    if (input === undefined) return came('unbelieved');
    const decision = decide(before, input, org.now);
    named('the same input gives the same events', () => {
      assert.deepEqual(decide(before, input, org.now), decision);
      if (this.#steps % 8 !== 0) return;
      const turned: State = JSON.parse(canonicalText(plain(before)));
      assert.deepEqual(decide(turned, input, org.now), decision, 'the order of members matters');
      this.#isPlain();
    });
    if ('refusal' in decision) {
      const { rule, why, next } = decision.refusal;
      named('a refusal says which rule, why, and what next', () => {
        assert.ok(!('events' in decision));
        assert.ok(rule !== '' && why !== '' && next !== '');
      });
      this.tally.add(`refused:${rule}`);
      return came('refused');
    }
    const barred = attacks.filter(([, { never }]) => never === true);
    named(
      'no attack of the list works',
      () => assert.deepEqual(decision.events.length === 0 ? [] : barred.map(([name]) => name), []),
      attacks.length,
    );
    came('accepted');
    if (decision.events.length === 0) return;
    const events = stamped(decision.events, org.now);
    org.state = events.reduce(evolve, before);
    org.history.push({ stored, at: org.now, events });
  }

  /** What does not verify never reaches the rules. */
  async #verified(stored: StoredInput): Promise<Input | undefined> {
    try {
      return await this.org.verify(stored);
    } catch (error) {
      assert.ok(error instanceof HalliganError, String(error));
      return undefined;
    }
  }

  #watch(): void {
    const { org } = this;
    const fresh = org.history.slice(this.#seen);
    for (const { stored, events } of fresh)
      for (const event of events) {
        holdsOfEvent({ before: this.#folded, told: this.#told, event, because: stored });
        this.#folded = evolve(this.#folded, event);
        this.#told.add(event);
      }
    this.#seen = org.history.length;
    if (fresh.length > 0) holdsOfState(org.state, org.now);
  }

  #isPlain(): void {
    named('a state is plain JSON', () =>
      assert.deepEqual(this.org.state, JSON.parse(JSON.stringify(this.org.state))),
    );
  }
}

/** Every emergency closed, every account armed or retired. */
function isSettled(state: State): boolean {
  return (
    !allEmergencies(state).some(isOpen) &&
    Object.values(state.accounts).every((one) => one.state === 'armed' || one.state === 'retired')
  );
}

function unsettled(state: State): string {
  const open = allEmergencies(state)
    .filter(isOpen)
    .map(({ id, account }) => `${id.slice(0, 12)} on ${account}`);
  const unarmed = Object.values(state.accounts)
    .filter((one) => one.state !== 'armed' && one.state !== 'retired')
    .map((one) => `${one.document.id} is ${one.state}`);
  return [...open, ...unarmed].join(', ');
}
