/** A start from a snapshot: what it believes, what it goes on to verify, and what an adversary makes of it. */
import assert from 'node:assert/strict';
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, afterEach, before, suite, test } from 'node:test';
import { addSystem, type Contoso, contoso, upon } from '../contoso.fixture.ts';
import { type RunningServer, startServer } from '../start.ts';
import { foldingCode } from './folding-code.ts';
import { snapshotFile } from './keeper.ts';
import { digestOfFolded, type Snapshot, snapshotKey, snapshotPieces } from './snapshot.ts';
import { SnapshotFile } from './snapshot-file.ts';

let organisation: Contoso;
let running: RunningServer | undefined;
const log: string[] = [];
let systems = 0;

before(async () => {
  organisation = await contoso();
});
after(() => organisation.remove());
afterEach(async () => {
  await running?.stop();
  running = undefined;
});

const file = () => snapshotFile({ root: organisation.root });
const database = () => join(organisation.root, 'journal', 'journal.db');

async function start(): Promise<RunningServer> {
  log.length = 0;
  running = await startServer(organisation.root, (line) => void log.push(line), {
    snapshotFrom: 4,
  });
  return running;
}

async function stop(): Promise<void> {
  await running?.stop();
  running = undefined;
}

/** Entries that the record grows by; the state has one more system for each. */
async function grow(server: RunningServer, entries: number): Promise<void> {
  for (let at = 0; at < entries; at += 1) {
    const { leader } = server.parts;
    systems += 1;
    const outcome = await leader.submit(
      await addSystem(organisation.people.raj, `system-${systems}`, upon(leader)),
    );
    assert.ok('events' in outcome, JSON.stringify(outcome));
  }
}

/** A server that was stopped with a snapshot of all it has. */
async function stoppedWithSnapshot(): Promise<void> {
  await rm(file(), { force: true });
  await grow(await start(), 5);
  await stop();
}

async function about() {
  const signer = (await readFile(join(organisation.root, 'keys', 'log.key'), 'utf8')).trim();
  return { code: foldingCode(), key: snapshotKey(signer) };
}

/** What a server would start from. */
async function snapshotThere(): Promise<Snapshot> {
  const open = SnapshotFile.open(file());
  const snapshot = open.read(await about());
  open.close();
  return snapshot ?? assert.fail('it is not believed');
}

async function write(
  snapshot: Snapshot,
  by: { readonly code: string; readonly key: Uint8Array },
): Promise<void> {
  const node = (level: number, index: number) => snapshot.tree.node(level, index);
  await writeFile(file(), Buffer.concat(await Array.fromAsync(snapshotPieces(snapshot, node, by))));
}

const verified = async (server: RunningServer) => {
  const answer = await fetch(new URL('/healthz', server.url));
  return Object(await answer.json()).verified;
};

test('a start from a snapshot comes to the same state, and verifies the rest behind it', async () => {
  await stoppedWithSnapshot();
  await snapshotThere();
  const server = await start();
  assert.equal(await verified(server), false, 'nothing was verified but the end');
  await server.settled();
  assert.equal(await verified(server), true);
  assert.match(log.join('\n'), /the whole record is verified/);
  await grow(server, 2);
  const { state, last } = server.parts.leader.folded() ?? assert.fail('a commit is half taken in');
  const text = JSON.stringify(state);
  await stop();
  await rm(file());
  const again = (await start()).parts.leader.folded() ?? assert.fail('a commit is half taken in');
  assert.equal(text, JSON.stringify(again.state));
  assert.equal(last, again.last);
});

