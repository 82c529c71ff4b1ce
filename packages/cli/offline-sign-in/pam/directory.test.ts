/** The whole of it, as on a machine in use: a real directory, the agent's own program, PAM, and the commands of the outage. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { HalliganError, utf8Text } from '@halligan/format';
import { type Slapd, startSlapd } from '@halligan/systems';
import { LOCAL, Machine, missing } from './machine.fixture.ts';

const NAME = 'breakglass-admin';

async function directoryIn(folder: string): Promise<Slapd | string> {
  try {
    return await startSlapd({ folder });
  } catch (error) {
    if (error instanceof HalliganError && error.code === 'systems.component-missing')
      return error.message;
    throw error;
  }
}

const folder = mkdtempSync(join(tmpdir(), 'halligan-directory-'));
const lacking = missing();
const slapd = lacking === false ? await directoryIn(folder) : lacking;
const skip = typeof slapd === 'string' ? slapd : false;

test('a directory fails, a window is opened and ended, and its people sign in by it alone', {
  skip,
}, async (context) => {
  assert.ok(typeof slapd !== 'string');
  const machine = await Machine.start();
  context.after(async () => {
    await machine.stop();
    await slapd.stop();
    rmSync(folder, { recursive: true });
  });
  const password = utf8Text(slapd.initialPassword);
  const ca = join(machine.folder, 'ca.pem');
  writeFileSync(ca, slapd.ca);
  assert.equal((await machine.run(['useradd', '-m', '-s', '/bin/sh', NAME])).code, 0);
  const installed = await machine.halligan('pam', 'install', '--by', 'module');
  assert.equal(installed.code, 0, installed.out);
  const configuration = [
    ...['[offline_breakglass]', 'enabled = true', 'justification = The line fails.'],
    ...['[provider]', 'kind = ldap', `url = ${slapd.url}`, `ca = ${ca}`],
    ...[`bind = ${slapd.accountDn.replace(NAME, '{user}')}`, 'users = mfa', ''],
  ].join('\n');
  await machine.startRealAgent(configuration);

  const online = await machine.su(NAME, password);
  assert.match(online.out, new RegExp(`^${NAME}$`, 'm'));
  const wrong = await machine.su(NAME, 'wrong');
  assert.match(wrong.out, /The password is wrong\./);
  const early = await machine.halligan('breakglass', '--ttl', '10m', '--why', 'A try.');
  assert.notEqual(early.code, 0);
  assert.match(early.out, /device\.online/);

  await slapd.stop();
  const closed = await machine.su(NAME, password);
  assert.equal(closed.code, 1);
  assert.match(closed.out, /The provider cannot be reached, and /);
  const opened = await machine.halligan('breakglass', '--ttl', '10m', '--why', 'It is down.');
  assert.equal(opened.code, 0, opened.out);
  const cached = await machine.su(NAME, password);
  assert.equal(cached.code, 0, cached.out);
  assert.match(cached.out, /Offline emergency sign-in, until \d\d:\d\d/);

  // A kill takes nothing away: neither the window nor the password.
  await machine.endAgent('SIGKILL');
  assert.match((await machine.su(NAME, password)).out, /Offline sign-in is not running here/);
  assert.match((await machine.su('root', LOCAL.root)).out, /^root$/m);
  await machine.startRealAgent(configuration);
  assert.equal((await machine.su(NAME, password)).code, 0);
  const ended = await machine.halligan('breakglass', '--ttl', '0', '--why', 'It is back.');
  assert.equal(ended.code, 0, ended.out);
  assert.equal((await machine.su(NAME, password)).code, 1);
});
