import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { AboutSoon } from '@halligan/procedure';
import { z } from 'zod';
import { Programs } from './programs.ts';

const questionSchema = z.looseObject({ do: z.string() });

/** A releaser that says what it is asked, and as which one of those that were started. */
class Releasers {
  readonly sockets: Socket[] = [];
  /** `1 seen`: what the first was asked, in order. */
  readonly asked: string[] = [];
  /** How an answer to a question begins; a member `error` where it fails. */
  answers: Readonly<Record<string, object>> = {};
  #changed = Promise.withResolvers<void>();

  readonly listen = (socket: Socket): void => {
    const number = this.sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#note(`${number} gone`));
    const lines = createInterface({ input: socket }).on('error', () => undefined);
    lines.on('line', (line) => {
      const question = questionSchema.parse(JSON.parse(line)).do;
      this.#note(`${number} ${question}`);
      const answer = this.answers[question] ?? {
        ok: question === 'seen' ? { size: 7, from: 3 } : number,
      };
      socket.write(`${JSON.stringify(answer)}\n`);
    });
    socket.on('end', () => socket.end());
  };

  #note(what: string): void {
    this.asked.push(what);
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  async until(what: string): Promise<void> {
    while (!this.asked.includes(what)) await this.#changed.promise;
  }
}

let folder = '';
let server: Server;
let releasers: Releasers;
let programs: Programs;
let said: string[];
let shown: unknown[][];
let soon: AboutSoon | undefined;
let isLost = false;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'halligan-programs-'));
  releasers = new Releasers();
  server = createServer({ allowHalfOpen: true }, releasers.listen);
  const socket = join(folder, 'releaser.sock');
  server.listen(socket);
  await once(server, 'listening');
  [said, shown, isLost] = [[], [], false];
  soon = { account: 'admin-1', emergency: 'e' };
  programs = new Programs({
    whereIs: () => {
      if (isLost) throw new Error('there is no place for it');
      return { socket };
    },
    needed: () => new Map(soon === undefined ? [] : [['releaser', soon]]),
    viewOf: async (...asked) => {
      shown.push(asked);
      return { transcript: null, consistency: [] };
    },
    log: (_level, part, message) => void said.push(`${part}: ${message}`),
  });
});

afterEach(async () => {
  mock.timers.reset();
  await programs.stop();
  server.close();
  await rm(folder, { recursive: true });
});

const ask = (afterwards?: 'ends' | 'is followed' | 'stays') =>
  programs.talk('releaser', (releaser) => releaser.ask({ do: 'release' }), afterwards);

test('whoever is needed soon stands ready: started, and shown the record as it is', async () => {
  programs.look();
  await releasers.until('1 watch');
  const streams = ['organisation', 'account:admin-1', 'emergency:e'];
  assert.deepEqual(shown, [[streams, 7, 3]]);
  assert.equal(await ask(), 1);
  assert.deepEqual(releasers.asked.slice(0, 4), ['1 seen', '1 watch', '1 release', '1 gone']);
  await releasers.until('2 watch');
  assert.equal(await ask(), 2, 'the next one, since something is still needed');
});

test('where nothing is needed nobody stands there, and a conversation begins by itself', async () => {
  soon = undefined;
  programs.look();
  assert.equal(await ask(), 1);
  assert.deepEqual(releasers.asked, ['1 release', '1 gone']);
  soon = { account: 'admin-1' };
  programs.look();
  await releasers.until('2 watch');
  assert.deepEqual(shown.at(-1)?.[0], ['organisation', 'account:admin-1']);
  soon = undefined;
  programs.look();
  await releasers.until('2 gone');
});

test('one at a time is spoken to, and each begins with what the one before it has seen', async () => {
  programs.look();
  await releasers.until('1 watch');
  const both = await Promise.all([ask('is followed'), ask()]);
  assert.deepEqual(both, [1, 2]);
  const { asked } = releasers;
  assert.ok(asked.indexOf('1 gone') < asked.indexOf('2 release'));
});

test('who has seen no plaintext stays for the next conversation', async () => {
  programs.look();
  await releasers.until('1 watch');
  assert.deepEqual([await ask('stays'), await ask()], [1, 1]);
  assert.equal(releasers.asked.filter((one) => one === '1 watch').length, 1);
});

test('one that cannot stand ready is told of, and is not asked', async () => {
  releasers.answers = {
    watch: { error: { code: 'evidence.rules', message: 'No.', hint: 'Look.' } },
  };
  programs.look();
  await releasers.until('1 watch');
  assert.equal(await ask(), 2);
  assert.equal(said[0], 'releaser: evidence.rules: it cannot stand ready');
});

test('one that hung up meanwhile is not asked', async () => {
  programs.look();
  await releasers.until('1 watch');
  const first = await programs.talk('releaser', async (releaser) => releaser, 'stays');
  releasers.sockets[0]?.destroy();
  while (!first.isOver) await setImmediate();
  assert.equal(await ask(), 2);
});

test('where none can be started that is said, and whoever speaks later is answered', async () => {
  isLost = true;
  programs.look();
  await assert.rejects(ask(), /no place/);
  assert.equal(said[0], 'releaser: failed unexpectedly: it cannot stand ready');
  isLost = false;
  assert.equal(await ask(), 1);
});

test('a conversation that fails ends its program, whatever was meant to become of it', async () => {
  programs.look();
  await releasers.until('1 watch');
  releasers.answers = { release: { error: { code: 'release.no', message: 'No.', hint: 'Look.' } } };
  await assert.rejects(ask('stays'), { code: 'release.no' });
  await releasers.until('1 gone');
});

test('whoever stood ready for long is relieved', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  programs.look();
  await releasers.until('1 watch');
  mock.timers.tick(300_000);
  await releasers.until('2 watch');
  assert.ok(releasers.asked.indexOf('1 gone') < releasers.asked.indexOf('2 watch'));
});

test('after the stop nobody is left', async () => {
  programs.look();
  await releasers.until('1 watch');
  await programs.stop();
  await releasers.until('1 gone');
  assert.equal(releasers.sockets.length, 1);
});
