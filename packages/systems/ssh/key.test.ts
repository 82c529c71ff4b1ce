/** Accounts that sign in with an SSH key: a real sshd, the account's own authorized_keys and a file of root's. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { utf8 } from '@halligan/format';
import { assertSilent, driverContract, failure, refuses, type Secrets } from '../contract.ts';
import { freePort } from '../free-port.ts';
import { generatePrivateKey } from '../fresh-secret.ts';
import {
  checkAccounts,
  freshSecret,
  generatePassword,
  parseSystemConfig,
  proveRotation,
  startSshd,
} from '../index.ts';
import { driversOf, startedComponent } from '../started-component.fixture.ts';

const started = await startedComponent('sshd', (folder) =>
  startSshd({ folder: join(folder, 'main') }),
);
const host = started.running;
const { driverWith, rotator } = driversOf(host);

const account = 'breakglass-admin';
/** Its keys are looked for in a file that only root can change, too. */
const second = 'breakglass-second';
const KEYS: Secrets = {
  fresh: generatePrivateKey,
  near: async () => [await generatePrivateKey()],
};
const key = { credential: 'key' };
const authority = { credential: 'authority' };
const proven = { fresh: 'accepted', old: 'rejected' };

for (const [name, whose, change] of [
  ['an SSH key in a file of the account’s, by the helper', account, key],
  [
    'an SSH key in a file of root’s, by root',
    second,
    { ...key, privilege: 'root', rotator: 'root' },
  ],
  ['certificates of a sealed SSH authority', second, authority],
] as const)
  driverContract(
    name,
    async () => ({
      driver: rotator(change),
      prover: driverWith({ credential: change.credential }),
      account: whose,
      stranger: 'nobody-of-that-name',
    }),
    { ...started, secrets: KEYS },
  );

