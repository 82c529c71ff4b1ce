/** Linux over SSH: a real sshd with users of its own, chpasswd, passwd and sudo. */
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { concat, HalliganError, utf8, utf8Text } from '@halligan/format';
import { assertSilent, driverContract, failure, refuses } from '../contract.ts';
import { freePort } from '../free-port.ts';
import { checkAccounts, generatePassword, proveRotation, startSshd } from '../index.ts';
import { driversOf, startedComponent } from '../started-component.fixture.ts';

const started = await startedComponent('sshd', (folder) =>
  startSshd({ folder: join(folder, 'main') }),
);
const host = started.running;
const { driverWith, rotator } = driversOf(host);

const account = 'breakglass-admin';

driverContract(
  'Linux over SSH',
  async () => ({
    driver: rotator(),
    prover: driverWith(),
    account,
    stranger: 'nobody-of-that-name',
  }),
  started,
);

describe('Linux over SSH', started, () => {
  test('the rotator touches nobody but the group’s members, and runs nothing else', async () => {
    const driver = rotator();
    await refuses('systems.insufficient-access', () =>
      driver.setPassword(host().person, generatePassword()),
    );
    await refuses('systems.insufficient-access', () => driver.inspect('root'));
    await refuses('systems.account-unknown', () =>
      driver.setPassword('$(touch /tmp/owned)', generatePassword()),
    );
    assert.match(
      host().inside('sudo -l -U halligan'),
      /NOPASSWD: \/usr\/local\/sbin\/halligan-account$/m,
    );
    await driver.close();
  });

  test('what else lets in is seen: keys, sessions, rights, and that the password must be changed', async () => {
    const driver = rotator();
    const look = async () => {
      const seen = await driver.inspect(account);
      assert.ok(seen.exists);
      return seen;
    };
    const before = await look();
    assert.deepEqual(before.groups, ['breakglass', 'breakglass-admin']);
    assert.deepEqual(before.access, { methods: ['password'], keys: [], sessions: [], grants: [] });
    host().inside(`
      set -e
      mkdir -p /home/${account}/.ssh
      cp /home/halligan/.ssh/authorized_keys /home/${account}/.ssh/authorized_keys
      echo '${account} ALL=(ALL) ALL' > /etc/sudoers.d/after
      passwd -e ${account}`);
    const changed = await look();
    assert.deepEqual(changed.access.methods, ['password', 'publickey']);
    assert.match(String(changed.access.keys), /^SHA256:/);
    assert.deepEqual(changed.access.grants, ['(ALL) ALL']);
    assert.equal(changed.mustChangePassword, true);
    host().inside(`rm -r /home/${account}/.ssh /etc/sudoers.d/after; passwd -l ${account}`);
    const locked = await look();
    assert.equal(locked.locked, true);
    await driver.setPassword(account, generatePassword());
    assert.equal((await look()).locked, false);
    await driver.close();
  });

  test('a check names the right that is missing or too wide, and the account that must change', async () => {
    const found = async (change: object = {}, name = account) => {
      const driver = rotator(change);
      const [checked] = await checkAccounts(driver, [name]);
      await driver.close();
      return checked?.shortcomings.map((one) => `${one.level}: ${one.found}`).join(' ');
    };
    assert.equal(await found(), '');
    assert.equal(await found({ rotation: 'self' }), '');
    assert.match((await found({}, host().person)) ?? '', /insufficient-access/);
    assert.match((await found({ privilege: 'sudo' })) ?? '', /^fail: .*systems\.constraint/);
    host().inside(`passwd -e ${account}; mv /etc/sudoers.d/halligan /root/halligan.sudo
      echo 'halligan ALL=(root) NOPASSWD: ALL' > /etc/sudoers.d/everything`);
    assert.match(
      (await found({ privilege: 'sudo' })) ?? '',
      /^fail: The next sign-in .* warn: sudo lets the rotator run anything\.$/,
    );
    host().inside(`chage -d 2026-01-01 ${account}; rm /etc/sudoers.d/everything
      mv /root/halligan.sudo /etc/sudoers.d/halligan`);
    assert.equal(await found(), '');
  });

  test('an expired password is not called accepted', async () => {
    const driver = rotator();
    const password = generatePassword();
    await driver.setPassword(account, password);
    host().inside(`passwd -e ${account}`);
    await refuses('systems.password-expired', () => driver.prove(account, password));
    host().inside(`chage -d 2026-01-01 ${account}`);
    assert.equal(await driver.prove(account, password), 'accepted');
    await driver.close();
  });

  test('an account changes its own password, with no right over it for anybody', async () => {
    const old = generatePassword();
    await rotator().setPassword(account, old);
    const first = concat(utf8(`breakglass-second:x\n${account}:`), old, utf8('\n'));
    const self = driverWith({ rotation: 'self', rotator: 'halligan' }, first);
    const fresh = generatePassword();
    await self.setPassword(account, fresh);
    assert.deepEqual(await proveRotation(self, account, { fresh, old }), {
      fresh: 'accepted',
      old: 'rejected',
    });
    // From then on it takes what was given up.
    await refuses('systems.old-rejected', () => self.setPassword(account, generatePassword()));
    const next = generatePassword();
    await self.setPassword(account, next, fresh);
    assert.equal(await self.prove(account, next), 'accepted');
    // The host's own rules are a constraint, and leave the password as it was.
    await refuses('systems.constraint', () => self.setPassword(account, utf8('abc'), next));
    assert.equal(await self.prove(account, next), 'accepted');
    const none = driverWith({ rotation: 'self' }, utf8('other:x\n'));
    await refuses('systems.old-missing', () => none.setPassword(account, generatePassword()));
  });

  test('as root, by sudo for anything, and without the helper, it does the same', async () => {
    host().inside("echo 'halligan ALL=(root) NOPASSWD: ALL' > /etc/sudoers.d/everything");
    for (const change of [{ privilege: 'sudo' }, { privilege: 'root', rotator: 'root' }]) {
      const driver = rotator(change);
      const fresh = generatePassword();
      await driver.setPassword(account, fresh);
      assert.equal(await driver.prove(account, fresh), 'accepted');
      assert.equal((await driver.inspect(account)).exists, true);
      assert.deepEqual(await driver.inspect('no-such-user'), { exists: false });
      await driver.close();
    }
    host().inside('rm /etc/sudoers.d/everything');
    await refuses('systems.constraint', () =>
      rotator({ privilege: 'sudo' }).setPassword(account, generatePassword()),
    );
  });

  test('a host with another key gets nothing', async () => {
    const other = 'AAAAC3NzaC1lZDI1NTE5AAAAIGMKbIqxw3tBTUkDwykVHaXk4Q1hDtA/7+Yy1VAlFx0N';
    const driver = rotator({ hostKeys: [`ssh-ed25519 ${other}`] });
    const secret = generatePassword();
    for (const call of [
      () => driver.setPassword(account, secret),
      () => driver.prove(account, secret),
      () => driver.inspect(account),
    ]) {
      await refuses('systems.host-key', call);
      assertSilent(await failure(call), secret);
    }
  });

  test('nobody there, somebody else there, a silent one and a wrong rotator are told apart', async () => {
    const nobody = rotator({ port: await freePort() });
    await refuses('systems.unreachable', () => nobody.prove(account, generatePassword()));
    const servers = [
      createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
      createServer((socket) => void socket.on('error', () => undefined)),
    ];
    const codes = ['systems.unreachable', 'systems.timeout'];
    for (const [at, server] of servers.entries()) {
      const port = await freePort();
      await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
      const driver = rotator({ port, timeout: 1000 });
      await refuses(codes[at] ?? '', () => driver.prove(account, generatePassword()));
      server.close();
    }
    const secret = utf8('not the rotator’s password');
    await refuses('systems.rotator-rejected', () => driverWith({}, secret).inspect(account));
    const cut = utf8(`${utf8Text(host().rotatorSecret).slice(0, 200)}`);
    const unreadable = await failure(() => driverWith({}, cut).inspect(account));
    assert.ok(unreadable instanceof HalliganError);
    assert.equal(unreadable.code, 'systems.secret-unusable');
    assertSilent(unreadable, cut);
    await refuses('systems.secret-missing', () => driverWith().inspect(account));
  });
});
