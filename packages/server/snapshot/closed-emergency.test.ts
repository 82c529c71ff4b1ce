/** What a snapshot leaves on disk is there when somebody asks for it, and nothing is folded otherwise. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { groupOf } from '@halligan/evidence';
import { canonicalText, utf8 } from '@halligan/format';
import {
  allEmergencies,
  dueEffects,
  EMPTY,
  evolve,
  isOpen,
  obligations,
  type State,
} from '@halligan/procedure';
import { leafHash, MemoryTree } from '@halligan/tlog';
import { measured } from '../metrics/metrics.ts';
import { digestOfFolded, type Snapshot, snapshotKey, snapshotPieces } from './snapshot.ts';
import { SnapshotFile } from './snapshot-file.ts';

const GOLDEN = join(import.meta.dirname, '../../evidence/golden/0.1-every-event.jsonl');
const MAKER = { code: 'this', key: snapshotKey('PRIVATE+KEY+test') };

let folder = '';
let lines: readonly Uint8Array[] = [];
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'halligan-closed-'));
  lines = (await readFile(GOLDEN, 'utf8')).trimEnd().split('\n').map(utf8);
});
after(() => rm(folder, { recursive: true }));

const file = () => join(folder, 'snapshot');

function eventsOf(index: number) {
  return groupOf(index, lines[index] ?? new Uint8Array()).events;
}

/** Some years of an organisation, up to one entry, or from one state on. */
function folded(from: number, to: number, before: State = EMPTY): State {
  let state = before;
  for (let index = from; index < to; index += 1) state = eventsOf(index).reduce(evolve, state);
  return state;
}

async function write(size: number, state: State): Promise<void> {
  const tree = new MemoryTree(lines.slice(0, size).map(leafHash));
  const streams = new Map([['organisation', [0, size - 1]]]);
  const last = '2026-11-27T00:00:00Z';
  const node = (level: number, index: number) => tree.node(level, index);
  const pieces = snapshotPieces({ size, last, state, streams }, node, MAKER);
  await writeFile(file(), Buffer.concat(await Array.fromAsync(pieces)));
}

/** Whatever the order of its members. */
function textOf(state: State): string {
  return canonicalText(JSON.parse(JSON.stringify(state)));
}

/** @param use while the file is open */
async function reading(use: (snapshot: Snapshot) => void): Promise<void> {
  const open = SnapshotFile.open(file());
  try {
    use(open.read(MAKER) ?? assert.fail('it is not believed'));
  } finally {
    open.close();
  }
}

test('from wherever it is gone on, it comes to the same state and digest', async () => {
  const whole = textOf(folded(0, lines.length));
  for (let size = 1; size <= lines.length; size += 13) {
    const state = folded(0, size);
    await write(size, state);
    await reading((snapshot) => {
      assert.equal(textOf(snapshot.state), textOf(state));
      assert.equal(snapshot.digest, digestOfFolded({ ...snapshot, state }));
      assert.equal(textOf(folded(size, lines.length, snapshot.state)), whole);
    });
  }
});

test('one that was written from what another left on disk is the same, byte for byte', async () => {
  await write(lines.length, folded(0, lines.length));
  const first = await readFile(file());
  const open = SnapshotFile.open(file());
  try {
    const { state } = open.read(MAKER) ?? assert.fail('it is not believed');
    await write(lines.length, state);
    assert.deepEqual(await readFile(file()), first);
  } finally {
    open.close();
  }
});

test('what is asked of every emergency, all the time, reads none of the closed ones', async () => {
  const state = folded(0, lines.length);
  assert.ok(allEmergencies(state).every((one) => !isOpen(one)));
  await write(lines.length, state);
  const now = '2027-06-01T00:00:00Z';
  const asked = (of: State) =>
    JSON.stringify([dueEffects(of, now), obligations(of, now), measured(of, 1, now)]);
  const expected = asked(state);
  const open = SnapshotFile.open(file());
  const snapshot = open.read(MAKER) ?? assert.fail('it is not believed');
  open.close();
  // Reading from a file that is closed would throw.
  assert.equal(asked(snapshot.state), expected);
});

test('what was changed on disk since the start is not believed', async () => {
  await write(lines.length, folded(0, lines.length));
  const bytes = await readFile(file());
  await reading(({ state }) => {
    bytes.write('9', bytes.indexOf('"by":"') + 6);
    // The same file: a rename would leave the one that is open as it was.
    writeFileSync(file(), bytes, { flag: 'r+' });
    assert.throws(() => allEmergencies(state).map((each) => ({ ...each })), {
      code: 'server.snapshot-changed',
    });
  });
});
