/** Machines report to a server over HTTP: what is taken in, what is refused, and what it leaves behind. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { reportViewOf, verifyReports } from '@halligan/reports';
import { verifierOf } from '@halligan/tlog';
import { type Talking, talking } from '../http/talking.fixture.ts';
import { enrolling, gap, Machine, machinesEntry, signIn } from './machine.fixture.ts';

let scene: Talking;
let token: string;
let machines: readonly Machine[];
before(async () => {
  scene = await talking();
  token = await scene.token(scene.contoso.people.dana);
  const { entry, ...enrolled } = await enrolling(scene.contoso, 8);
  machines = enrolled.machines;
  const answer = await scene.send('POST', '/v1/statements', { token, body: entry });
  assert.equal(answer.status, 201, await answer.text());
});
after(() => scene.end());

const machine = (at: number): Machine => {
  const one = machines[at];
  if (one === undefined) throw new Error('there are eight');
  return one;
};

/** As an auditor reads them, verified. */
async function read(one: Machine, from = 0) {
  const answer = await scene.send('GET', `/v1/machines/${one.id}/reports?from=${from}`, { token });
  assert.equal(answer.status, 200);
  const signer = await readFile(join(scene.contoso.root, 'keys', 'reports.key'), 'utf8');
  const keys = { logKey: one.signer.verifier, log: await verifierOf(signer.trim()), from };
  const view = reportViewOf(await answer.json());
  return { view, keys, ...(await verifyReports(view, keys)) };
}

test('batches are recorded, each report once, and verify', async () => {
  const one = machine(0);
  const first = await one.batch(['ana', 'ben'].map(signIn));
  const done = await one.send(scene.server.url, first);
  assert.deepEqual([done.status, done.size, done.recorded], [201, 2, 2]);
  assert.deepEqual(done.frontier, one.head.frontier);
  const again = await one.send(scene.server.url, first);
  assert.deepEqual([again.status, again.size, again.recorded], [201, 2, 0]);
  await one.send(scene.server.url, await one.batch([gap(3), signIn('chris')]));
  const { reports, to } = await read(one);
  assert.equal(to, 4);
  assert.deepEqual(
    reports.map(({ index, report }) => [index, report.kind]),
    [
      [0, 'sign-in'],
      [1, 'sign-in'],
      [2, 'gap'],
      [3, 'sign-in'],
    ],
  );
  const list = await (await scene.send('GET', '/v1/machines', { token })).json();
  const known = list.journals.find((log: { machine: string }) => log.machine === one.id);
  assert.deepEqual([known.size, known.gaps, known.lost], [4, 1, 3]);
});

test('the key of the journal of reports is on the record', async () => {
  const { reportsLog } = scene.server.parts.leader.state;
  const pub = await readFile(join(scene.contoso.root, 'reports.pub'), 'utf8');
  assert.equal(pub.trim(), reportsLog);
});

test('a gap is answered with what is known, and what is there is passed over', async () => {
  const one = machine(1);
  const first = await one.batch(['ana', 'ben', 'chris'].map(signIn));
  const second = await one.batch([signIn('dora')]);
  const ahead = await one.send(scene.server.url, second);
  assert.deepEqual([ahead.status, ahead.code, ahead.size], [409, 'reports.gap', 0]);
  await one.send(scene.server.url, first);
  const whole = one.copy();
  whole.head = { size: 0, frontier: [], checkpoint: null };
  const all = await whole.batch(['ana', 'ben', 'chris', 'dora'].map(signIn));
  const over = await one.send(scene.server.url, all);
  assert.deepEqual([over.status, over.size, over.recorded], [201, 4, 1]);
});

test('a machine that was put back asks where it is, and goes on from there', async () => {
  const one = machine(2);
  await one.send(scene.server.url, await one.batch([signIn('ana')]));
  const restored = one.copy();
  await one.send(scene.server.url, await one.batch([signIn('ben')]));
  const told = await restored.send(scene.server.url, await restored.batch([]));
  const { size = 0, frontier = [], checkpoint = null } = told;
  assert.deepEqual([told.status, size, checkpoint], [201, 2, one.head.checkpoint]);
  restored.head = { size, frontier, checkpoint };
  const on = await restored.send(scene.server.url, await restored.batch([gap(null)]));
  assert.deepEqual([on.status, on.size], [201, 3]);
});

