import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { type CosignedCheckpoint, cosignedOf, verifyCosigned } from '@halligan/evidence';
import { EMPTY, parsePolicy, type State } from '@halligan/procedure';
import { generateNoteKey } from '@halligan/tlog';
import { startCosigner } from '../cosigner/serve.ts';
import { type WatchedLog, watchedLog } from '../cosigner/watched-log.fixture.ts';
import type { Level } from '../log/log.ts';
import { Cosigning } from './cosigning.ts';

let folder: string;
let log: WatchedLog & { fork: (size: number) => WatchedLog };
const cleanUp: (() => Promise<void>)[] = [];
const logged: string[] = [];
const levels: Level[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'halligan-cosigning-'));
  log = await watchedLog();
  log.grow(3);
  logged.length = 0;
  levels.length = 0;
});
afterEach(async () => {
  for (const clean of cleanUp.splice(0).reverse()) await clean();
  await rm(folder, { recursive: true, force: true });
});

/** A cosigner of the log. */
async function cosigner(name: string) {
  const running = await startCosigner({
    home: join(folder, name),
    name,
    logKeys: [log.logKey],
    host: '127.0.0.1',
    port: 0,
  });
  cleanUp.push(() => running.stop());
  return running;
}

/** Something at an address that is no cosigner. */
async function impostor(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  cleanUp.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return typeof address === 'object' ? `http://127.0.0.1:${address?.port}` : '';
}

function stateWith(need: number, of: readonly string[]): State {
  const policy = parsePolicy(
    JSON.stringify({
      organisation: 'contoso',
      owner: 'raj',
      approvers: { first: ['dana'] },
      quorums: { first: { standard: ['2 of keyholders'] } },
      cosigners: { need, of },
    }),
  );
  return { ...EMPTY, policy: 'p', policies: { p: policy } };
}

/** The server's side, over a log that a test grows. */
async function cosigning(
  urls: readonly string[],
  need: number,
  of: readonly string[],
  over: WatchedLog = log,
): Promise<Cosigning> {
  const checkpoint = async () => ({
    size: over.tree.size,
    root: over.tree.root(),
    note: await over.note(),
  });
  const one = await Cosigning.open({
    home: { root: folder },
    settings: { cosigners: urls.map((url) => ({ url })) },
    leader: {
      state: stateWith(need, of),
      leaving: checkpoint,
      checkpoint: () => ({ size: over.tree.size, root: over.tree.root(), note: '' }),
      consistencyProof: (from, to) => over.tree.consistencyProof(from, to),
    },
    log: (level, _part, message, about) => {
      logged.push(`cosigner ${about?.cosigner}: ${message}`);
      levels.push(level);
    },
    pace: { every: 10, patience: 30_000, longestWait: 20 },
  });
  cleanUp.push(() => one.stop());
  return one;
}

/** What a device would be shown of the log as it is. */
async function shown(one: Cosigning): Promise<CosignedCheckpoint | undefined> {
  const transcript = { v: 'halligan/transcript/v1', checkpoint: await log.note(), entries: [] };
  return one.besides({ transcript, consistency: [] }).cosigned;
}

async function proven(one: Cosigning, need: number, of: readonly string[]) {
  const cosigned = cosignedOf(await shown(one));
  const anchor = { origin: log.origin, size: log.tree.size, root: log.tree.root() };
  return verifyCosigned(cosigned, log.logKey, anchor, { need, of });
}

test('what cosigners signed proves itself to whoever sees the log later', async () => {
  const [ada, bob] = [await cosigner('ada.example'), await cosigner('bob.example')];
  const of = [...ada.verifiers, ...bob.verifiers];
  const one = await cosigning([ada.url, bob.url], 2, of);
  await one.covering(3, 30_000);
  log.grow(300);
  const { size, by, isEnough } = await proven(one, 2, of);
  assert.deepEqual(
    [size, by.map(({ name }) => name), isEnough],
    [3, ['ada.example', 'bob.example'], true],
  );
  await one.covering(303, 30_000);
  assert.equal((await proven(one, 2, of)).size, 303);
  assert.equal((await proven(one, 3, of)).isEnough, false);
  assert.deepEqual(logged, []);
});

test('the next start goes on from what was written down, or without it', async () => {
  const ada = await cosigner('ada.example');
  const first = await cosigning([ada.url], 1, ada.verifiers);
  await first.covering(3, 30_000);
  await first.stop();
  assert.equal((await shown(await cosigning([], 1, ada.verifiers)))?.proof.length, 0);
  // The cosigner knows its size better than a server that lost the file.
  await rm(join(folder, 'cosigned.note'));
  log.grow(2);
  const again = await cosigning([ada.url], 1, ada.verifiers);
  assert.equal(await shown(again), undefined);
  await again.covering(5, 30_000);
  assert.equal((await proven(again, 1, ada.verifiers)).size, 5);
});

