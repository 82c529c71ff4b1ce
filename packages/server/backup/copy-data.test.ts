/** A data folder is copied while its server writes: what is on its way, or goes away meanwhile, stops no backup. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { utf8 } from '@halligan/format';
import { openJournal } from '@halligan/journal';
import { generateNoteKey } from '@halligan/tlog';
import { Outbox } from '../alerts/outbox.ts';
import { SAMPLE } from '../alerts/receivers.fixture.ts';
import { makeHome, serverHome } from '../home.ts';
import { copyData } from './copy-data.ts';

const ON_ITS_WAY = '.kits.json.c57b7051db6f9f22.new';

let folder: string;
let root: string;
let target: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'halligan-copy-'));
  root = join(folder, 'home');
  target = join(folder, 'copy');
  const home = serverHome(root);
  await makeHome(home);
  const { signer } = await generateNoteKey('contoso.example/halligan');
  await (await openJournal({ folder: home.journal, signer, create: true })).close();
});
afterEach(() => rm(folder, { recursive: true }));

test('what is unfinished stays behind, wherever it lies', async () => {
  await writeFile(join(root, 'kits.json'), '{}');
  for (const at of ['.', 'blobs', 'seals']) await writeFile(join(root, at, ON_ITS_WAY), 'half');
  await copyData(serverHome(root), target);
  const copied = await readdir(target, { recursive: true });
  assert.ok(copied.includes('kits.json'));
  assert.deepEqual(
    copied.filter((name) => name.endsWith('.new')),
    [],
  );
});

test('files that go away meanwhile stop no copy, and each that is there is whole', async () => {
  const paths = Array.from({ length: 300 }, (_, n) => join(root, 'blobs', `${n}`));
  const bytes = utf8('a'.repeat(4096));
  for (const path of paths) await writeFile(path, bytes);
  let isOver = false;
  const copying = copyData(serverHome(root), target).finally(() => {
    isOver = true;
  });
  const isThere = () =>
    existsSync(join(target, 'blobs')) && readdirSync(join(target, 'blobs')).length > 0;
  while (!isOver && !isThere()) await setImmediate();
  for (const path of paths) rmSync(path);
  await copying;
  const copied = await readdir(join(target, 'blobs'));
  assert.ok(copied.length < paths.length);
  for (const name of copied)
    assert.deepEqual(new Uint8Array(await readFile(join(target, 'blobs', name))), bytes);
});

test('a folder that is not there now is an error, not a backup without it', async () => {
  await rm(join(root, 'seals'), { recursive: true });
  await symlink(join(folder, 'not-mounted'), join(root, 'seals'));
  await assert.rejects(copyData(serverHome(root), target), { code: 'ENOENT' });
});

test('the outbox is copied as it stands, also what its log alone holds yet', async () => {
  const { outbox } = serverHome(root);
  const box = new Outbox(outbox, 0);
  box.takeIn([{ alert: { ...SAMPLE, id: 'on-its-way' }, sinks: ['mail'] }], 3, 0);
  await copyData(serverHome(root), target);
  box.close();
  assert.deepEqual(await readdir(join(target, 'outbox')), ['outbox.db']);
  const copy = new Outbox(join(target, 'outbox'), 0);
  assert.equal(copy.place, 3);
  assert.equal(copy.nextFor('mail', 0)?.alert.id, 'on-its-way');
  copy.close();
});

test('a damaged outbox is named, with what to do', async () => {
  await writeFile(join(root, 'outbox', 'outbox.db'), 'no database');
  await assert.rejects(copyData(serverHome(root), target), { code: 'alert.outbox' });
});
