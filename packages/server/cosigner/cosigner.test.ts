import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { cosignedBy, formatAddCheckpoint, parseNote, verifyLogNote } from '@halligan/tlog';
import { originHash } from './cosigner.ts';
import { type RunningCosigner, startCosigner } from './serve.ts';
import { watchedLog } from './watched-log.fixture.ts';

const log = await watchedLog();
log.grow(3);
let home: string;
let running: RunningCosigner;

const start = (options: { readonly name?: string; readonly host?: string } = {}) =>
  startCosigner({
    home,
    name: 'cosigner.example/1',
    logKeys: [log.logKey],
    host: '127.0.0.1',
    port: 0,
    ...options,
  });
const add = (body: string, url = running.url) =>
  fetch(`${url}/add-checkpoint`, { method: 'POST', body });

/** Asks, and says only how it was answered. */
async function status(body: string): Promise<number> {
  const response = await add(body);
  await response.arrayBuffer();
  return response.status;
}

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'halligan-cosigner-'));
  running = await start();
});
afterEach(async () => {
  await running.stop();
  await rm(home, { recursive: true, force: true });
});

test('cosigns a checkpoint with both of its keys', async () => {
  const response = await add(await log.request(0));
  assert.equal(response.status, 200);
  const note = `${await log.note()}${await response.text()}`;
  const signed = await cosignedBy(note, running.verifiers);
  assert.deepEqual(
    signed.map(({ name }) => name),
    ['cosigner.example/1'],
  );
  assert.ok(signed.every(({ time }) => Math.abs(time - Date.now() / 1000) < 600));
});

test('says what it cosigned last, to whoever knows the origin', async () => {
  const url = `${running.url}/${originHash(log.origin)}/checkpoint`;
  assert.equal((await fetch(url)).status, 404);
  assert.equal(await status(await log.request(0)), 200);
  const note = await (await fetch(url)).text();
  assert.equal(parseNote(note).signatures.length, 4);
  await verifyLogNote(note, log.logKey);
  assert.equal((await cosignedBy(note, running.verifiers)).length, 1);
});

test('follows growth, and answers a wrong old size with the right one', async () => {
  assert.equal(await status(await log.request(0)), 200);
  const behind = await add(await log.request(0));
  assert.equal(behind.status, 409);
  assert.equal(behind.headers.get('content-type'), 'text/x.tlog.size');
  assert.equal(await behind.text(), '3\n');
  assert.equal(await status(await log.request(3)), 200);
  const grown = log.fork(3);
  grown.grow(300);
  assert.equal(await status(await grown.request(3)), 200);
  assert.equal(await status(await log.request(3)), 409);
});

test('signs no second history', async () => {
  assert.equal(await status(await log.request(0)), 200);
  const other = log.fork(2);
  other.grow(1, 'another');
  // The protocol tells the two apart: the same size with another root, and a size that did not grow from it.
  assert.equal(await status(await other.request(3)), 409);
  other.grow(5, 'another');
  assert.equal(await status(await other.request(3)), 422);
  assert.equal(await status(await other.request(0)), 409);
});

test('answers each fault as the protocol says', async () => {
  const request = await log.request(0);
  const stranger = await watchedLog('log.example/stranger');
  const forged = await watchedLog(log.origin);
  forged.grow(3);
  const empty = await watchedLog(log.origin);
  for (const [expected, body] of [
    [400, ''],
    [400, 'old 0'],
    [400, request.replace('old 0', 'old 00')],
    [400, request.replace('old 0', 'old 4')],
    [404, await stranger.request(0)],
    [403, await forged.request(0)],
    [403, await empty.request(0)],
    [422, formatAddCheckpoint({ oldSize: 0, proof: [new Uint8Array(32)], note: await log.note() })],
    [409, await log.request(1)],
  ] as const)
    assert.equal(await status(body), expected, body.slice(0, 60));
  // One of the log's two signatures is not enough.
  const { text, signatures } = parseNote(await log.note());
  const [classical] = signatures;
  assert.ok(classical !== undefined);
  const half = (await log.note()).split('\n').slice(0, -2).join('\n');
  assert.equal(await status(`old 0\n\n${half}\n`), 403, text);
  assert.equal(await status(request), 200);
});

test('of requests at the same time for two histories, one is signed', async () => {
  const other = log.fork(1);
  other.grow(2, 'another');
  const bodies = [await log.request(0), await other.request(0)];
  const all = await Promise.all(
    Array.from({ length: 10 }, (_, at) => status(bodies[at % 2] ?? '')),
  );
  assert.equal(all.filter((one) => one === 200).length, 1);
});

test('refuses more than a request can hold', async () => {
  assert.equal(await status(`old 0\n\n${'x'.repeat(1 << 20)}`), 413);
});

describe('over restarts', () => {
  test('it remembers its keys and what it signed', async () => {
    assert.equal(running.isNew, true);
    assert.equal(await status(await log.request(0)), 200);
    const { verifiers } = running;
    await running.stop();
    running = await start();
    assert.equal(running.isNew, false);
    assert.deepEqual(running.verifiers, verifiers);
    assert.equal(await status(await log.request(0)), 409);
  });

  test('it does not start on a damaged memory, nor beside another one', async () => {
    await assert.rejects(start(), { code: 'journal.locked' });
    assert.equal(await status(await log.request(0)), 200);
    await running.stop();
    const file = join(home, `${originHash(log.origin)}.note`);
    const kept = await readFile(file);
    await writeFile(file, '');
    await assert.rejects(start(), { code: 'cosigner.state' });
    await writeFile(file, kept);
    running = await start();
  });

  test('killed at any moment, it still holds what it answered', async () => {
    const growing = await watchedLog();
    const folder = join(home, 'killed');
    const pub = join(home, 'log.pub');
    await writeFile(pub, growing.logKey);
    let answered = 0;
    for (let life = 0; life < 3; life += 1) {
      const program = join(import.meta.dirname, 'dying-cosigner.fixture.ts');
      const child = spawn(process.execPath, [program, folder, pub], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [url] = await once(createInterface({ input: child.stdout }), 'line');
      const ended = once(child, 'exit');
      const fork = growing.fork(0);
      fork.grow(answered + 1, 'another');
      if (answered > 0) {
        // What it may have signed beyond the last answer, it says itself.
        const probe = await add(await fork.request(0), String(url));
        assert.equal(probe.status, 409);
        const known = Number(await probe.text());
        assert.ok(known >= answered);
        answered = known;
      }
      const requests = (async () => {
        for (;;) {
          growing.grow(1);
          const response = await add(await growing.request(answered), String(url));
          assert.equal(response.status, 200);
          answered = growing.tree.size;
          if (answered % 5 === 0) child.kill('SIGKILL');
        }
      })();
      await assert.rejects(requests, { name: 'TypeError' });
      await ended;
    }
    assert.ok(answered >= 5);
  });
});

test('a first start without a name, or without a log, makes nothing', async () => {
  const fresh = join(home, 'fresh');
  const options = { home: fresh, host: '127.0.0.1', port: 0 };
  await assert.rejects(startCosigner({ ...options, logKeys: [log.logKey] }), {
    code: 'cosigner.name',
  });
  await assert.rejects(startCosigner({ ...options, name: 'a', logKeys: [] }), {
    code: 'cosigner.logs',
  });
  await assert.rejects(readFile(join(fresh, 'cosigner.key')), { code: 'ENOENT' });
});

test('an address that others reach needs TLS', async () => {
  await assert.rejects(start({ host: '0.0.0.0' }), { code: 'server.tls' });
});
