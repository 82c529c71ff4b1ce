import assert from 'node:assert/strict';
import { after, afterEach, beforeEach, suite, test } from 'node:test';
import { proveState } from '@halligan/evidence';
import { HalliganError, hex } from '@halligan/format';
import type { Checkpoint, EventGroup, Journal, SqliteJournal } from '@halligan/journal';
import { linkDigest } from '@halligan/statement';
import { emptyRoot } from '@halligan/tlog';
import { Clock } from './clock/clock.ts';
import { addSystem, changeRoster, contoso, upon } from './contoso.fixture.ts';
import { serverHome } from './home.ts';
import { Leader, type Outcome, placeOf } from './leader.ts';
import { leavingBy } from './leaving.ts';

const organisation = await contoso();
const { dana, lea, raj } = organisation.people;
after(() => organisation.remove());

/** A journal whose next commits fail when they are told to, like those of a disk that is full. */
class Failing implements Journal {
  readonly #journal: SqliteJournal;
  failures = 0;

  constructor(journal: SqliteJournal) {
    this.#journal = journal;
  }

  get origin() {
    return this.#journal.origin;
  }

  async append(groups: readonly EventGroup[], expect: number): Promise<Checkpoint> {
    if (this.failures === 0) return this.#journal.append(groups, expect);
    this.failures -= 1;
    throw new HalliganError('journal.commit-failed', 'The disk is full.', 'Make room.');
  }

  checkpoint = () => this.#journal.checkpoint();
  read = (from: number, to?: number) => this.#journal.read(from, to);
  follow = (from: number, signal: AbortSignal) => this.#journal.follow(from, signal);
  inclusionProof = (index: number, size: number) => this.#journal.inclusionProof(index, size);
  consistencyProof = (one: number, two: number) => this.#journal.consistencyProof(one, two);
  node = (level: number, index: number) => this.#journal.node(level, index);
  close = () => this.#journal.close();
}

let journal: Failing;
let leader: Leader;
let tests = 0;
/** An id that no test before used: they share one record. */
const fresh = (name: string) => `${name}-${tests}`;

beforeEach(async () => {
  tests += 1;
  journal = new Failing(await organisation.openJournal());
  const leave = await leavingBy(serverHome(organisation.root));
  leader = await Leader.open(journal, new Clock(), leave);
});
afterEach(() => journal.close());

function accepted(outcome: Outcome) {
  assert.ok('events' in outcome, JSON.stringify(outcome));
  return outcome;
}

/** What a restart would read is what this leader holds. */
async function agreesWithItsJournal(): Promise<void> {
  const again = await Leader.open(journal, new Clock());
  assert.deepEqual(leader.state, again.state);
}

suite('concurrent inputs', () => {
  test('are decided upon what is pending: only the first of two that exclude each other is taken', async () => {
    const id = fresh('twice');
    const [one, two] = [
      await addSystem(raj, id, upon(leader)),
      await addSystem(dana, id, upon(leader)),
    ];
    const outcomes = await Promise.all([leader.submit(one), leader.submit(two)]);
    const rules = outcomes.map((outcome) =>
      'refusal' in outcome ? outcome.refusal.rule : 'taken',
    );
    assert.deepEqual(rules.toSorted(), ['inventory.exists', 'taken']);
    await agreesWithItsJournal();
  });

  test('share commits, and are each in the journal once, in the order in which they were decided', async () => {
    const names = Array.from({ length: 12 }, (_, at) => fresh(`many-${at}`));
    const inputs = await Promise.all(names.map((name) => addSystem(raj, name, upon(leader))));
    const before = leader.checkpoint().size;
    const verified = await Promise.all(inputs.map((input) => leader.consider(input)));
    const outcomes = await Promise.all(
      inputs.map((input, at) => leader.submit(input, verified[at])),
    );
    const sizes = outcomes.map((outcome) => accepted(outcome).checkpoint.size);
    assert.equal(leader.checkpoint().size, before + names.length);
    assert.ok(new Set(sizes).size < names.length, 'each had a commit of its own');
    assert.deepEqual(
      sizes,
      sizes.toSorted((a, b) => a - b),
    );
    for (const name of names) assert.ok(leader.state.systems[name]);
    await agreesWithItsJournal();
  });

  test('are judged by the roster that they are decided under, though another was in force when they came', async () => {
    const on = upon(leader);
    const change = { do: 'remove', person: 'lea' } as const;
    const { digest, stored } = await changeRoster(change, [dana, raj], on);
    const verified = await leader.consider(stored);
    // Lea knows the change that removes her, and quotes the roster that it will make.
    const late = leader.submit(await addSystem(lea, fresh('late'), { ...on, roster: digest }));
    const removed = leader.submit(stored, verified);
    accepted(await removed);
    await assert.rejects(late, { code: /^statement\./ });
  });
});

