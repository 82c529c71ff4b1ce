/** A server that dies in the middle of an opening, and goes on elsewhere: from its backup, by a quorum. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { emergencyById } from '@halligan/procedure';
import { formatBatch, formatReport, type Head, signBatch } from '@halligan/reports';
import { startServer } from '@halligan/server';
import { generateNoteKey, type NoteSigner, noteSigner } from '@halligan/tlog';
import { type LiveOpening, liveOpening } from '../live-opening.fixture.ts';
import { PersonHome } from '../person-home.ts';
import { PEOPLE, personFolder } from '../practice/people.ts';
import { filesBelow } from '../practice-home.fixture.ts';
import { type Ended, program } from '../run.fixture.ts';

let scene: LiveOpening;
let folder: string;
let machine: NoteSigner;
let known: Head = { size: 0, frontier: [], checkpoint: null };

/** The machine has one thing more to report. @returns how much of it the server has then */
async function report(url: string): Promise<unknown> {
  const at = '2026-03-02T15:02:00.000Z';
  const stopped = formatReport({ v: 'halligan/report/v1', at, kind: 'stopped' });
  const { batch, head } = await signBatch(known, [stopped], machine);
  const answer = await fetch(new URL('/v1/machines/web-1/reports', url), {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: new Uint8Array(formatBatch(batch)),
  });
  const said = Object(await answer.json());
  // The journal is not open yet: the server has waited some seconds for it.
  if (said.code === 'reports.closed') return report(url);
  if (answer.status === 201) known = head;
  return said.size;
}

before(async () => {
  scene = await liveOpening();
  folder = await mkdtemp(join(tmpdir(), 'halligan-backup-'));
  const { signer, verifier } = await generateNoteKey('practice/machines/web-1');
  writeFileSync(file('web-1.pub'), verifier);
  const added = await as('raj', 'machine', 'add', 'web-1', '--log-key', file('web-1.pub'));
  assert.equal(added.code, 0, added.err);
  machine = await noteSigner(signer);
  assert.equal(await report(scene.server.url), 1);
});
after(async () => {
  await scene.end();
  await rm(folder, { recursive: true, force: true });
});

const file = (name: string) => join(folder, name);

/** One command of one person, on their own device. */
function as(person: string, ...parameters: readonly string[]): Promise<Ended> {
  return program('halligan.ts', ['--json', ...parameters], {
    HALLIGAN_PERSON_HOME: personFolder(scene.root, person),
  });
}

function onServer(home: string, ...parameters: readonly string[]): Promise<Ended> {
  return program('halligan.ts', parameters, { HALLIGAN_HOME: home });
}

function refused(answer: Ended, code: string): void {
  assert.match(answer.err, new RegExp(`\\[${RegExp.escape(code)}\\]\nhint: .+`), answer.err);
  assert.notEqual(answer.code, 0);
}

test('a backup is made while the server runs, is whole, and holds no key in the clear', async () => {
  const made = await onServer(scene.root, 'backup', 'create', '--out', file('backup'));
  assert.equal(made.code, 0, made.err);
  refused(await onServer(scene.root, 'backup', 'create', '--out', file('backup')), 'backup.target');
  const whole = await onServer(scene.root, 'backup', 'verify', file('backup'));
  assert.equal(whole.code, 0, whole.err);
  assert.match(whole.out, /Its keys open by: offline\./);
  const secrets = filesBelow(join(scene.root, 'keys'))
    .filter((path) => /\.key$/.test(path))
    .map((path) => readFileSync(path, 'latin1').trim());
  assert.ok(secrets.length >= 6);
  for (const path of filesBelow(file('backup'))) {
    const bytes = readFileSync(path, 'latin1');
    for (const secret of secrets) assert.ok(!bytes.includes(secret), path);
  }
});