test('a second history is refused, told to security, and found once', async () => {
  const one = machine(3);
  await one.send(scene.server.url, await one.batch([signIn('ana')]));
  const thief = one.copy();
  await one.send(scene.server.url, await one.batch([signIn('ben'), signIn('chris')]));
  const forked = await thief.batch([signIn('mallory')]);
  const size = scene.server.parts.leader.checkpoint().size;
  for (let time = 0; time < 2; time += 1) {
    const refused = await thief.send(scene.server.url, forked);
    assert.deepEqual([refused.status, refused.code, refused.size], [409, 'reports.fork', 2]);
  }
  assert.equal(scene.server.parts.leader.checkpoint().size, size + 1, 'once');
  const { findings } = await (await scene.send('GET', '/v1/findings', { token })).json();
  const ids = findings.map(({ id }: { id: string }) => id);
  // Without a policy there is nothing but that to say.
  assert.deepEqual(ids, ['no-policy']);
  assert.equal(scene.server.parts.leader.state.machines?.['web-4']?.forked?.size, 2);
  // What it showed first still goes on.
  const goesOn = await one.send(scene.server.url, await one.batch([signIn('dora')]));
  assert.equal(goesOn.status, 201);
  // And where the second history is longer, it leads nowhere.
  const longer = await thief.batch(['m', 'm', 'm'].map(signIn));
  const refused = await thief.send(scene.server.url, longer);
  assert.deepEqual([refused.status, refused.code, refused.size], [409, 'reports.root', 4]);
});

test('what nobody enrolled has signed is refused, whatever it is, and changes nothing', async () => {
  const [one, other] = [machine(4), machine(5)];
  await one.send(scene.server.url, await one.batch([signIn('ana')]));
  const good = await one.batch([signIn('ben')]);
  const text = new TextDecoder().decode(good);
  const stranger = await Machine.make(one.id);
  const nobody = await Machine.make('nobody');
  const foreign = await other.batch([signIn('ana')]);
  const bytes = (changed: string) => new TextEncoder().encode(changed);
  const refused: readonly (readonly [string, Uint8Array, number, string, Machine?])[] = [
    ['another machine’s', foreign, 403, 'reports.signature'],
    ['another key’s', await stranger.batch([signIn('ana')]), 403, 'reports.signature'],
    ['of no machine', await nobody.batch([signIn('ana')]), 403, 'reports.signature', nobody],
    ['another size', bytes(text.replace('\\n2\\n', '\\n3\\n')), 403, 'reports.signature'],
    ['another report', bytes(text.replace('"ben"', '"eve"')), 409, 'reports.root'],
    ['no report', bytes(`${text.split('\n')[0]}\n`), 400, 'reports.batch'],
    ['one too many', bytes(`${text}${signIn('eve')}\n`), 400, 'reports.batch'],
    ['cut', good.subarray(0, good.length - 3), 400, 'reports.batch'],
    ['cut early', good.subarray(0, 40), 400, 'reports.batch'],
    ['another start', bytes(text.replace('"from":1', '"from":0')), 400, 'reports.batch'],
    ['nothing', new Uint8Array(0), 400, 'reports.batch'],
    ['noise', new Uint8Array(5000).fill(7), 400, 'reports.batch'],
    ['a line that does not end', new Uint8Array(2 << 20).fill(65), 400, 'reports.batch'],
    ['too long', bytes(`${text}${'a'.repeat(1 << 20)}`), 413, 'server.too-large'],
  ];
  for (const [what, body, status, code, from = one] of refused) {
    const answer = await from.send(scene.server.url, body);
    assert.deepEqual([answer.status, answer.code], [status, code], what);
  }
  const signedNonsense = one.copy();
  signedNonsense.head = { ...one.head, ...(await read(one)).view.start };
  const { view } = await read(one, 1);
  assert.equal(view.size, 1);
  signedNonsense.head = view.start;
  const nonsense = await signedNonsense.batch(['{"kind":"party"}']);
  const answer = await one.send(scene.server.url, nonsense);
  assert.deepEqual([answer.status, answer.code], [400, 'reports.report']);
  assert.equal((await one.send(scene.server.url, good)).size, 2, 'the good one still fits');
});

test('a large batch takes several entries, and more than a batch holds is refused', async () => {
  const one = machine(6);
  const many = Array.from({ length: 1000 }, (_, at) => signIn(`user-${at}`));
  const done = await one.send(scene.server.url, await one.batch(many));
  assert.deepEqual([done.status, done.size], [201, 1000]);
  for (const from of [0, 1, 500, 999]) {
    const { reports, view } = await read(one, from);
    assert.ok(view.entries.length > 1, 'parts');
    assert.equal(reports.length, 1000, `from ${from}: parts prove nothing without the whole`);
  }
  const copy = one.copy();
  const more = await copy.send(scene.server.url, await copy.batch([...many, signIn('one-more')]));
  assert.deepEqual([more.status, more.code], [400, 'reports.batch']);
  await one.send(scene.server.url, await one.batch([signIn('last')]));
  assert.equal((await read(one, 1000)).reports.length, 1);
});

