import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, test } from 'node:test';
import { concat, utf8, utf8Text } from '@halligan/format';
import { checkAccount } from '../check-account.ts';
import { assertSilent, driverContract, failure, refuses } from '../contract.ts';
import { generatePassword, proveRotation, startMariadb } from '../index.ts';
import { driversOf, startedComponent } from '../started-component.fixture.ts';
import { passwordHash } from './authentication.ts';
import { inSession } from './session.ts';

const started = await startedComponent('mariadb', (folder) => startMariadb({ folder }));
const server = started.running;
const { driverWith, rotator } = driversOf(server);

const account = 'breakglass-admin';
const second = 'breakglass-second';
const NATIVE = { authentication: 'mysql_native_password' };

for (const [name, changes] of [
  ['ed25519', {}],
  ['mysql_native_password', NATIVE],
] as const)
  driverContract(
    `MariaDB by ${name}`,
    async () => ({
      driver: rotator(changes),
      prover: driverWith(changes),
      account,
      stranger: 'nobody',
    }),
    started,
  );

describe('MariaDB', started, () => {
  let current: Uint8Array;
  beforeEach(async () => {
    current = generatePassword();
    await rotator().setPassword(account, current);
  });

  test('the rotator has two procedures, touches the accounts of one table, and not its own', async () => {
    const { person, inside } = server();
    for (const name of [person, 'halligan'])
      await refuses('systems.insufficient-access', () =>
        rotator().setPassword(name, generatePassword()),
      );
    for (const name of ['root', 'mariadb.sys'])
      await refuses('systems.account-unknown', () =>
        rotator().setPassword(name, generatePassword()),
      );
    const grants = inside("SHOW GRANTS FOR halligan@'%'").split('\n');
    assert.equal(grants.length, 3);
    assert.match(grants[0] ?? '', /^GRANT USAGE ON \*\.\*/);
    for (const grant of grants.slice(1)) assert.match(grant, /^GRANT EXECUTE ON PROCEDURE/);
    const asRotator = (statement: string) =>
      inSession(server().config, 'halligan', server().rotatorSecret, (ask) => ask(statement));
    await refuses('systems.insufficient-access', () =>
      asRotator('SELECT * FROM halligan.breakglass'),
    );
    await refuses('systems.insufficient-access', () =>
      asRotator(`ALTER USER '${person}'@'%' ACCOUNT LOCK`),
    );
  });

  test('the procedure takes a hash, never a password, and no method of its own', async () => {
    const { inside } = server();
    for (const [method, hash] of [
      ['ed25519', 'a password as it is'],
      ['mysql_native_password', 'a password as it is'],
      ['unix_socket', 'root'],
      ["ed25519 USING 'x' OR unix_socket", '4LH+dBF+G5W2CKTyId8xR3SyDqZoQjUNUVNxx8aWbG4'],
    ])
      assert.throws(
        () => inside(`CALL halligan.set_hash('${second}', '%', "${method}", '${hash}')`),
        { code: 'systems.mariadb-failed' },
      );
  });

  test('no password is in the general log nor in the binary log, where every statement is', async () => {
    const { inside, log, data, person } = server();
    const [fresh, own, wrong] = [generatePassword(), generatePassword(), generatePassword()];
    await rotator().setPassword(account, fresh);
    const self = driverWith({ rotation: 'self' });
    await self.setPassword(account, own, fresh);
    assert.equal(await self.prove(account, own), 'accepted');
    assert.equal(await self.prove(account, wrong), 'rejected');
    // The server hides passwords that it sees in statements of its own kinds; a plain one it does not.
    const planted = generatePassword();
    inside(`CREATE TABLE halligan.planted AS SELECT '${utf8Text(planted)}' AS text`);
    inside('DROP TABLE halligan.planted; FLUSH BINARY LOGS; FLUSH LOGS');
    const logs = [log, ...globSync(join(data, 'binlog.0*'))].map((path) => readFileSync(path));
    assert.ok(logs.length > 2);
    const written = concat(...logs);
    const bytes = Buffer.from(written.buffer);
    assert.ok(bytes.indexOf(planted) !== bytes.lastIndexOf(planted), 'both logs hold what is sent');
    assert.notEqual(bytes.indexOf(passwordHash(fresh, 'ed25519')), -1);
    for (const secret of [current, fresh, own, wrong, server().rotatorSecret])
      for (const spelling of [secret, utf8(secret.toHex().toUpperCase()), utf8(secret.toHex())])
        assert.equal(bytes.indexOf(spelling), -1, 'a password is in a log');
    assert.equal(inside(`SELECT COUNT(*) FROM mysql.global_priv WHERE User = '${person}'`), '1');
  });

  test('an account changes its own password, with no right over it for anybody', async () => {
    const first = concat(utf8(`${second}:x\n${account}:`), current, utf8('\n'));
    const self = driverWith({ rotation: 'self' }, first);
    const fresh = generatePassword();
    await self.setPassword(account, fresh);
    assert.deepEqual(await proveRotation(self, account, { fresh, old: current }), {
      fresh: 'accepted',
      old: 'rejected',
    });
    await refuses('systems.old-rejected', () => self.setPassword(account, generatePassword()));
    const next = generatePassword();
    await self.setPassword(account, next, fresh);
    assert.equal(await self.prove(account, next), 'accepted');
    await refuses('systems.secret-missing', () => self.inspect(account));
    const none = driverWith({ rotation: 'self' });
    await refuses('systems.old-missing', () => none.setPassword(account, generatePassword()));
  });

  test('other ways in, and what is still in use, are seen; a rotation leaves one way', async () => {
    const { inside, config } = server();
    const hash = passwordHash(current, 'ed25519');
    inside(`CREATE ROLE keepers; GRANT keepers TO '${account}'@'%';
      ALTER USER '${account}'@'%' IDENTIFIED VIA ed25519 USING '${hash}' OR unix_socket;
      CREATE DEFINER='${account}'@'%' PROCEDURE halligan.back_door() SELECT 1;
      GRANT INSERT ON halligan.* TO '${account}'@'%'`);
    const seen = await inSession(config, account, current, async () => {
      return rotator().inspect(account);
    });
    assert.ok(typeof seen !== 'symbol' && seen.exists);
    assert.equal(seen.name, `${account}@%`);
    assert.deepEqual(seen.groups, ['keepers']);
    assert.deepEqual(seen.access.methods, ['ed25519', 'unix_socket']);
    assert.match(String(seen.access.sessions), /^id \d+ from 127\.0\.0\.1:\d+$/);
    assert.ok(seen.access.grants.includes('routine halligan.back_door'));
    assert.ok(seen.access.grants.includes('*.* SUPER'));
    const [more] = await checkAccount(rotator(), account);
    assert.match(more?.found ?? '', /signs in by unix_socket or ed25519, and after a rotation/);
    inside(`DROP ROLE keepers; DROP PROCEDURE halligan.back_door;
      REVOKE INSERT ON halligan.* FROM '${account}'@'%'`);
    await rotator().setPassword(account, current);
    const after = await rotator().inspect(account);
    assert.ok(
      after.exists && after.access.grants !== 'unknown' && seen.access.grants !== 'unknown',
    );
    assert.deepEqual(after.access.methods, ['ed25519']);
    const differs = after.access.grants.filter((grant) => !seen.access.grants.includes(grant));
    assert.match(String(differs), /^\d+ rights, digest [0-9a-f]{12}$/);
  });

  test('a locked account and an expired password are told apart from a wrong one', async () => {
    const { inside } = server();
    inside(`ALTER USER '${account}'@'%' ACCOUNT LOCK`);
    await refuses('systems.account-locked', () => driverWith().prove(account, current));
    const locked = await rotator().inspect(account);
    assert.ok(locked.exists && locked.locked === true);
    inside(`ALTER USER '${account}'@'%' ACCOUNT UNLOCK PASSWORD EXPIRE`);
    await refuses('systems.password-expired', () => driverWith().prove(account, current));
    assert.equal(await driverWith().prove(account, generatePassword()), 'rejected');
    const expired = await rotator().inspect(account);
    assert.ok(expired.exists && expired.mustChangePassword === true);
    await rotator().setPassword(account, current);
    assert.equal(await driverWith().prove(account, current), 'accepted');
    const fresh = await rotator().inspect(account);
    assert.ok(fresh.exists && fresh.mustChangePassword === false);
  });

  test('another account that the name matches is not this one', async () => {
    const { inside } = server();
    const other = generatePassword();
    inside(`CREATE USER '${second}'@'127.0.0.1'
      IDENTIFIED VIA ed25519 USING '${passwordHash(other, 'ed25519')}'`);
    await refuses('systems.other-account', () => driverWith().prove(second, other));
    const narrow = { accountHost: '127.0.0.1' };
    assert.equal(await driverWith(narrow).prove(second, other), 'accepted');
    assert.deepEqual(await rotator({ accountHost: '10.%' }).inspect(second), { exists: false });
    inside(`DROP USER '${second}'@'127.0.0.1'`);
    inside(`CREATE USER ''@'127.0.0.1'
      IDENTIFIED VIA ed25519 USING '${passwordHash(other, 'ed25519')}'`);
    await refuses('systems.other-account', () => driverWith().prove('nobody', other));
    inside("DROP USER ''@'127.0.0.1'");
  });

  test('a method that would be sent the password itself gets none', async () => {
    const { inside, log } = server();
    inside(`INSTALL SONAME 'auth_pam_v1'; ALTER USER '${second}'@'%' IDENTIFIED VIA pam`);
    await refuses('systems.authentication-method', () => driverWith().prove(second, current));
    inside(`ALTER USER '${second}'@'%' IDENTIFIED VIA unix_socket; UNINSTALL SONAME 'auth_pam_v1'`);
    assert.equal(await driverWith().prove(second, current), 'rejected');
    assert.equal(readFileSync(log).indexOf(current), -1);
    await rotator().setPassword(second, current);
    assert.equal(await driverWith().prove(second, current), 'accepted');
  });

  test('system check names what is missing', async () => {
    const { inside, person } = server();
    assert.deepEqual(await checkAccount(rotator(), account), []);
    const found = async (name: string, changes: object = {}) =>
      (await checkAccount(rotator(changes), name)).map((one) => `${one.level} ${one.found}`).join();
    assert.match(await found(person), /^fail It is not in halligan\.breakglass/);
    assert.match(await found(account, NATIVE), /^warn It signs in by ed25519, and after/);
    assert.match(
      await found(account, { server: 'mysql', authentication: 'mysql_native_password' }),
      /^fail The server is not what the settings call it/,
    );
    inside(`ALTER USER '${account}'@'%' PASSWORD EXPIRE INTERVAL 90 DAY`);
    assert.match(await found(account), /^warn Its password expires after 90 days/);
    inside(`ALTER USER '${account}'@'%' PASSWORD EXPIRE NEVER`);
    inside('SET GLOBAL max_password_errors = 5');
    assert.match(await found(account), /^warn A stranger who guesses wrongly often enough/);
    inside('SET GLOBAL max_password_errors = 4294967295');
    inside(`SET GLOBAL require_secure_transport = OFF; ALTER USER '${account}'@'%' REQUIRE NONE`);
    assert.match(await found(account), /^warn It may sign in without TLS/);
    inside(`SET GLOBAL require_secure_transport = ON; ALTER USER '${account}'@'%' REQUIRE SSL`);
    inside("REVOKE EXECUTE ON PROCEDURE halligan.look FROM halligan@'%'");
    await refuses('systems.insufficient-access', () => checkAccount(rotator(), account));
    inside("GRANT EXECUTE ON PROCEDURE halligan.look TO halligan@'%'");
  });

  test('no character of a name means anything to the server', async () => {
    const { inside } = server();
    const hostile = [
      "a'@'%' ACCOUNT LOCK; --",
      'a\\',
      "a\\'b",
      'a"b`c',
      '%',
      '_reakglass-admin',
      'BREAKGLASS-ADMIN',
      'ünï–試験',
      'a@b',
    ];
    for (const name of hostile) {
      assert.deepEqual(await rotator().inspect(name), { exists: false }, name);
      await refuses('systems.account-unknown', () => rotator().setPassword(name, current));
      assert.equal(await driverWith().prove(name, current), 'rejected', name);
    }
    await refuses('systems.account-unknown', () => rotator().setPassword('x'.repeat(81), current));
    for (const name of hostile) {
      const quoted = `'${name.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
      inside(`CREATE USER ${quoted}@'%' IDENTIFIED VIA ed25519 USING '${passwordHash(generatePassword(), 'ed25519')}';
        INSERT INTO halligan.breakglass VALUES (${quoted}, '%')`);
      const fresh = generatePassword();
      await rotator().setPassword(name, fresh);
      assert.equal(await driverWith().prove(name, fresh), 'accepted', name);
      inside(`DROP USER ${quoted}@'%'; DELETE FROM halligan.breakglass WHERE user = ${quoted}`);
    }
    assert.equal(await driverWith().prove(account, current), 'accepted');
  });

  test('a rotator whose own password is wrong is told so, of the account nothing is said', async () => {
    const wrong = generatePassword();
    const driver = driverWith({}, wrong);
    for (const call of [
      () => driver.inspect(account),
      () => driver.setPassword(account, generatePassword()),
    ]) {
      await refuses('systems.rotator-rejected', call);
      assertSilent(await failure(call), wrong);
    }
    const closed = rotator();
    await closed.close();
    await refuses('systems.secret-missing', () => closed.inspect(account));
  });
});
