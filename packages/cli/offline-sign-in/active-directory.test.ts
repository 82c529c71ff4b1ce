/** People of a real domain sign in, and a domain controller says why not. */
import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { ldapProvider, NO_CONVERSATION } from '@halligan/device';
import { HalliganError, utf8 } from '@halligan/format';
import { type Samba, startSamba } from '@halligan/systems';

const folder = mkdtempSync(join(tmpdir(), 'halligan-samba-'));
let samba: Samba | undefined;
let skip: string | false = false;
try {
  samba = await startSamba({ folder: join(folder, 'main') });
} catch (error) {
  const isMissing = error instanceof HalliganError && error.code === 'systems.component-missing';
  skip = isMissing ? error.message : assert.fail(String(error));
}
after(async () => {
  await samba?.stop();
  await rm(folder, { recursive: true, force: true });
});

const domain = () => samba ?? assert.fail('no domain');
const PASSWORD = 'Correct-Horse-7';
const REALM = 'practice.test';

function signIn(name: string, password = PASSWORD) {
  const { url, ca } = domain();
  const provider = ldapProvider({ url, ca, bind: `{user}@${REALM}`, kind: 'mfa' });
  return provider.signIn(name, utf8(password), NO_CONVERSATION, AbortSignal.timeout(30_000));
}

describe('Active Directory', { skip }, () => {
  const user = (name: string) => domain().tool('user', 'create', name, PASSWORD);

  test('a user principal name and its password are a sign-in', async () => {
    user('ana');
    const { subject, ...rest } = { subject: '', ...(await signIn('ana')) };
    assert.match(subject, /^objectGUID:[0-9a-f]{32}$/);
    assert.deepEqual(rest, { answer: 'signed-in', formerly: 'ana', kind: 'mfa', keep: true });
    assert.deepEqual(await signIn('ana', 'wrong'), { answer: 'wrong' });
    assert.deepEqual(await signIn('nobody'), { answer: 'wrong' });
  });

  test('the id stays whatever they are called, and goes to nobody else of that name', async () => {
    const idOf = async (name: string) => ({ subject: '', ...(await signIn(name)) }).subject;
    user('ida');
    const first = await idOf('ida');
    domain().tool('user', 'rename', 'ida', '--samaccountname=inga', '--upn=inga@practice.test');
    assert.equal(await idOf('inga'), first);
    user('ida');
    const second = await idOf('ida');
    assert.match(second, /^objectGUID:/);
    assert.notEqual(second, first);
  });

  test('whoever has the password is told that the account is disabled or has expired; a guess is wrong', async () => {
    const off = {
      ben: () => domain().tool('user', 'disable', 'ben'),
      eva: () => domain().tool('user', 'setexpiry', 'eva', '--days=0'),
    };
    for (const [name, close] of Object.entries(off)) {
      user(name);
      close();
      assert.deepEqual(await signIn(name), { answer: 'disabled' }, name);
      assert.deepEqual(await signIn(name, 'wrong'), { answer: 'wrong' }, name);
    }
  });

  test('a password that has to be changed first is right, and not enough', async () => {
    user('fay');
    domain().tool(
      ...['user', 'setpassword', 'fay', `--newpassword=${PASSWORD}`],
      '--must-change-at-next-login',
    );
    assert.deepEqual(await signIn('fay'), { answer: 'unfinished', due: 'new-password' });
  });

  test('whoever may not sign in now has no closed account', async () => {
    user('gus');
    domain().modify(
      [
        `dn: CN=gus,CN=Users,${domain().base}`,
        ...['changetype: modify', 'replace: userWorkstations', 'userWorkstations: other', ''],
      ].join('\n'),
    );
    assert.deepEqual(await signIn('gus'), { answer: 'unfinished', due: 'permission' });
  });

  test('whoever is deleted is to a directory as whoever never was', async () => {
    user('hal');
    domain().tool('user', 'delete', 'hal');
    assert.deepEqual(await signIn('hal'), { answer: 'wrong' });
  });

  test('an account that guesses locked is held up, and not closed', async () => {
    user('cleo');
    domain().tool('domain', 'passwordsettings', 'set', '--account-lockout-threshold=2');
    for (let turn = 0; turn < 2; turn += 1)
      assert.deepEqual(await signIn('cleo', 'wrong'), { answer: 'wrong' });
    assert.deepEqual(await signIn('cleo'), { answer: 'held-up' });
  });
});
