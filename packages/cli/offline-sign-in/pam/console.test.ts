/** People sign in by the system's own `login`, at a terminal, with everything that a console's stack asks for. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { ask } from '@halligan/device';
import { KIMS_CODES, Machine, missing } from './machine.fixture.ts';

const skip = missing();
let started: Machine | undefined;
before(async () => {
  if (skip !== false) return;
  started = await Machine.start();
  const installed = await started.halligan('pam', 'install', '--by', 'module');
  assert.equal(installed.code, 0, installed.out);
  started.behave({ isThere: true, passwords: PASSWORDS });
  await started.startAgent();
});
after(() => started?.stop());

const PASSWORDS = { ana: 'right', kim: 'kims' };

/** A line to type once the terminal shows what it answers. */
type Typed = readonly [shown: RegExp, line: string];

const WHO: readonly Typed[] = [
  [/\$ $/, 'echo "I am $(id -un) at $(tty)"'],
  [/I am \w+ at \S+\s[\s\S]*\$ $/, 'exit'],
];

/**
 * Signs in at a console.
 * @returns all that it showed: until whoever signed in left again, or until it showed `end`
 */
async function login(
  name: string,
  typed: readonly Typed[],
  end: RegExp = /^(?!)/,
): Promise<{ readonly shown: string; readonly hasLeft: boolean }> {
  const machine = started ?? assert.fail('no machine');
  const console = machine.onTerminal(`login ${name}`);
  const { stdin, stdout } = console;
  assert.ok(stdin !== null && stdout !== null);
  const left = once(console, 'exit').then(() => true);
  const { promise: isShown, resolve } = Promise.withResolvers<false>();
  const waiting = [...typed];
  let shown = '';
  let since = '';
  stdout.on('data', (piece) => {
    shown += String(piece);
    since += String(piece);
    if (end.test(shown)) resolve(false);
    if (waiting[0]?.[0].test(since) !== true) return;
    since = '';
    stdin.write(`${waiting.shift()?.[1]}\n`);
  });
  const hasLeft = await Promise.race([left, isShown]);
  stdin.end();
  console.kill();
  await left;
  return { shown, hasLeft };
}

test('a console lets in by the provider, and keeps out whoever has the wrong password', {
  skip,
}, async () => {
  const right = await login('ana', [[/Password: $/, 'right'], ...WHO]);
  assert.match(right.shown, /I am ana at \/dev\/pts\/\d/);
  assert.ok(right.hasLeft);
  const wrong = await login('ana', [[/Password: $/, 'wrong'], ...WHO], /Login incorrect/);
  assert.match(wrong.shown, /The password is wrong\.\s[\s\S]*Login incorrect/);
  assert.doesNotMatch(wrong.shown, /I am ana/);
});

test('during an outage a console says until when it lets in, and asks for the code by itself', {
  skip,
}, async () => {
  const machine = started ?? assert.fail('no machine');
  await login('kim', [[/Password: $/, 'kims'], ...WHO]);
  machine.behave({ isThere: false, passwords: PASSWORDS });
  const closed = await login('kim', [[/Password: $/, 'kims'], ...WHO], /Login incorrect/);
  assert.match(closed.shown, /The provider cannot be reached, and /);
  await ask(machine.socket, { ask: 'breakglass', by: 'root', why: 'It is down.', ttlSeconds: 600 });
  const [code = ''] = KIMS_CODES;
  const asked: Typed = [/printed codes: $/, code];
  const open = await login('kim', [[/Password: $/, 'kims'], asked, ...WHO]);
  assert.match(open.shown, /Offline emergency sign-in, until \d\d:\d\d[\s\S]*I am kim at /);
  // What is typed as a second factor is as hidden as the password.
  assert.ok(!open.shown.includes(code));
  const again = await login('kim', [[/Password: $/, 'kims'], asked, ...WHO], /Login incorrect/);
  assert.match(again.shown, /second factor is not taken/);
});