test('a file that changed, is missing or was added is named', async () => {
  const names = ['log.pub', 'journal/journal.db', 'keys.age', 'server.json'];
  for (const name of names) {
    await cp(file('backup'), file('spoilt'), { recursive: true });
    const path = join(file('spoilt'), name);
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.with(bytes.length >> 1, (bytes[bytes.length >> 1] ?? 0) ^ 1));
    const changed = await onServer(scene.root, 'backup', 'verify', file('spoilt'));
    refused(changed, 'backup.damaged');
    assert.ok(changed.err.includes(name));
    await rm(path);
    refused(await onServer(scene.root, 'backup', 'verify', file('spoilt')), 'backup.damaged');
    await rm(file('spoilt'), { recursive: true });
  }
  await cp(file('backup'), file('spoilt'), { recursive: true });
  writeFileSync(file('spoilt/more'), 'more');
  refused(await onServer(scene.root, 'backup', 'verify', file('spoilt')), 'backup.damaged');
  await rm(file('spoilt/backup.json'));
  refused(await onServer(scene.root, 'backup', 'verify', file('spoilt')), 'backup.none');
});

test('it goes on elsewhere: a quorum gives the keys, no device is left behind, the opening is finished', async () => {
  const request = file('request.json');
  const unknown = await as(
    'ana',
    'backup',
    'request',
    file('backup'),
    '--path',
    'standard',
    '--out',
    request,
  );
  refused(unknown, 'backup.path');
  const asked = await as('ana', 'backup', 'request', file('backup'), '--out', request);
  assert.equal(asked.code, 0, asked.err);
  const words: string = JSON.parse(asked.out).checkWords.join(' ');
  const release = (person: string, said = words) =>
    as(person, 'backup', 'release', request, '--out', file(`${person}.release`), '--words', said);
  refused(await release('ben', 'academic acid acne acquire'), 'cli.check-words');
  refused(await release('raj', words.replace(/^\w+/, 'academic')), 'cli.check-words');
  for (const person of ['ana', 'ben', 'dana']) {
    const given = await release(person);
    assert.equal(given.code, 0, given.err);
  }

  const target = file('restored');
  const seen = JSON.parse((await as('dana', 'backup', 'seen')).out);
  const restore = (people: readonly string[], ...more: readonly string[]) =>
    as(
      'ana',
      ...['backup', 'restore', file('backup'), '--request', request, '--home', target],
      ...['--release', ...people.map((person) => file(`${person}.release`))],
      ...more,
    );
  const everyone = ['ana', 'ben', 'dana'];
  const checkpoint = `${seen.size}:${seen.root}`;
  refused(await restore(['ana', 'dana'], '--seen', checkpoint), 'seal.too-few');
  refused(await restore(everyone, '--seen', `${seen.size + 1000}:${seen.root}`), 'backup.behind');
  refused(await restore(everyone, '--seen', `2:${'0'.repeat(64)}`), 'backup.forked');
  refused(await restore(everyone, '--seen', 'yesterday'), 'cli.usage');
  await assert.rejects(readdir(target), { code: 'ENOENT' });

  await scene.server.stop();
  // A device that nobody asked saw more; where there is no newer backup, two admins sign that it is lost.
  const more = { size: seen.size + 1000, root: seen.root };
  const ahead = `${more.size}:${more.root}`;
  const done = await restore(everyone, '--seen', checkpoint, '--seen', ahead, '--lost');
  assert.equal(done.code, 0, done.err);
  assert.deepEqual(JSON.parse(done.out).lost, more);
  refused(await restore(everyone, '--seen', checkpoint), 'cli.no-one-time');

  const restored = await startServer(target, () => undefined);
  try {
    for (const id of Object.keys(PEOPLE))
      await (await PersonHome.open(personFolder(scene.root, id))).learn({ url: restored.url });
    const check = ['--check-words', scene.checkWords.join(' ')];
    for (const person of ['ana', 'ben']) {
      const given = await as(person, 'emergency', 'release', scene.emergency, ...check);
      assert.equal(given.code, 0, given.err);
    }
    await restored.settled();
    // The server's own share came from its restored releaser.
    const { state } = restored.parts.leader;
    assert.equal(await report(restored.url), 2, 'the machine goes on where it was');
    const [opening] = emergencyById(state, scene.emergency)?.openings ?? [];
    assert.notEqual(opening?.quorumAt, undefined);
    const signedIn = await as('ana', 'emergency', 'sign-in', scene.emergency);
    assert.equal(signedIn.code, 0, signedIn.err);
  } finally {
    await restored.stop();
  }
});