suite('is not believed, and everything is verified first,', () => {
  const damaged: Readonly<Record<string, (bytes: Buffer) => Uint8Array>> = {
    'where one byte was edited': (bytes) => {
      bytes.write('B', bytes.indexOf('system-1'));
      return bytes;
    },
    'where it was cut short': (bytes) => bytes.subarray(0, bytes.length - 1),
    'where only its beginning is there': (bytes) => bytes.subarray(0, 20),
    'where it is empty': () => new Uint8Array(),
  };
  for (const [how, damage] of Object.entries(damaged))
    test(how, async () => {
      await stoppedWithSnapshot();
      await writeFile(file(), damage(await readFile(file())));
      await startsWhole();
    });

  test('where another log’s key made it', async () => {
    const other = await contoso();
    try {
      await stoppedWithSnapshot();
      const { code } = await about();
      const key = snapshotKey(await readFile(join(other.root, 'keys', 'log.key'), 'utf8'));
      await write(await snapshotThere(), { code, key });
      await startsWhole();
    } finally {
      await other.remove();
    }
  });

  test('where other rules folded it', async () => {
    await stoppedWithSnapshot();
    const { key } = await about();
    await write(await snapshotThere(), { code: 'later', key });
    await startsWhole();
  });

  async function startsWhole(): Promise<void> {
    const server = await start();
    assert.equal(await verified(server), true);
    assert.match(log.join('\n'), /the whole record is verified first/);
    assert.ok(`system-${systems}` in server.parts.leader.state.systems);
  }
});

test('an older one is gone on from', async () => {
  await stoppedWithSnapshot();
  const old = `${file()}.old`;
  await copyFile(file(), old);
  await grow(await start(), 3);
  await running?.settled();
  await stop();
  await copyFile(old, file());
  const server = await start();
  assert.equal(await verified(server), false);
  assert.ok(`system-${systems}` in server.parts.leader.state.systems);
  await server.settled();
  assert.equal(await verified(server), true);
});

test('what a kill left of another one is removed', async () => {
  await stoppedWithSnapshot();
  const half = join(organisation.root, 'snapshots', '.latest.0123456789abcdef.new');
  await writeFile(half, 'half');
  const server = await start();
  await server.settled();
  await grow(server, 1);
  await stop();
  await assert.rejects(readFile(half), { code: 'ENOENT' });
});

suite('a journal', () => {
  test('that is older than the snapshot was put back: the server does not start', async () => {
    await stoppedWithSnapshot();
    const copy = `${database()}.copy`;
    await copyFile(database(), copy);
    await grow(await start(), 3);
    await running?.settled();
    await stop();
    const newest = `${database()}.newest`;
    await copyFile(database(), newest);
    await copyFile(copy, database());
    await assert.rejects(start(), { code: 'journal.rolled-back' });
    await copyFile(newest, database());
    await start();
  });

  test('whose early entry was edited serves nothing of it, acts on nothing, and stops the server', async () => {
    await stoppedWithSnapshot();
    const before = `${database()}.whole`;
    await copyFile(database(), before);
    edit(
      "UPDATE entries SET bytes = CAST(replace(CAST(bytes AS TEXT), 'directory', 'directorz') AS BLOB) WHERE entry = 2",
    );
    const server = await start();
    await assert.rejects(Array.fromAsync(server.parts.leader.groups(0)), {
      code: 'journal.corrupt',
    });
    assert.equal((await server.failed).code, 'journal.corrupt');
    assert.equal(await verified(server), false);
    assert.match(log.join('\n'), /the server stops: journal.corrupt/);
    await stop();
    await assert.rejects(start(), { code: 'journal.corrupt' });
    await copyFile(before, database());
    await start();
  });

  test('that says something else than a snapshot made with the log’s own key stops the server', async () => {
    await stoppedWithSnapshot();
    const snapshot = await snapshotThere();
    await write({ ...snapshot, state: { ...snapshot.state, systems: {} } }, await about());
    const server = await start();
    assert.equal((await server.failed).code, 'server.snapshot');
    await stop();
    const again = await start();
    assert.equal(await verified(again), true);
    assert.ok(`system-${systems}` in again.parts.leader.state.systems);
  });

  function edit(statement: string): void {
    using open = new DatabaseSync(database());
    open.exec(statement);
  }
});

test('the digest of a state does not depend on the order of its members', async () => {
  await stoppedWithSnapshot();
  const snapshot = await snapshotThere();
  const { state } = snapshot;
  const turned = Object.fromEntries(Object.entries(state.systems).reverse());
  const other = { ...snapshot, state: { ...state, systems: turned } };
  assert.equal(digestOfFolded(other), snapshot.digest);
});
