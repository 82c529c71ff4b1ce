import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HalliganError } from '@halligan/format';
import fc from 'fast-check';
import {
  code,
  context,
  firstRoster,
  genesis,
  genesisChange,
  JOURNAL,
  keyOf,
  linkAfter,
  member,
  NOW,
  ORIGIN,
  rekey,
  signedBy,
} from './cast.fixture.ts';
import {
  applyLink,
  linkDigest,
  makeStatement,
  memberById,
  type Roster,
  type RosterChange,
  type RosterLink,
  rosterLinkOf,
  type SignedLink,
  signStatement,
  verifyChain,
  verifyGenesis,
  verifyLink,
} from './index.ts';

async function chain(): Promise<readonly SignedLink[]> {
  let roster: Roster = await firstRoster();
  const links = [await genesis()];
  const changes: readonly (readonly [RosterChange, readonly string[]])[] = [
    [{ do: 'group', name: 'keyholders', members: ['carol', 'dave', 'erin'] }, ['ana']],
    [{ do: 'admit', member: await member('gina', ['witness']) }, ['bob']],
    [await rekey('carol', 'carol-new'), ['ana', 'carol']],
    [{ do: 'amend', person: 'gina', roles: ['security'] }, ['ana']],
    [
      { do: 'group', name: 'keyholders', members: ['dave', 'gina'] },
      ['bob', 'carol:carol-new', 'erin'],
    ],
  ];
  for (const [change, signers] of changes) {
    const signed = await signedBy(linkAfter(roster, change), signers);
    const outcome = await applyLink(roster, signed, rulesOf(signed.link));
    assert.ok(outcome.result === 'applied', `link ${signed.link.number}`);
    links.push(signed);
    roster = outcome.roster;
  }
  return links;
}
const rules = context({ keyholders: 2 });
/** The policy that uses the group was adopted after the group was made. */
const rulesOf = (link: RosterLink) => (link.number < 2 ? context() : rules);

async function isRejected(links: readonly unknown[], why: string): Promise<void> {
  try {
    const outcome = await verifyChain(links, rulesOf);
    assert.equal(outcome.result, 'refused', why);
  } catch (error) {
    assert.ok(error instanceof HalliganError, `${why}: ${error}`);
  }
}

test('a chain of links folds to a roster, also after a trip through JSON', async () => {
  const links = await chain();
  const outcome = await verifyChain(JSON.parse(JSON.stringify(links)), rulesOf);
  assert.ok(outcome.result === 'applied');
  const { roster } = outcome;
  assert.equal(roster.number, 5);
  assert.equal(roster.digest, linkDigest(links[5]?.link ?? assert.fail()));
  assert.deepEqual(roster.groups, { keyholders: ['dave', 'gina'] });
  assert.deepEqual(memberById(roster, 'gina')?.roles, ['security']);
  assert.deepEqual(JSON.parse(JSON.stringify(roster)), roster);
});

test('a genesis is signed by two of the admins whom it names', async () => {
  assert.equal((await verifyGenesis(await genesis(['ana', 'bob', 'carol']))).number, 0);
  for (const signers of [[], ['ana'], ['ana', 'ana'], ['ana', 'carol']]) {
    await assert.rejects(genesis(signers).then(verifyGenesis), code('roster.admin'));
  }
  await assert.rejects(
    genesis(['ana', 'bob:ana']).then(verifyGenesis),
    code('statement.signature'),
  );
  await assert.rejects(
    genesis(['ana', 'mallory']).then(verifyGenesis),
    code('statement.unknown-person'),
  );
});