describe('SSH keys', started, () => {
  const driver = () => rotator(key);
  const linesOf = (file: string) => host().inside(`cat ${file}`).trim().split('\n');
  const own = `/home/${account}/.ssh/authorized_keys`;

  test('a system says what its accounts keep', async () => {
    const config = parseSystemConfig({ ...host().config, ...key });
    const { kind, secret } = await freshSecret(config);
    assert.equal(kind, 'private-key');
    await driver().setPassword(account, secret);
    assert.equal(await driver().prove(account, secret), 'accepted');
    assert.equal((await freshSecret(parseSystemConfig(host().config))).kind, 'password');
  });

  test('the options before the key stay, and so does every other line; a second marked line does not', async () => {
    const old = await generatePrivateKey();
    await driver().setPassword(account, old);
    host().inside(`sed -i 's/^ssh-ed25519/restrict,pty ssh-ed25519/' ${own}
      cat /home/halligan/.ssh/authorized_keys >> ${own}; echo '# a note' >> ${own}`);
    const [, foreign = '', note] = linesOf(own);
    host().inside(`tail -n 2 ${own} | head -n 1 | sed 's/$/ halligan-managed/' >> ${own}`);
    const fresh = await generatePrivateKey();
    await driver().setPassword(account, fresh);
    assert.deepEqual(await proveRotation(driver(), account, { fresh, old }), proven);
    const after = linesOf(own);
    assert.deepEqual(after.slice(0, 2), [foreign, note]);
    assert.match(after[2] ?? '', /^restrict,pty ssh-ed25519 \S+ halligan-managed$/);
    assert.equal(after.length, 3);
    assert.equal(host().inside(`stat -c '%U %a' ${own}`).trim(), `${account} 600`);
  });

  test('a key that came in is seen, and so are other options; the one that is sealed is not one', async () => {
    const keysNow = async () => {
      await driver().setPassword(account, await generatePrivateKey());
      const seen = await driver().inspect(account);
      return seen.exists ? seen.access.keys : assert.fail('it is there');
    };
    host().inside(`rm -f ${own}`);
    assert.deepEqual(await keysNow(), ['halligan-managed']);
    host().inside(`cat /home/halligan/.ssh/authorized_keys >> ${own}`);
    const [foreign = '', managed] = await keysNow();
    assert.match(foreign, /^SHA256:/);
    assert.equal(managed, 'halligan-managed');
    host().inside(`sed -i 's/^\\(.*managed\\)$/command="x" \\1/' ${own}; sed -i '1d' ${own}`);
    assert.deepEqual(await keysNow(), ['halligan-managed command="x"']);
    host().inside(`sed 's/command="x" //' ${own} >> ${own}`);
    const seen = await driver().inspect(account);
    assert.ok(seen.exists);
    const [one, other] = seen.access.keys;
    assert.match(one ?? '', /^SHA256:/);
    assert.equal(one, other, 'two marked lines are both shown');
    host().inside(`rm ${own}`);
  });

  test('what an authority certifies signs in as its account alone, and its own key does not', async () => {
    const ca = await generatePrivateKey();
    const driver = rotator(authority);
    host().inside(`rm -f ${own}`);
    await driver.setPassword(account, ca);
    host().inside(`sed -i 's/ ssh-ed25519/,no-x11-forwarding ssh-ed25519/' ${own}`);
    const fresh = await generatePrivateKey();
    await driver.setPassword(account, fresh);
    assert.match(
      linesOf(own)[0] ?? '',
      /^cert-authority,principals="breakglass-admin",no-x11-forwarding ssh-ed25519 /,
    );
    assert.deepEqual(await proveRotation(driver, account, { fresh, old: ca }), proven);
    assert.equal(await driver.prove(second, fresh), 'rejected');
    assert.equal(await rotator(key).prove(account, fresh), 'rejected');
    await rotator(key).setPassword(account, fresh);
    assert.match(linesOf(own)[0] ?? '', /^no-x11-forwarding ssh-ed25519 /);
    assert.equal(await driver.prove(account, fresh), 'rejected');
  });

  test('an account changes its own authority; a host with another key, or none, gets no certificate', async () => {
    const old = await generatePrivateKey();
    await rotator(authority).setPassword(account, old);
    const self = driverWith({ ...authority, rotation: 'self' }, old);
    const fresh = await generatePrivateKey();
    await self.setPassword(account, fresh);
    assert.deepEqual(await proveRotation(self, account, { fresh, old }), proven);
    await refuses('systems.old-rejected', () => self.setPassword(account, old));
    const other = 'AAAAC3NzaC1lZDI1NTE5AAAAIGMKbIqxw3tBTUkDwykVHaXk4Q1hDtA/7+Yy1VAlFx0N';
    const strange = rotator({ ...authority, hostKeys: [`ssh-ed25519 ${other}`] });
    await refuses('systems.host-key', () => strange.prove(account, fresh));
    const nobody = rotator({ ...authority, port: await freePort() });
    await refuses('systems.unreachable', () => nobody.prove(account, fresh));
    host().inside(`rm ${own}`);
  });

  test('a link that the account made in its own folder leads root nowhere', async () => {
    const before = host().inside('cat /etc/shadow');
    host().inside(`rm -f ${own}; ln -s /etc/shadow ${own}`);
    await refuses('systems.constraint', async () =>
      driver().setPassword(account, await generatePrivateKey()),
    );
    const seen = await driver().inspect(account);
    assert.ok(seen.exists);
    assert.deepEqual(seen.access.keys, []);
    assert.equal(host().inside('cat /etc/shadow'), before);
    host().inside(`rm ${own}`);
  });

  test('an account changes its own key, with no right over it for anybody', async () => {
    const old = await generatePrivateKey();
    await driver().setPassword(account, old);
    const self = driverWith({ ...key, rotation: 'self' }, old);
    const fresh = await generatePrivateKey();
    await self.setPassword(account, fresh);
    assert.deepEqual(await proveRotation(self, account, { fresh, old }), proven);
    await refuses('systems.old-rejected', async () =>
      self.setPassword(account, await generatePrivateKey()),
    );
    const next = await generatePrivateKey();
    await self.setPassword(account, next, fresh);
    assert.deepEqual(await proveRotation(self, account, { fresh: next, old: fresh }), proven);
    const none = driverWith({ ...key, rotation: 'self' }, utf8('other:x\n'));
    await refuses('systems.old-missing', () => none.setPassword(account, fresh));
  });

  test('the check says what sshd does not ask this account for, and other ways in are seen', async () => {
    const found = async (config: object) => {
      const [checked] = await checkAccounts(rotator(config), [account]);
      return checked?.shortcomings.map((one) => `${one.level}: ${one.found}`).join(' ');
    };
    const methods = async () => {
      const seen = await driver().inspect(account);
      return seen.exists ? seen.access.methods : assert.fail('it is there');
    };
    await rotator().setPassword(account, generatePassword());
    assert.equal(await found({}), '');
    host().inside(`cp /etc/ssh/sshd_config /root/sshd_config
      printf '%s\n' 'Match User ${account}' 'PasswordAuthentication no' 'PubkeyAuthentication no' \
        'AuthorizedKeysCommand /bin/true' 'AuthorizedKeysCommandUser nobody' >> /etc/ssh/sshd_config
      sed -i '1i TrustedUserCAKeys /etc/ssh/cas' /etc/ssh/sshd_config`);
    assert.equal(await found({}), 'fail: sshd takes no passwords from this account.');
    assert.equal(await found({ signIn: 'console' }), '');
    const refused = 'fail: sshd takes no keys from this account.';
    assert.equal(await found(key), `${refused} warn: A password signs in besides the key.`);
    const ways = await methods();
    assert.ok(ways !== 'unknown' && ways.includes('trusted-ca') && ways.includes('keys-command'));
    host().inside('mv /root/sshd_config /etc/ssh/sshd_config');
    assert.equal(await found({}), '');
  });

  test('an account goes over from a password to a key, and its password is proven too', async () => {
    const old = generatePassword();
    await rotator().setPassword(account, old);
    const fresh = await generatePrivateKey();
    await driver().setPassword(account, fresh);
    const proof = () => proveRotation(driver(), account, { fresh, old });
    assert.deepEqual(await proof(), { fresh: 'accepted', old: 'accepted' });
    host().inside(`usermod -p '*' ${account}`);
    assert.deepEqual(await proof(), proven);
    const seen = await driver().inspect(account);
    assert.ok(seen.exists && seen.locked === false);
    assert.deepEqual(seen.access.methods, ['publickey']);
  });

  test('neither a password nor half a key is taken for a key, and no error shows it', async () => {
    const whole = await generatePrivateKey();
    for (const wrong of [generatePassword(), whole.slice(0, 200), new Uint8Array(5000).fill(0x2d)])
      for (const call of [() => driver().setPassword(account, wrong)]) {
        await refuses('systems.password-unusable', call);
        assertSilent(await failure(call), wrong);
      }
    await refuses('systems.password-unusable', () => driver().prove(account, whole.slice(0, 200)));
  });
});
