/** A server that dies while it writes a snapshot, or while one is being checked behind its start, loses nothing. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { addSystem, type Contoso, contoso, upon } from '../contoso.fixture.ts';
import { startServer } from '../start.ts';

let organisation: Contoso;
let systems = 0;
before(async () => {
  organisation = await contoso();
});
after(() => organisation.remove());
beforeEach(() => rm(snapshots(), { recursive: true, force: true }));

const snapshots = () => join(organisation.root, 'snapshots');

/** Starts it, adds a system, and stops it with a snapshot of all it has. @returns its state, as JSON, and its log */
async function works(): Promise<{ readonly state: string; readonly log: string }> {
  const log: string[] = [];
  const server = await startServer(organisation.root, (line) => void log.push(line), {
    snapshotFrom: 4,
  });
  await server.settled();
  const answer = await fetch(new URL('/healthz', server.url));
  assert.equal(Object(await answer.json()).verified, true);
  const { leader } = server.parts;
  for (let at = 0; at < 3; at += 1) {
    systems += 1;
    await leader.submit(
      await addSystem(organisation.people.raj, `system-${systems}`, upon(leader)),
    );
  }
  const state = JSON.stringify(leader.state.systems);
  await server.stop();
  return { state, log: log.join('\n') };
}

/** Runs a server until it is dead. */
async function dies(moment: 'writing' | 'verifying'): Promise<void> {
  const script = join(import.meta.dirname, 'dying.fixture.ts');
  const child = spawn(process.execPath, [script, organisation.root, moment], {
    env: {},
    stdio: 'ignore',
  });
  const [, signal] = await once(child, 'exit');
  assert.equal(signal, 'SIGKILL');
}

test('killed while it writes the first snapshot: half of one is left, is not used, and is removed', async () => {
  await works();
  await rm(snapshots(), { recursive: true });
  await dies('writing');
  assert.ok((await readdir(snapshots())).every((name) => name !== 'latest'));
  const { log } = await works();
  assert.doesNotMatch(log, /it is damaged/);
  assert.deepEqual(await readdir(snapshots()), ['latest']);
});

test('killed while it writes another one: the older one is whole, and is gone on from', async () => {
  await works();
  const older = await readFile(join(snapshots(), 'latest'));
  const { state } = await works();
  // The record has grown since: the next start writes another one.
  await writeFile(join(snapshots(), 'latest'), older);
  await dies('writing');
  assert.deepEqual(await readFile(join(snapshots(), 'latest')), older);
  const { state: later, log } = await works();
  assert.ok(later.startsWith(state.slice(0, -1)));
  assert.match(log, /the whole record is verified/);
});

test('killed again and again while the record is verified: nothing is lost, and nothing is refused', async () => {
  const { state } = await works();
  for (let turn = 0; turn < 3; turn += 1) await dies('verifying');
  const { state: later, log } = await works();
  assert.ok(later.startsWith(state.slice(0, -1)));
  assert.match(log, /the whole record is verified/);
  assert.deepEqual(await readdir(snapshots()), ['latest']);
});