test('what a server alters or leaves out is not proven', async () => {
  const { view, keys } = await read(machine(0));
  const [first, second] = view.entries;
  assert.ok(first !== undefined && second !== undefined);
  const { to: size, frontier, checkpoint } = first.entry.input;
  const later = { size, frontier, checkpoint };
  const changed = structuredClone(view);
  Object(changed.entries[0]?.entry.events[0]).user = 'eve';
  const wrong: readonly (readonly [string, typeof view])[] = [
    ['a report altered', changed],
    ['a batch left out', { ...view, entries: [second] }],
    ['the last one cut', { ...view, entries: [first, { ...second, proof: [] }] }],
    ['a later start', { ...view, start: { ...view.start, size: 2, frontier: [] } }],
    ['what comes later', { ...view, start: later, entries: [second] }],
    ['another machine', { ...view, machine: 'web-2' }],
    ['another key', { ...view, logKey: machine(1).signer.verifier }],
  ];
  for (const [what, one] of wrong)
    await assert.rejects(verifyReports(one, keys), /not proven|not in the log|subtrees/, what);
  const stranger = { ...keys, log: machine(1).signer.verifier };
  await assert.rejects(verifyReports(view, stranger), { code: 'tlog.note-unverified' });
});

test('a machine set up anew reports by its new key; a retired one no more', async () => {
  const one = machine(7);
  await one.send(scene.server.url, await one.batch([signIn('ana')]));
  const anew = await Machine.make(one.id);
  const say = async (changes: object) => {
    const body = await machinesEntry(scene.contoso, scene.contoso.people.dana, changes);
    assert.equal((await scene.send('POST', '/v1/statements', { token, body })).status, 201);
  };
  const [log_key, previous] = [anew.signer.verifier, one.signer.verifier];
  await say({ enrol: [{ id: one.id, log_key, previous }] });
  assert.equal((await one.send(scene.server.url, await one.batch([signIn('ben')]))).status, 403);
  const first = await anew.send(scene.server.url, await anew.batch([signIn('chris')]));
  assert.deepEqual([first.status, first.size], [201, 1]);
  const old = await scene.send(
    'GET',
    `/v1/machines/${one.id}/reports?key=${encodeURIComponent(previous)}`,
    { token },
  );
  assert.equal((await old.json()).size, 1, 'the old journal is still there');
  await say({ retire: [one.id] });
  const gone = await anew.send(scene.server.url, await anew.batch([signIn('dora')]));
  assert.deepEqual([gone.status, gone.code], [403, 'reports.retired']);
});

test('after a restart everything is where it was', async () => {
  const one = machine(0);
  const before = await read(one);
  await scene.restart();
  token = await scene.token(scene.contoso.people.dana);
  const told = await one.send(scene.server.url, await one.batch([]));
  assert.deepEqual([told.status, told.size], [201, 4]);
  assert.deepEqual((await read(one)).reports, before.reports);
});

/** A server of its own with one machine, and what is done to its folder before the server starts. */
async function another(
  furnish: (root: string) => Promise<void>,
  work: (of: { readonly one: Machine; readonly other: Talking }) => Promise<void>,
): Promise<void> {
  const other = await talking([], ({ root }) => furnish(root));
  try {
    const mine = await other.token(other.contoso.people.dana);
    const { machines: made, entry } = await enrolling(other.contoso, 1);
    const said = await other.send('POST', '/v1/statements', { token: mine, body: entry });
    assert.equal(said.status, 201);
    for (const one of made) await work({ one, other });
  } finally {
    await other.end();
  }
}

test('reports give way where the disk has no more room than an emergency needs', async () => {
  const keepFree = async (root: string) => {
    const file = join(root, 'server.json');
    const settings = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(file, JSON.stringify({ ...settings, reports: { keepFree: 1 << 20 } }));
  };
  await another(keepFree, async ({ one, other }) => {
    const refused = await one.send(other.server.url, await one.batch([signIn('ana')]));
    assert.deepEqual([refused.status, refused.code], [507, 'reports.no-room']);
  });
});

test('a damaged journal of reports is said, and stops nothing else', async () => {
  const nothing = async () => undefined;
  await another(nothing, async ({ one, other }) => {
    const sent = await one.send(other.server.url, await one.batch(['ana', 'ben'].map(signIn)));
    assert.equal(sent.status, 201);
    const { root, people } = other.contoso;
    await other.server.stop();
    using database = new DatabaseSync(join(root, 'reports', 'journal.db'));
    database.exec('UPDATE entries SET bytes = CAST(replace(bytes, \'"ana"\', \'"eve"\') AS BLOB)');
    database.close();
    await other.restart();
    const refused = await one.send(other.server.url, await one.batch([signIn('chris')]));
    assert.deepEqual([refused.status, refused.code], [503, 'journal.corrupt']);
    const mine = await other.token(people.dana);
    const entry = await machinesEntry(other.contoso, people.dana, { retire: ['web-1'] });
    const said = await other.send('POST', '/v1/statements', { token: mine, body: entry });
    assert.equal(said.status, 201, 'the record goes on');
    assert.ok(
      other.log.some((line) => /journal of reports is closed: journal\.corrupt/.test(line)),
    );
  });
});
