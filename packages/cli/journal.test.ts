import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type RunningServer, startServer } from '@halligan/server';
import { PersonHome } from './person-home.ts';
import { foundPractice } from './practice/organisation.ts';
import { PEOPLE, personFolder } from './practice/people.ts';
import { program } from './run.fixture.ts';

const root = mkdtempSync(join(tmpdir(), 'halligan-journal-'));
const pub = join(root, 'log.pub');
let server: RunningServer;

/** The program, as a person runs it. */
const as = (person: string, ...words: readonly string[]) =>
  program('halligan.ts', ['--json', '--no-input', ...words], {
    HALLIGAN_PERSON_HOME: personFolder(root, person),
  });
const onServer = (...words: readonly string[]) =>
  program('halligan.ts', words, { HALLIGAN_HOME: root });

before(async () => {
  await foundPractice(root, 'x25519');
  server = await startServer(root, () => undefined);
  for (const id of Object.keys(PEOPLE))
    await (await PersonHome.open(personFolder(root, id))).learn({ url: server.url });
});
after(async () => {
  await server.stop();
  rmSync(root, { recursive: true });
});

test('shows the log that the device proved', async () => {
  const { code, out, err } = await as('ana', 'journal', 'show');
  assert.equal(code, 0, err);
  const { size, cosigned } = JSON.parse(out);
  assert.deepEqual([size, cosigned], [1, null]);
});

test('proves an entry to whoever has log.pub', async () => {
  const out = join(root, 'entry.tlog-proof');
  const made = await as('raj', 'journal', 'proof', '0', '--out', out);
  assert.equal(made.code, 0, made.err);
  const verified = await program('halligan.ts', ['verify', out, '--trust', pub]);
  assert.equal(verified.code, 0, verified.out);
  assert.match(verified.out, /this is entry 0 of the log/);
  assert.equal((await program('halligan.ts', ['verify', out])).code, 2);
  writeFileSync(out, readFileSync(out, 'utf8').replace('index 0', 'index 1'));
  assert.equal((await program('halligan.ts', ['verify', out, '--trust', pub])).code, 5);
  assert.equal((await as('raj', 'journal', 'proof', '9', '--out', join(root, 'x'))).code, 2);
});

test('exports the log as tiles, which verify without it', async () => {
  const folder = join(root, 'tiles');
  const made = await as('raj', 'journal', 'export-tiles', folder);
  assert.equal(made.code, 0, made.err);
  const verified = await onServer('journal', 'verify', '--tiles', folder);
  assert.equal(verified.code, 0, verified.err);
  assert.match(verified.out, /^All 1 entries of localhost\/practice are what/);
  const tile = join(folder, 'tile', 'entries', '000.p', '1');
  writeFileSync(tile, readFileSync(tile).fill(0x20, 40, 41));
  const altered = await onServer('journal', 'verify', '--tiles', folder);
  assert.equal(altered.code, 5, altered.out);
});

test('only people with audit rights read the whole log', async () => {
  const { code, err } = await as('ana', 'journal', 'export-tiles', join(root, 'no'));
  assert.equal(code, 6, err);
});

test('two admins replace the log’s key, devices follow, and the old key is worth nothing', async () => {
  const [proposal, old] = [join(root, 'key.proposal'), readFileSync(pub, 'utf8').trim()];
  assert.equal((await onServer('journal', 'new-key')).code, 0);
  const next = join(root, 'log-next.pub');
  const proposed = await as('dana', 'journal', 'replace-key', next, '--proposal', proposal);
  assert.equal(proposed.code, 0, proposed.err);
  // One admin twice is one admin.
  assert.equal((await as('dana', 'journal', 'sign', proposal)).code, 6);
  const signed = await as('raj', 'journal', 'sign', proposal);
  assert.equal(signed.code, 0, signed.err);
  // Until it was started again, the server signs nothing more.
  const blocked = await as('raj', 'person', 'group', 'keyholders', 'ana', 'ben');
  assert.match(blocked.err, /server\.log-key-replaced/);
  await server.stop();
  server = await startServer(root, () => undefined);
  await (await PersonHome.open(personFolder(root, 'raj'))).learn({ url: server.url });
  await (await PersonHome.open(personFolder(root, 'ana'))).learn({ url: server.url });
  assert.equal(readFileSync(pub, 'utf8'), readFileSync(next, 'utf8'));
  const shown = await as('ana', 'journal', 'show');
  assert.equal(shown.code, 0, shown.err);
  assert.match(JSON.parse(shown.out).origin, /^localhost\/practice\/\d{14}$/);
  const grown = await as('raj', 'person', 'group', 'keyholders', 'ana', 'ben');
  assert.equal(grown.code, 0, grown.err);
  const { pins } = await PersonHome.open(personFolder(root, 'raj'));
  assert.equal(pins.log?.logKey, readFileSync(pub, 'utf8').trim());
  assert.equal(pins.logKey, old);
  const again = await as('raj', 'journal', 'export-tiles', join(root, 'tiles-2'));
  assert.equal(again.code, 0, again.err);
  // A start on the old keys, or without them, is a start like any other: nothing waits any more.
  await server.stop();
  server = await startServer(root, () => undefined);
});

test('verifies the data folder beside the running server', async () => {
  const { code, out, err } = await onServer('journal', 'verify');
  assert.equal(code, 0, err);
  assert.match(out, /^All \d+ entries of localhost\/practice/);
});
