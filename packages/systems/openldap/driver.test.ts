import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, test } from 'node:test';
import { HalliganError, utf8 } from '@halligan/format';
import { Attribute, Change, Client } from 'ldapts';
import { assertSilent, driverContract, failure, refuses } from '../contract.ts';
import { generatePassword, proveRotation, startSlapd } from '../index.ts';
import { openDriver } from '../open.ts';
import { driversOf, startedComponent } from '../started-component.fixture.ts';

const started = await startedComponent('slapd', (folder) =>
  startSlapd({ folder: join(folder, 'main') }),
);
const { running: directory, folder } = started;
const { driverWith, rotator } = driversOf(directory);

const account = 'breakglass-admin';

driverContract('OpenLDAP over TLS', async () => bench({}), started);
driverContract(
  'OpenLDAP over StartTLS',
  async () => bench({ url: directory().plainUrl, startTls: true }),
  started,
);
driverContract(
  'OpenLDAP, accounts by DN',
  async () => {
    const { base } = directory();
    const dns = bench({ accounts: { by: 'dn', base: `ou=emergency,${base}` } });
    const dn = (name: string) => `uid=${name}, ou=emergency, ${base}`;
    return { ...dns, account: dn(account), stranger: dn('nobody') };
  },
  started,
);
driverContract(
  'OpenLDAP, accounts by search',
  async () => {
    const made = bench(bySearch());
    return { ...made, prover: rotator(bySearch()) };
  },
  started,
);

function bench(changes: object) {
  return {
    driver: rotator(changes),
    prover: driverWith(changes),
    account,
    stranger: 'nobody',
  };
}

const bySearch = () => ({ accounts: { by: 'search', attribute: 'uid', base: directory().base } });

