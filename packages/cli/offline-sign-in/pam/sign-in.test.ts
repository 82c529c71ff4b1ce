/** People sign in to a machine of its own by su, sudo, sshd and pamtester, through the module that is installed there. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ask } from '@halligan/device';
import {
  type Behaviour,
  type Ended,
  KIMS_CODES,
  LOCAL,
  Machine,
  missing,
} from './machine.fixture.ts';

const skip = missing();
let started: Machine | undefined;
before(async () => {
  if (skip !== false) return;
  started = await Machine.start();
  const installed = await started.halligan('pam', 'install', '--by', 'module');
  assert.equal(installed.code, 0, installed.out);
  started.behave(ONLINE);
  await started.startAgent();
  await started.startSshd();
});
after(() => started?.stop());

const ONLINE: Behaviour = {
  isThere: true,
  passwords: { ana: 'right', kim: 'kims', eve: 'eves' },
};
const OFFLINE: Behaviour = { ...ONLINE, isThere: false };

function machine(): Machine {
  return started ?? assert.fail('no machine');
}

function assertIn({ code, out }: Ended, who: string): void {
  assert.equal(code, 0, out);
  assert.match(out, new RegExp(`^${who}$`, 'm'));
}

function assertOut({ code, out }: Ended, said: RegExp): void {
  assert.notEqual(code, 0, out);
  assert.match(out, said);
}

const breakglass = (ttlSeconds: number) =>
  ask(machine().socket, { ask: 'breakglass', by: 'root', why: 'It is down.', ttlSeconds });

test('the right password gets in by every service, and a wrong one by none', { skip }, async () => {
  const tester = ['pamtester', 'login', 'ana', 'authenticate', 'acct_mgmt'];
  assert.equal((await machine().run(tester, 'right\n')).code, 0);
  assertOut(await machine().run(tester, 'wrong\n'), /The password is wrong\./);
  assertIn(await machine().su('ana', 'right'), 'ana');
  assertOut(await machine().su('ana', 'wrong'), /The password is wrong\./);
  assertIn(await machine().sudo('ana', 'right'), 'root');
  for (const method of ['password', 'keyboard-interactive'] as const) {
    assertIn(await machine().ssh(method, 'ana', 'right'), 'ana');
    assertOut(await machine().ssh(method, 'ana', 'wrong'), /Permission denied/);
  }
});

test('the machine’s own people sign in as before, and what they mistype goes to no provider', {
  skip,
}, async () => {
  // Were it asked, the provider would take this one.
  machine().behave({ ...ONLINE, passwords: { bob: 'typo', root: 'typo' } });
  assertIn(await machine().su('root', LOCAL.root), 'root');
  assertIn(await machine().sudo('bob', LOCAL.bob), 'root');
  assertOut(await machine().su('root', 'typo'), /Authentication failure/);
  assertOut(await machine().sudo('bob', 'typo'), /incorrect password attempt/);
  machine().behave(ONLINE);
});

test('a provider that asks for more asks at the prompt; sshd’s password method cannot', {
  skip,
}, async () => {
  machine().behave({ ...ONLINE, code: '123456' });
  const bySu = await machine().su('ana', 'right', '123456');
  assertIn(bySu, 'ana');
  assert.match(bySu.out, /Your organisation asks for a code\.[\s\S]*Code: /);
  assertIn(await machine().sudo('ana', 'right', '123456'), 'root');
  const bySsh = await machine().ssh('keyboard-interactive', 'ana', 'right', '123456');
  assertIn(bySsh, 'ana');
  assert.match(bySsh.out, /Code: /);
  assertOut(await machine().su('ana', 'right', '654321'), /asks for another factor/);
  assertOut(await machine().ssh('password', 'ana', 'right'), /Permission denied/);
  machine().behave(ONLINE);
});

test('a provider that is gone, a window, and its end', { skip }, async () => {
  assertIn(await machine().su('kim', 'kims'), 'kim');
  machine().behave(OFFLINE);
  assertOut(await machine().su('ana', 'right'), /The provider cannot be reached, and /);
  await breakglass(600);
  const bySu = await machine().su('ana', 'right');
  assertIn(bySu, 'ana');
  assert.match(bySu.out, /Offline emergency sign-in, until \d\d:\d\d/);
  assertIn(await machine().sudo('ana', 'right'), 'root');
  assertOut(await machine().su('ana', 'wrong'), /not taken offline/);
  // Whoever was never seen here has nothing that could be right.
  assertOut(await machine().su('eve', 'eves'), /not used here online/);
  for (const method of ['password', 'keyboard-interactive'] as const)
    assertOut(await machine().ssh(method, 'ana', 'right'), /Permission denied/);
  assert.equal(await breakglass(0), null);
  assertOut(await machine().su('ana', 'right'), /The provider cannot be reached, and /);
  machine().behave(ONLINE);
});

test('a second factor is a question of its own, or stands behind the password where only one can be asked', {
  skip,
}, async () => {
  machine().behave(OFFLINE);
  await machine().endAgent();
  await machine().startAgent('cheap', 'sshd');
  await breakglass(600);
  const [first = '', second = '', third = ''] = KIMS_CODES;
  const bySu = await machine().su('kim', 'kims', first);
  assertIn(bySu, 'kim');
  assert.match(bySu.out, /Offline emergency sign-in, until [\s\S]*printed codes: /);
  assertOut(await machine().su('kim', 'kims', first), /second factor is not taken/);
  assertIn(await machine().ssh('keyboard-interactive', 'kim', 'kims', second), 'kim');
  assertOut(await machine().ssh('password', 'kim', 'kims'), /Permission denied/);
  assertIn(await machine().ssh('password', 'kim', `kims ${third}`), 'kim');
  assert.equal(await breakglass(0), null);
  machine().behave(ONLINE);
});

test('an account that the provider has disabled is closed to its SSH key as well', {
  skip,
}, async () => {
  assertIn(await machine().ssh('publickey', 'ana'), 'ana');
  machine().behave({ ...ONLINE, disabled: ['ana'] });
  assertOut(await machine().su('ana', 'right'), /disabled or has expired/);
  assertOut(await machine().ssh('publickey', 'ana'), /^/);
  assertIn(await machine().ssh('publickey', 'kim'), 'kim');
  machine().behave(ONLINE);
  assertIn(await machine().su('ana', 'right'), 'ana');
  assertIn(await machine().ssh('publickey', 'ana'), 'ana');
});

test('whoever is not root has no oracle: what runs as a person reaches no agent', {
  skip,
}, async () => {
  const tester = ['pamtester', 'login', 'ana', 'authenticate'];
  assertOut(await machine().as('ana', tester, 'right\n'), /Offline sign-in is not running here/);
});

test('an agent that hangs, and one that is gone, keep out nobody of the machine’s own', {
  skip,
}, async () => {
  await machine().pauseAgent(true);
  assertIn(await machine().su('root', LOCAL.root), 'root');
  await machine().pauseAgent(false);
  await machine().endAgent();
  assertIn(await machine().su('root', LOCAL.root), 'root');
  assertOut(await machine().su('ana', 'right'), /Offline sign-in is not running here/);
  assertIn(await machine().ssh('publickey', 'kim'), 'kim');
  await machine().startAgent();
});

test('the helper lets in, and shows what is said', { skip }, async () => {
  const installed = await machine().halligan('pam', 'install', '--by', 'helper');
  assert.equal(installed.code, 0, installed.out);
  assertIn(await machine().su('ana', 'right'), 'ana');
  assertIn(await machine().sudo('ana', 'right'), 'root');
  assertIn(await machine().ssh('password', 'ana', 'right'), 'ana');
  assertOut(await machine().su('ana', 'wrong'), /The password is wrong\./);
  assertIn(await machine().su('root', LOCAL.root), 'root');
});