test('a genesis that is none, or whose members are not sound, is refused with its code', async () => {
  const change = await genesisChange();
  assert.ok(change.do === 'genesis');
  const signed = (link: object) => signedBy(rosterLinkOf(link), ['ana', 'bob']);
  const first = { v: 'halligan/roster/v1', number: 0, previous: null, change };
  const [ana, bob, carol] = change.members;
  const cases: readonly (readonly [object, string])[] = [
    [{ ...first, number: 1 }, 'roster.order'],
    [{ ...first, previous: 'ab'.repeat(32) }, 'roster.order'],
    [{ ...first, change: { do: 'remove', person: 'ana' } }, 'roster.order'],
    [{ ...first, change: { ...change, members: [ana, bob, bob] } }, 'roster.known'],
    [{ ...first, change: { ...change, members: [ana, carol] } }, 'roster.last-admins'],
    [{ ...first, change: { ...change, recipients: 'hybrid' } }, 'roster.recipient-kind'],
    [
      { ...first, change: { ...change, members: [ana, bob, await member('x', [], 'ana')] } },
      'roster.shared-key',
    ],
    [
      { ...first, change: { ...change, members: [ana, bob, { ...carol, id: 'kate' }] } },
      'statement.signature',
    ],
  ];
  for (const [link, expected] of cases) {
    await assert.rejects(signed(link).then(verifyGenesis), code(expected), JSON.stringify(link));
  }
  await assert.rejects(verifyChain([], rulesOf), code('roster.shape'));
});

test('a recipient that its owner did not make is refused', async () => {
  const roster = await firstRoster();
  const gina = await member('gina');
  const other = await member('other');
  for (const forged of [
    { ...gina, recipient: other.recipient },
    { ...gina, recipientSignature: other.recipientSignature },
    { ...gina, signing: other.signing },
  ]) {
    const link = linkAfter(roster, { do: 'admit', member: forged });
    await assert.rejects(verifyLink(link), code('statement.signature'));
  }
  const change = await rekey('carol', 'carol-new');
  assert.ok(change.do === 'rekey');
  const link = linkAfter(roster, { ...change, recipient: other.recipient });
  await assert.rejects(verifyLink(link), code('statement.signature'));
});

test('links of other versions and shapes are refused with their code', async () => {
  const roster = await firstRoster();
  const good = linkAfter(roster, { do: 'remove', person: 'carol' });
  const gina = await member('gina');
  const admit = (fields: object) => ({
    ...good,
    change: { do: 'admit', member: { ...gina, ...fields } },
  });
  const [key = ''] = gina.signing;
  const cases: readonly (readonly [unknown, string])[] = [
    [null, 'roster.version'],
    [{ ...good, v: 'halligan/roster/v2' }, 'roster.version'],
    [{ ...good, extra: 1 }, 'roster.shape'],
    [{ ...good, change: { do: 'rename', person: 'carol' } }, 'roster.shape'],
    [{ ...good, change: { do: 'remove', person: 'Carol' } }, 'roster.shape'],
    [{ ...good, change: { do: 'group', name: 'g', members: ['a', 'a'] } }, 'roster.shape'],
    [admit({ signing: [] }), 'roster.shape'],
    [admit({ signing: [key, key] }), 'roster.shape'],
    [admit({ signing: [`${key} comment`] }), 'roster.shape'],
    [admit({ signing: ['ssh-rsa AAAA'] }), 'roster.shape'],
    [admit({ roles: ['king'] }), 'roster.shape'],
    [admit({ roles: ['admin', 'admin'] }), 'roster.shape'],
    [admit({ kind: 'program', roles: ['admin'] }), 'roster.shape'],
    [admit({ recipient: 'age1' }), 'roster.shape'],
  ];
  for (const [json, expected] of cases) {
    await assert.rejects(verifyLink(json), code(expected), JSON.stringify(json));
  }
  for (const json of [null, { link: good }, { link: good, statements: Array(65).fill({}) }]) {
    await assert.rejects(applyLink(roster, json, rules), code('roster.shape'));
  }
});

test('a signature counts for the link, the roster and the purpose that it names', async () => {
  const roster = await firstRoster();
  const link = linkAfter(roster, { do: 'group', name: 'g', members: ['carol'] });
  const fields = {
    origin: ORIGIN,
    subject: linkDigest(link),
    by: 'ana',
    at: NOW,
    purpose: 'real',
    policy: null,
    roster: roster.digest,
    journal: JOURNAL,
  } as const;
  const key = await keyOf('ana');
  for (const statement of [
    makeStatement('roster.change', { ...fields, subject: 'ab'.repeat(32) }),
    makeStatement('roster.change', { ...fields, roster: null }),
    makeStatement('roster.change', { ...fields, purpose: 'drill' }),
    makeStatement('policy.adopt', fields),
  ]) {
    const signed = { link, statements: [await signStatement(statement, key)] };
    await assert.rejects(applyLink(roster, signed, rules), code('roster.statement'));
  }
});