suite('a commit that fails', () => {
  test('leaves nothing, takes what was decided upon it along, and the next one works', async () => {
    const [one, two, three] = [fresh('one'), fresh('two'), fresh('three')];
    const before = leader.state;
    const { size } = leader.checkpoint();
    const first = await addSystem(raj, one, upon(leader));
    const second = await addSystem(raj, two, upon(leader));
    const verified = await Promise.all([first, second].map((one) => leader.consider(one)));
    let changes = 0;
    const stop = leader.onChange(() => {
      changes += 1;
    });
    journal.failures = 1;
    const results = await Promise.allSettled([
      leader.submit(first, verified[0]),
      leader.submit(second, verified[1]),
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['rejected', 'rejected'],
    );
    assert.equal(changes, 0);
    assert.equal(leader.state, before);
    assert.equal(leader.checkpoint().size, size);
    accepted(await leader.submit(first));
    accepted(await leader.submit(await addSystem(raj, three, upon(leader))));
    assert.equal(changes, 2);
    stop();
    assert.equal(leader.checkpoint().size, size + 2);
    await agreesWithItsJournal();
  });

  test('because of an input that is too large takes nobody else along', async () => {
    const on = upon(leader);
    const small = await addSystem(raj, fresh('small'), on);
    const next = await addSystem(raj, fresh('next'), on);
    const plain = await addSystem(raj, fresh('large'), on);
    const large = { ...plain, attachments: manyAttachments() };
    await assert.rejects(leader.consider(large), { code: 'journal.entry-too-large' });
    const considered = await Promise.all([small, plain, next].map((one) => leader.consider(one)));
    const outcomes = await Promise.allSettled(
      [small, large, next].map((one, at) => leader.submit(one, considered[at])),
    );
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.code : 'taken')),
      ['taken', 'journal.entry-too-large', 'taken'],
    );
    await agreesWithItsJournal();
  });
});

/** More than an entry holds. */
function manyAttachments() {
  return Array.from({ length: 500 }, (_, at) => {
    const digest = at.toString(16).padStart(64, '0');
    return { digest, blob: digest };
  });
}

suite('a view', () => {
  const pins = (seen: { size: number; root: string }) => ({
    organisation: 'contoso',
    origin: 'localhost/contoso',
    logKey: organisation.link.change.do === 'genesis' ? organisation.link.change.logKey : '',
    genesis: linkDigest(organisation.link),
    seen,
  });
  const streams = new Set(['organisation']);

  test('proves itself to a device, from nothing and from what it saw before', async () => {
    const nothing = { size: 0, root: hex(emptyRoot()) };
    const proven = await proveState(await leader.view(streams, 0), pins(nothing), streams);
    assert.deepEqual(proven.state.roster, leader.state.roster);
    const seen = placeOf(leader.checkpoint());
    accepted(await leader.submit(await addSystem(raj, fresh('later'), upon(leader))));
    const later = await proveState(await leader.view(streams, seen.size), pins(seen), streams);
    assert.ok(later.state.systems[fresh('later')]);
    const forged = pins({ ...seen, root: '00'.repeat(32) });
    await assert.rejects(proveState(await leader.view(streams, seen.size), forged, streams), {
      code: /^(tlog|evidence)\./,
    });
  });

  test('is not given to a device that saw more than there is', async () => {
    const { size } = leader.checkpoint();
    await assert.rejects(leader.view(streams, size + 1), { code: 'server.behind' });
  });
});

suite('a statement that quotes', () => {
  const cases: Readonly<Record<string, (size: number) => { size: number; root: string }>> = {
    'another root': (size) => ({ size, root: 'ab'.repeat(32) }),
    'a larger log': (size) => ({ size: size + 1, root: 'ab'.repeat(32) }),
    'another beginning': () => ({ size: 1, root: 'ab'.repeat(32) }),
  };
  for (const [what, quoted] of Object.entries(cases)) {
    test(`${what} is not considered`, async () => {
      const on = { ...upon(leader), journal: quoted(leader.checkpoint().size) };
      const input = await addSystem(raj, fresh('other'), on);
      await assert.rejects(leader.consider(input), { code: 'server.other-history' });
    });
  }

  test('an earlier place of this log is considered', async () => {
    const on = upon(leader);
    accepted(await leader.submit(await addSystem(raj, fresh('between'), on)));
    const { refusal } = await leader.consider(await addSystem(raj, fresh('after'), on));
    assert.equal(refusal, undefined);
  });
});
