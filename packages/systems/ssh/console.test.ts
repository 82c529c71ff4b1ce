/** Accounts of the console, and accounts that failed sign-ins lock: PAM of a real host, asked by the helper. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { driverContract, refuses } from '../contract.ts';
import { generatePrivateKey } from '../fresh-secret.ts';
import { checkAccounts, generatePassword, parseSystemConfig, startSshd } from '../index.ts';
import { driversOf, startedComponent } from '../started-component.fixture.ts';

const started = await startedComponent('sshd', (folder) =>
  startSshd({ folder: join(folder, 'main') }),
);
const host = started.running;
const { driverWith, rotator } = driversOf(host);

const account = 'breakglass-admin';
const atConsole = 'breakglass-console';
const CONSOLE = { signIn: 'console' };

driverContract(
  'a console account of a Linux machine',
  async () => ({
    driver: rotator(CONSOLE),
    prover: rotator(CONSOLE),
    account: atConsole,
    stranger: 'nobody-of-that-name',
  }),
  started,
);

describe('console accounts', started, () => {
  test('sshd does not let it in, and a device without the rotator’s right says where it signs in', async () => {
    const password = generatePassword();
    await rotator().setPassword(atConsole, password);
    assert.equal(await rotator().prove(atConsole, password), 'rejected');
    assert.equal(await rotator(CONSOLE).prove(atConsole, password), 'accepted');
    await refuses('systems.by-hand', () => driverWith(CONSOLE).prove(atConsole, password));
  });

  test('nobody outside the group is proven, and an expired password or a shell that ends is no yes', async () => {
    const driver = rotator(CONSOLE);
    const password = generatePassword();
    await refuses('systems.insufficient-access', () => driver.prove(host().person, password));
    await driver.setPassword(atConsole, password);
    host().inside(`passwd -e ${atConsole}`);
    await refuses('systems.password-expired', () => driver.prove(atConsole, password));
    host().inside(`chage -d 2026-01-01 ${atConsole}; usermod -s /usr/sbin/nologin ${atConsole}`);
    await refuses('systems.console', () => driver.prove(atConsole, password));
    host().inside(`usermod -s /bin/sh ${atConsole}`);
    assert.equal(await driver.prove(atConsole, password), 'accepted');
  });

  test('a console knows passwords that the rotator sets, and nothing else', () => {
    for (const change of [{ credential: 'key' }, { rotation: 'self' }])
      assert.throws(() => parseSystemConfig({ ...host().config, ...CONSOLE, ...change }), {
        code: 'systems.config',
      });
  });
});

describe('failed sign-ins', started, () => {
  const found = async (change: object = {}) => {
    const [checked] = await checkAccounts(rotator(change), [account]);
    return checked?.shortcomings.map((one) => `${one.level}: ${one.found}`).join(' ');
  };
  const lockedBy = async (change: object = {}) => {
    const seen = await rotator(change).inspect(account);
    return seen.exists ? [seen.locked, seen.lockedBy] : assert.fail('it is there');
  };

  test('the check says who could lock the account, and how it is exempted', async () => {
    assert.equal(await found(), '');
    host().inside(`cp /etc/pam.d/common-auth /root/common-auth
      cat > /etc/pam.d/common-auth <<END
auth requisite pam_faillock.so preauth silent deny=2
auth [success=2 default=ignore] pam_unix.so nodelay
auth [default=die] pam_faillock.so authfail deny=2
auth requisite pam_deny.so
auth sufficient pam_faillock.so authsucc deny=2
auth required pam_permit.so
END`);
    assert.equal(
      await found(),
      'warn: 2 failed sign-ins lock the account: anybody who knows its name can do that.',
    );
    const settings = '/etc/security/faillock.conf';
    host().inside(`echo 'admin_group = breakglass' >> ${settings}`);
    assert.equal(await found(), '');
    host().inside(`echo 'even_deny_root' >> ${settings}`);
    assert.match((await found()) ?? '', /^warn: 2 failed sign-ins/);
    host().inside(`sed -i '/^even_deny_root$/d; /^admin_group/d' ${settings}`);
    host().inside(`echo 'auth required pam_tally2.so deny=2' > /etc/pam.d/older`);
    assert.match((await found()) ?? '', /^warn: pam_tally2/);
    host().inside('rm /etc/pam.d/older');
  });

  test('an account that they locked is seen so, its password proves nothing, and setting it unlocks', async () => {
    const password = generatePassword();
    const driver = rotator(CONSOLE);
    await driver.setPassword(account, password);
    assert.equal(await driver.prove(account, generatePassword()), 'rejected');
    assert.deepEqual(await lockedBy(), [false, undefined]);
    assert.equal(await driver.prove(account, generatePassword()), 'rejected');
    assert.deepEqual(await lockedBy(), [true, 'failures']);
    assert.match((await found()) ?? '', /^fail: Failed sign-ins have locked the account\./);
    await refuses('systems.account-locked', () => driver.prove(account, password));
    // sshd refuses a locked account as it refuses a wrong password.
    assert.equal(await rotator().prove(account, password), 'rejected');
    const fresh = generatePassword();
    await driver.setPassword(account, fresh);
    assert.deepEqual(await lockedBy(), [false, undefined]);
    assert.equal(await driver.prove(account, fresh), 'accepted');
    assert.equal(await rotator().prove(account, fresh), 'accepted');
  });

  test('they do not bar a key; a date that has passed bars everything; a password beside a key is said', async () => {
    const key = { credential: 'key' };
    const secret = await generatePrivateKey();
    await rotator(key).setPassword(account, secret);
    for (const _ of [1, 2]) await rotator(CONSOLE).prove(account, generatePassword());
    assert.deepEqual(await lockedBy(), [true, 'failures']);
    assert.deepEqual(await lockedBy(key), [false, undefined]);
    assert.equal(await rotator(key).prove(account, secret), 'accepted');
    assert.equal(await found(key), 'warn: A password signs in besides the key.');
    host().inside(`usermod -p '*' ${account}`);
    assert.equal(await found(key), '');
    host().inside(`chage -E 2020-01-01 ${account}`);
    assert.deepEqual(await lockedBy(key), [true, 'expiry']);
    assert.match((await found(key)) ?? '', /^fail: The account has expired\./);
    // sshd ends the connection: that says nothing about the key.
    await refuses('systems.unreachable', () => rotator(key).prove(account, secret));
    host().inside(`chage -E -1 ${account}; mv /root/common-auth /etc/pam.d/common-auth`);
  });
});