test('the old key signs no more after a rekey', async () => {
  let roster = await firstRoster();
  const first = await applyLink(
    roster,
    await signedBy(linkAfter(roster, await rekey('ana', 'ana-new')), ['ana']),
    rules,
  );
  assert.ok(first.result === 'applied');
  roster = first.roster;
  const link = linkAfter(roster, { do: 'group', name: 'g', members: ['carol'] });
  await assert.rejects(
    applyLink(roster, await signedBy(link, ['ana']), rules),
    code('statement.signature'),
  );
  const second = await applyLink(roster, await signedBy(link, ['ana:ana-new']), rules);
  assert.equal(second.result, 'applied');
});

test('a chain stops at a change that waits on this device', async () => {
  const links = await chain();
  const last = links[5]?.link ?? assert.fail();
  // Another policy was in force at the end: two holders are no longer enough.
  const stricter = (seen: Readonly<Record<string, string>>) => (link: RosterLink) =>
    link.number === 5 ? context({ keyholders: 3 }, seen) : rulesOf(link);
  const waiting = await verifyChain(links, stricter({}));
  assert.ok(waiting.result === 'pending' && waiting.digest === linkDigest(last));
  assert.equal(waiting.roster.number, 4);
  const seen = { [linkDigest(last)]: '2026-02-27T12:00:00Z' };
  const waited = await verifyChain(links, stricter(seen));
  assert.ok(waited.result === 'applied' && waited.roster.number === 5);
});

test('links dropped, reordered or repeated are refused', async () => {
  const links = await chain();
  for (let at = 0; at < links.length; at += 1) {
    // The end of a chain can be cut unseen: only the journal says which link is the last.
    if (at < links.length - 1) {
      await isRejected(links.toSpliced(at, 1), `without ${at}`);
      const swapped = links.with(at, links[at + 1] ?? assert.fail());
      await isRejected(swapped.with(at + 1, links[at] ?? assert.fail()), `swapped ${at}`);
    }
    await isRejected(links.toSpliced(at, 0, links[at] ?? assert.fail()), `twice ${at}`);
  }
});

test('links signed by a stranger are refused', async () => {
  const links = await chain();
  for (const [at, { link, statements }] of links.entries()) {
    for (const [which, { statement }] of statements.entries()) {
      const forged = await signStatement(statement, await keyOf('mallory'));
      const changed = { link, statements: statements.with(which, forged) };
      await isRejected(links.with(at, changed), `${at} by a stranger`);
      const fewer = { link, statements: [] };
      await isRejected(links.with(at, fewer), `${at} unsigned`);
    }
  }
});

test('a chain with any value changed is refused', async () => {
  const links = await chain();
  const leaves: (readonly (string | number)[])[] = [];
  const walk = (value: unknown, path: readonly (string | number)[]): void => {
    if (typeof value !== 'object' || value === null) leaves.push(path);
    else for (const [name, inner] of Object.entries(value)) walk(inner, [...path, name]);
  };
  walk(links, []);
  const put = (value: unknown, path: readonly (string | number)[], by: unknown): unknown => {
    const [name, ...rest] = path;
    if (name === undefined) return by;
    if (Array.isArray(value)) return value.with(Number(name), put(value[Number(name)], rest, by));
    assert.ok(typeof value === 'object' && value !== null);
    const inner: unknown = Object.entries(value).find(([own]) => own === name)?.[1];
    return { ...value, [name]: put(inner, rest, by) };
  };
  const others = fc.oneof(
    fc.constantFrom('ana', 'bob', 'mallory', 'admin', 'remove', null, 0, 1, NOW, 'ab'.repeat(32)),
    fc.string(),
    fc.integer(),
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...leaves), others, async (path, by) => {
      const changed = put(links, path, by);
      fc.pre(JSON.stringify(changed) !== JSON.stringify(links));
      assert.ok(Array.isArray(changed));
      await isRejected(changed, `${path.join('.')} = ${JSON.stringify(by)}`);
    }),
    { numRuns: 500 },
  );
});