describe('OpenLDAP', started, () => {
  let current: Uint8Array;
  beforeEach(async () => {
    current = generatePassword();
    await rotator().setPassword(account, current);
  });

  test('the password at the start signs in', async (t) => {
    const other = await startSlapd({ folder: join(folder, 'other') });
    t.after(() => other.stop());
    const driver = openDriver(other.config, undefined);
    assert.equal(await driver.prove(account, other.initialPassword), 'accepted');
  });

  test('inspecting tells the DN, the groups and the time of the password', async () => {
    const seen = await rotator().inspect(account);
    assert.ok(seen.exists);
    assert.equal(seen.name, directory().accountDn);
    assert.deepEqual(seen.groups, [`cn=administrators,ou=groups,${directory().base}`]);
    assert.equal(seen.locked, false);
    assert.match(seen.passwordChangedAt, /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/);
  });

  test('without the overlay in sight a lock and a time are unknown, not absent', async () => {
    const seen = await rotator().inspect('breakglass-second');
    assert.ok(seen.exists);
    assert.equal(seen.locked, 'unknown');
    assert.equal(seen.passwordChangedAt, 'unknown');
  });

  test('a person who only proves can neither inspect nor set', async () => {
    const person = driverWith();
    await refuses('systems.secret-missing', () => person.inspect(account));
    await refuses('systems.secret-missing', () => person.setPassword(account, generatePassword()));
    const searching = driverWith(bySearch());
    await refuses('systems.secret-missing', () => searching.prove(account, current));
  });

  test("a rotator whose own password is wrong is told so, and 'rejected' is not said of the account", async () => {
    const wrong = generatePassword();
    const driver = driverWith(bySearch(), wrong);
    for (const call of [
      () => driver.inspect(account),
      () => driver.setPassword(account, generatePassword()),
      () => driver.prove(account, current),
    ]) {
      await refuses('systems.rotator-rejected', call);
      assertSilent(await failure(call), wrong);
    }
    await rotator().close();
  });

  test('after closing, the rotator has no credential any more', async () => {
    const driver = rotator();
    await driver.close();
    await refuses('systems.secret-missing', () => driver.inspect(account));
  });

  test('the rotator cannot change accounts outside ou=emergency, nor its own', async () => {
    const { base, rotatorDn } = directory();
    const driver = rotator({ accounts: { by: 'dn', base } });
    for (const dn of [`uid=alice,ou=people,${base}`, rotatorDn]) {
      await refuses('systems.insufficient-access', () =>
        driver.setPassword(dn, generatePassword()),
      );
    }
  });

  test('the rotator can read no password and write nothing else', async () => {
    const { plainUrl, rotatorDn, rotatorSecret, accountDn, base } = directory();
    const client = new Client({ url: plainUrl, timeout: 5000 });
    await client.bind(rotatorDn, new TextDecoder().decode(rotatorSecret));
    const { searchEntries } = await client.search(base, { attributes: ['*', '+'] });
    const shown = new Set(searchEntries.flatMap((entry) => Object.keys(entry)));
    assert.ok(searchEntries.length > 0);
    assert.ok(!shown.has('userPassword') && !shown.has('pwdHistory'), [...shown].join());
    const modification = new Attribute({ type: 'cn', values: ['changed'] });
    const change = new Change({ operation: 'replace', modification });
    await assert.rejects(client.modify(accountDn, change), { code: 50 });
    await assert.rejects(client.del(accountDn), { code: 50 });
    await client.unbind();
  });

  test('an account outside the base is refused before anything is sent', async () => {
    const { base } = directory();
    const driver = rotator({ accounts: { by: 'dn', base: `ou=emergency,${base}` } });
    const alice = `uid=alice,ou=people,${base}`;
    await refuses('systems.account-elsewhere', () => driver.setPassword(alice, generatePassword()));
    await refuses('systems.account-elsewhere', () => driver.prove(alice, current));
  });

  test('a refusal of the password policy is explained', async () => {
    const short = utf8('Aa2-Aa2-Aa2');
    const refusal = await failure(() => rotator().setPassword(account, short));
    assert.ok(refusal instanceof HalliganError);
    assert.equal(refusal.code, 'systems.constraint');
    assert.match(refusal.message, /too short/);
    assertSilent(refusal, short);
    await rotator().setPassword(account, generatePassword());
    const again = await failure(() => rotator().setPassword(account, current));
    assert.ok(again instanceof HalliganError);
    assert.match(again.message, /used before/);
    assertSilent(again, current);
  });

  test('a locked account is reported, gives no answer about its password, and a rotation frees it', async () => {
    const person = driverWith();
    for (let failures = 0; failures < 4; failures += 1) {
      assert.equal(await person.prove(account, generatePassword()), 'rejected');
    }
    await refuses('systems.account-locked', () => person.prove(account, current));
    const seen = await rotator().inspect(account);
    assert.ok(seen.exists && seen.locked === true);
    const fresh = generatePassword();
    await rotator().setPassword(account, fresh);
    assert.deepEqual(await proveRotation(person, account, { fresh, old: current }), {
      fresh: 'accepted',
      old: 'rejected',
    });
  });

  test('no character of a name means anything to the directory', async () => {
    const hostile = [
      '*',
      'breakglass-*',
      `${account})(uid=*`,
      '*)(|(objectClass=*)',
      `${account},ou=emergency`,
      `${account}+cn=${account}`,
      `x,${directory().accountDn}`,
      '\\2a',
      '#62726561',
      '"x"',
      'a;b<c>d=e',
      'EXTERNAL',
      'ünï\u{1f511}',
    ];
    for (const driver of [rotator(), rotator(bySearch())]) {
      for (const name of hostile) {
        assert.deepEqual(await driver.inspect(name), { exists: false }, name);
        assert.equal(await driver.prove(name, current), 'rejected', name);
        await refuses('systems.account-unknown', () => driver.setPassword(name, current));
      }
    }
    assert.equal(await rotator().prove(account, current), 'accepted');
  });

  test('two entries with one name are never chosen between', async () => {
    // Both accounts have this class; as an attribute to search by it names neither.
    const accounts = { by: 'search', attribute: 'objectClass', base: directory().base };
    const driver = rotator({ accounts });
    await refuses('systems.account-ambiguous', () => driver.inspect('inetOrgPerson'));
    await refuses('systems.account-ambiguous', () => driver.prove('inetOrgPerson', current));
  });

  test('no password is in the configuration, the data as text, or the command line', async () => {
    const { rotatorSecret, initialPassword } = directory();
    const main = join(folder, 'main');
    const files = await readdir(main, { recursive: true, withFileTypes: true });
    for (const file of files.filter((one) => one.isFile())) {
      const bytes = await readFile(join(file.parentPath, file.name));
      for (const secret of [rotatorSecret, initialPassword, current]) {
        assert.equal(bytes.indexOf(secret), -1, file.name);
      }
    }
  });
});
