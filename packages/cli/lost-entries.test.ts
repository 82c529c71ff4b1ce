/** A server is put back to an older copy: devices refuse it, two admins sign what is lost, and people go on knowingly. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type RunningServer, startServer } from '@halligan/server';
import { EXIT } from './exit-codes.ts';
import { PersonHome } from './person-home.ts';
import { foundPractice } from './practice/organisation.ts';
import { PEOPLE, personFolder } from './practice/people.ts';
import { recorded } from './tree/recorded.fixture.ts';

/** People's devices and the first server; what is put back lies beside it. */
const root = mkdtempSync(join(tmpdir(), 'halligan-lost-'));
const back = mkdtempSync(join(tmpdir(), 'halligan-back-'));
let server: RunningServer;

const as = (person: string, ...argv: readonly string[]) =>
  recorded([...argv, '--json'], {
    HALLIGAN_PERSON_HOME: personFolder(root, person),
    HALLIGAN_HOME: back,
  });

async function start(home: string): Promise<void> {
  server = await startServer(home, () => undefined, { level: 'error' });
  for (const id of Object.keys(PEOPLE))
    await (await PersonHome.open(personFolder(root, id))).learn({ url: server.url });
}

async function done(person: string, ...argv: readonly string[]) {
  const answer = await as(person, ...argv);
  assert.equal(answer.code, EXIT.ok, answer.said);
  return JSON.parse(answer.out.join('') || '{}');
}

async function refused(code: string, exit: number, person: string, ...argv: readonly string[]) {
  const answer = await as(person, ...argv);
  const { error } = JSON.parse(answer.out.join(''));
  assert.deepEqual([error.code, answer.code], [code, exit], answer.said);
  assert.ok(error.hint.length > 10);
  return error;
}

/** A change of the record: groups that no policy names yet are one admin's. */
let made = 0;
async function change(person: string): Promise<void> {
  made += 1;
  await done(person, 'person', 'group', `group-${made}`, 'ana', 'ben');
}

before(async () => {
  await foundPractice(root, 'x25519');
  await start(root);
  for (const person of ['ana', 'dana', 'raj', 'ben']) await done(person, 'journal', 'show');
  await server.stop();
  cpSync(root, back, { recursive: true });
  await start(root);
  for (const _ of [1, 2, 3]) await change('dana');
  await done('ana', 'journal', 'show');
  await change('dana');
  await done('dana', 'journal', 'show');
  await server.stop();
  await start(back);
});
after(async () => {
  await server.stop();
  rmSync(root, { recursive: true });
  rmSync(back, { recursive: true });
});

test('a device that saw more refuses, also once the server has grown again, and names the way out', async () => {
  const saw = await done('ana', 'backup', 'seen');
  const { message } = await refused('tlog.consistency', EXIT.verification, 'ana', 'obligations');
  assert.match(message, /shows a log of 1 entries; this device saw 4/);
  await change('raj');
  for (const _ of [1, 2, 3, 4]) await change('raj');
  const { message: forked, hint } = await refused(
    'tlog.consistency',
    EXIT.verification,
    'ana',
    'policy',
    'pending',
  );
  assert.match(forked, /another history than the 4 entries/);
  assert.match(hint, /work from a kit.*two admins sign what was lost/);
  await refused('tlog.consistency', EXIT.verification, 'ana', 'journal', 'accept-loss', '--yes');
  assert.deepEqual(await done('ana', 'backup', 'seen'), saw, 'nothing of it was remembered');
  // Who saw no more than was put back sees nothing strange.
  await done('ben', 'journal', 'show');
  await refused('cli.nothing-lost', EXIT.failed, 'ben', 'journal', 'accept-loss', '--yes');
});

test('two admins sign what is lost; who saw it is asked, and then everybody goes on', async () => {
  await done('raj', 'journal', 'new-key');
  const next = join(back, 'log-next.pub');
  const key = join(back, 'key.json');
  const replace = ['journal', 'replace-key', next, '--proposal', key];
  const { size, root: hash } = await done('dana', 'backup', 'seen');
  await refused('tlog.consistency', EXIT.verification, 'dana', ...replace);
  await refused('cli.usage', EXIT.usage, 'dana', ...replace, '--lost', 'everything');
  const ana = await done('ana', 'backup', 'seen');
  await refused('cli.lost', EXIT.failed, 'dana', ...replace, '--lost', `${ana.size}:${ana.root}`);
  const other = `${size}:${'ab'.repeat(32)}`;
  await refused('cli.lost', EXIT.failed, 'dana', ...replace, '--lost', other);
  await done('dana', ...replace, '--lost', `${size}:${hash}`);
  // One admin is one admin, and a device that saw more than is said signs nothing.
  await refused('log-key.two-admins', EXIT.denied, 'dana', 'journal', 'sign', key);
  await done('raj', 'journal', 'sign', key);
  await server.stop();
  await start(back);

  const { message, hint } = await refused(
    'evidence.entries-lost',
    EXIT.verification,
    'ana',
    'obligations',
  );
  assert.match(message, /^dana and raj signed that the log’s end, up to entry 4, is lost/);
  assert.match(hint, /halligan journal accept-loss/);
  await refused('cli.no-terminal', EXIT.usage, 'ana', 'journal', 'accept-loss');
  const accepted = await done('ana', 'journal', 'accept-loss', '--yes');
  assert.deepEqual(accepted.lost, ana);
  for (const person of ['ana', 'dana', 'raj', 'ben']) {
    const { origin, size: now } = await done(person, 'journal', 'show');
    assert.match(origin, /^localhost\/practice\/\d{14}$/);
    assert.ok(now >= accepted.seen.size);
  }
  await change('dana');
  await done('ana', 'obligations');
});
