import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Level, levelNamed, logTo } from './log.ts';

const now = () => new Date('2030-01-02T03:04:05.678Z');

test('one JSON object a line, and the entry’s own members cannot be replaced', () => {
  const lines: string[] = [];
  const log = logTo((line) => lines.push(line), { now });
  log('warning', 'kit', 'a place could not be written', { place: 'vault', level: 'info' });
  const entry = { time: '2030-01-02T03:04:05.678Z', level: 'warning', part: 'kit' };
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)),
    [{ ...entry, message: 'a place could not be written', place: 'vault' }],
  );
});

test('to people it is a line that they can read; a name forges no second one', () => {
  const lines: string[] = [];
  const log = logTo((line) => lines.push(line), { now, human: true });
  log('info', 'http', 'GET /healthz', { status: 200 });
  log('error', 'kit', 'a place\n03:04:05 info forged\u001b[2J\u202e', { place: 'a\u009bb' });
  assert.deepEqual(lines, [
    '03:04:05 info    http: GET /healthz (status=200)',
    String.raw`03:04:05 error   kit: a place\u000a03:04:05 info forged\u001b[2J\u202e (place="a\u009bb")`,
  ]);
});

test('says what is as grave as was asked for, or graver', () => {
  const said = (level: Level) => {
    const lines: string[] = [];
    const log = logTo((line) => lines.push(JSON.parse(line).level), { level });
    for (const one of ['debug', 'info', 'warning', 'error'] as const) log(one, 'a', 'b');
    return lines;
  };
  assert.deepEqual(said('debug'), ['debug', 'info', 'warning', 'error']);
  assert.deepEqual(said('warning'), ['warning', 'error']);
  assert.deepEqual(
    [levelNamed('debug'), levelNamed(undefined), levelNamed('')],
    ['debug', undefined, undefined],
  );
  assert.throws(() => levelNamed('verbose'), { code: 'server.log-level' });
});