test('after each change it asks by itself, and soon', async () => {
  const ada = await cosigner('ada.example');
  const one = await cosigning([ada.url], 1, ada.verifiers);
  one.look();
  // Only a round that `look` began can end this: what covers nothing waits for nobody.
  while ((await shown(one)) === undefined) await new Promise((resolve) => setImmediate(resolve));
  assert.equal((await proven(one, 1, ada.verifiers)).size, 3);
});

test('a cosigner that hangs or lies takes nothing from the others', async () => {
  const ada = await cosigner('ada.example');
  const stranger = await generateNoteKey('ada.example', 'cosignature');
  const urls = [
    await impostor(() => undefined),
    await impostor((_request, response) => response.end('not a signature')),
    await impostor((_request, response) => response.end('x'.repeat(1 << 20))),
    await impostor((_request, response) => void response.writeHead(429).end()),
    await impostor((_request, response) =>
      response.writeHead(409, { 'content-type': 'text/x.tlog.size' }).end('1\n'),
    ),
    await impostor((_request, response) => response.writeHead(409).end('-1\n')),
    await impostor((_request, response) =>
      response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end(),
    ),
    await impostor((_request, response) =>
      response.end(`— ada.example ${Buffer.from(stranger.verifier).toString('base64')}\n`),
    ),
    'http://127.0.0.1:9',
    ada.url,
  ];
  const one = await cosigning(urls, 1, ada.verifiers);
  await one.covering(3, 30_000);
  assert.equal((await proven(one, 1, ada.verifiers)).by.length, 1);
  assert.ok(logged.length >= 7, logged.join('\n'));
  assert.ok(
    logged.every((line) => /^cosigner http:\/\/127\.0\.0\.1:\d+: cosigner|tlog\./.test(line)),
  );
});

test('a cosignature by another key under the same name counts for nothing', async () => {
  const [ada, bob] = [await cosigner('ada.example'), await cosigner('bob.example')];
  const one = await cosigning([bob.url], 1, ada.verifiers);
  await one.covering(3, 30_000);
  assert.equal(await shown(one), undefined);
  assert.match(logged[0] ?? '', /a key that the policy does not name/);
});

test('a server that was rolled back is told so by its cosigner', async () => {
  const ada = await cosigner('ada.example');
  log.grow(5);
  await (await cosigning([ada.url], 1, ada.verifiers)).covering(8, 30_000);
  const before = log.fork(4);
  await rm(join(folder, 'cosigned.note'));
  const one = await cosigning([ada.url], 1, ada.verifiers, before);
  await one.covering(4, 30_000);
  assert.match(logged[0] ?? '', /cosigner\.saw-more: It has seen 8 entries; this log has 4\./);
  assert.equal(levels[0], 'error');
});

test('a log that was rolled back and went on is told so by its cosigner, at whatever size', async () => {
  const ada = await cosigner('ada.example');
  log.grow(5);
  await (await cosigning([ada.url], 1, ada.verifiers)).covering(8, 30_000);
  const file = join(folder, 'cosigned.note');
  const cosigned = await readFile(file);
  const other = log.fork(4);
  other.grow(4, 'another');
  for (const { size, remembers } of [
    { size: 8, remembers: false },
    { size: 10, remembers: false },
    { size: 10, remembers: true },
  ]) {
    other.grow(size - other.tree.size, 'another');
    await rm(file, { force: true });
    if (remembers) await writeFile(file, cosigned);
    const one = await cosigning([ada.url], 1, ada.verifiers, other);
    await one.covering(size, 30_000);
    assert.match(logged.at(-1) ?? '', /cosigner\.other-history: .* its first 8 entries are not/);
    assert.equal(levels.at(-1), 'error');
    assert.equal(one.latest() !== undefined, remembers);
    await one.stop();
  }
  assert.equal(logged.length, 3);
});

test('too few signatures do not take the place of enough', async () => {
  const [ada, bob] = [await cosigner('ada.example'), await cosigner('bob.example')];
  const of = [...ada.verifiers, ...bob.verifiers];
  const both = await cosigning([ada.url, bob.url], 2, of);
  await both.covering(3, 30_000);
  await both.stop();
  await bob.stop();
  cleanUp.splice(1, 1);
  log.grow(1);
  const one = await cosigning([ada.url, bob.url], 2, of);
  await one.covering(4, 30_000);
  const { size, isEnough } = await proven(one, 2, of);
  assert.deepEqual([size, isEnough], [3, true]);
  assert.match(await readFile(join(folder, 'cosigned.note'), 'utf8'), /\n3\n/);
});

test('a record that did not grow from what was cosigned is refused', async () => {
  const ada = await cosigner('ada.example');
  const one = await cosigning([ada.url], 1, ada.verifiers);
  await one.covering(3, 30_000);
  const other = log.fork(2);
  other.grow(2, 'another');
  const cosigned = cosignedOf(await shown(one));
  const anchor = { origin: log.origin, size: 4, root: other.tree.root() };
  const policy = { need: 1, of: ada.verifiers };
  for (const proof of [[], other.tree.consistencyProof(3).map((hash) => hash.toBase64())])
    await assert.rejects(verifyCosigned({ ...cosigned, proof }, log.logKey, anchor, policy), {
      code: 'evidence.cosigned',
    });
});
