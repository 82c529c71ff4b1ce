import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { openJournal } from '@halligan/journal';
import { generateNoteKey } from '@halligan/tlog';
import {
  DATA_VERSION,
  markData,
  PROGRAM_VERSION,
  requireKnownData,
  requireRestorable,
  type Upgrade,
  upgradeData,
} from './data-version.ts';
import { type ServerHome, serverHome } from './home.ts';
import type { Log } from './log/log.ts';

let home: ServerHome;
const lines: string[] = [];
const log: Log = (_level, part, message) => void lines.push(`${part}: ${message}`);

beforeEach(async () => {
  lines.length = 0;
  home = serverHome(await mkdtemp(join(tmpdir(), 'halligan-data-')));
  const { signer } = await generateNoteKey('log.example/data');
  await (await openJournal({ folder: home.journal, signer, ballast: 0 })).close();
  await mkdir(home.keys);
  await writeFile(join(home.keys, 'log.key'), signer);
  await writeFile(home.settingsFile, '{}');
});
afterEach(() => rm(home.root, { recursive: true, force: true }));

const read = (name: string) => readFile(join(home.root, name), 'utf8');

test('the program’s version is the repository’s', async () => {
  const manifest = await readFile(join(import.meta.dirname, '../../package.json'), 'utf8');
  assert.equal(JSON.parse(manifest).version, PROGRAM_VERSION);
});

test('data of a newer program is refused with the version that it needs, and nothing is changed', async () => {
  const newer = '{"data":99,"needs":"7.1.0","v":"halligan/data/v1"}';
  await writeFile(join(home.root, 'data-version.json'), newer);
  const refused = { code: 'server.newer-data', hint: /Use Halligan 7\.1\.0 or newer/ };
  await assert.rejects(requireKnownData(home), refused);
  await assert.rejects(upgradeData(home, log), refused);
  assert.throws(() => requireRestorable({ data: 99, program: '7.1.0' }), refused);
  assert.equal(await read('data-version.json'), newer);
  assert.ok(!existsSync(join(home.root, 'backups')));
  await writeFile(join(home.root, 'data-version.json'), 'not JSON');
  await assert.rejects(requireKnownData(home), { code: 'server.data-version' });
});

test('the first layout, which says no number, is brought to the present one once, after a copy', async () => {
  assert.equal(await requireKnownData(home), 1);
  await upgradeData(home, log);
  assert.equal(await requireKnownData(home), DATA_VERSION);
  const copy = join('backups', `before-data-${DATA_VERSION}`);
  assert.equal(await read(join(copy, 'keys', 'log.key')), await read('keys/log.key'));
  assert.ok(existsSync(join(home.root, copy, 'journal', 'journal.db')));
  assert.ok(!existsSync(join(home.root, copy, 'data-version.json')));
  lines.length = 0;
  await upgradeData(home, log);
  assert.deepEqual(lines, []);
});

test('an upgrade that is cut short goes on where it was, with the copy of before', async () => {
  let fails = true;
  const ran: number[] = [];
  const steps: readonly Upgrade[] = [1, 2, 3].map((from) => ({
    from,
    does: `step ${from}`,
    run: async () => {
      ran.push(from);
      await writeFile(home.settingsFile, `{"step":${from}}`);
      if (from === 2 && fails) throw new Error('the power went');
    },
  }));
  await assert.rejects(upgradeData(home, log, steps, 4), /the power went/);
  assert.deepEqual(ran, [1, 2]);
  fails = false;
  // A program that knows layout 4 finds layout 2.
  await upgradeData(home, log, steps, 4);
  assert.deepEqual(ran, [1, 2, 2, 3]);
  assert.equal(await read('backups/before-data-4/server.json'), '{}');
  assert.match(lines.join('\n'), /upgrade: step 3/);
});

test('a new home is marked, and needs no upgrade', async () => {
  await markData(home);
  await upgradeData(home, log);
  assert.deepEqual(lines, []);
});
