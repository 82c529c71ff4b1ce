import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, test } from 'node:test';
import { HalliganError, utf8, utf8Text } from '@halligan/format';
import { Client } from 'ldapts';
import { checkAccount } from '../check-account.ts';
import { assertSilent, driverContract, failure, refuses } from '../contract.ts';
import { harmfulRelay } from '../harmful-relay.fixture.ts';
import { generatePassword, proveRotation, startSamba } from '../index.ts';
import { driversOf, startedComponent } from '../started-component.fixture.ts';
import { delegatedRights } from './samba-files.ts';

const started = await startedComponent('samba', (folder) =>
  startSamba({ folder: join(folder, 'main') }),
);
const samba = started.running;
const { driverWith, rotator } = driversOf(samba);

const account = 'breakglass-admin';
const dnOf = (name: string, ou = 'Emergency') => `CN=${name},OU=${ou},${samba().base}`;
const below = (ou: string) => (ou === '' ? samba().base : `OU=${ou},${samba().base}`);

function bench(changes: object, nameOf: (name: string) => string) {
  return {
    driver: rotator(changes),
    prover: driverWith(changes),
    account: nameOf(account),
    stranger: nameOf('nobody'),
  };
}

driverContract('Active Directory', async () => bench({}, (name) => name), started);
driverContract(
  'Active Directory, accounts by UPN',
  async () =>
    bench({ accounts: { by: 'upn', base: below('') } }, (name) => `${name}@practice.test`),
  started,
);
driverContract(
  'Active Directory, accounts by DN',
  async () => bench({ accounts: { by: 'dn', base: below('Emergency') } }, dnOf),
  started,
);

/** Changes the account as the domain's administrator would. */
function administer(...lines: string[]): void {
  samba().modify([`dn: ${dnOf(account)}`, 'changetype: modify', ...lines, ''].join('\n'));
}

const NORMAL = 0x200 + 0x10000 + 0x100000;
const HEALTHY = [
  'replace: userAccountControl',
  `userAccountControl: ${NORMAL}`,
  ...['-', 'replace: accountExpires', 'accountExpires: 0'],
  ...['-', 'replace: logonHours', '-', 'replace: userWorkstations'],
  ...['-', 'replace: servicePrincipalName', '-', 'replace: adminCount'],
];

describe('Active Directory', started, () => {
  let current: Uint8Array;
  beforeEach(async () => {
    administer(...HEALTHY);
    current = generatePassword();
    await rotator().setPassword(account, current);
  });

  test('a healthy account is seen with its groups, direct and primary, and nothing is missing', async () => {
    const seen = await rotator().inspect(account);
    assert.ok(seen.exists);
    assert.equal(seen.name, dnOf(account));
    assert.deepEqual(seen.groups, [
      `CN=Domain Users,CN=Users,${samba().base}`,
      dnOf('Emergency Operators', 'Services'),
    ]);
    assert.equal(seen.locked, false);
    assert.equal(seen.mustChangePassword, false);
    assert.match(seen.passwordChangedAt, /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}/);
    assert.deepEqual(seen.access.methods, ['password']);
    assert.deepEqual(seen.access.keys, []);
    assert.equal(seen.access.sessions, 'unknown');
    assert.deepEqual(await checkAccount(rotator(), account), []);
  });

  test('why a sign-in is refused is told apart, and the right password alone is never called wrong', async () => {
    const reasons: readonly (readonly [string, string, readonly string[]])[] = [
      ['systems.account-disabled', 'disabled', control(0x2)],
      ['systems.account-expired', 'expired', ['replace: accountExpires', `accountExpires: 1`]],
      [
        'systems.password-expired',
        'must be changed',
        [...control(-0x10000), '-', 'replace: pwdLastSet', 'pwdLastSet: 0'],
      ],
      [
        'systems.sign-in-restricted',
        'hour',
        ['replace: logonHours', `logonHours:: ${new Uint8Array(21).toBase64()}`],
      ],
      [
        'systems.sign-in-restricted',
        'machine',
        ['replace: userWorkstations', 'userWorkstations: PC'],
      ],
    ];
    for (const [code, word, lines] of reasons) {
      administer(...lines);
      const refusal = await failure(() => driverWith().prove(account, current));
      assert.ok(refusal instanceof HalliganError);
      assert.equal(refusal.code, code);
      assert.match(refusal.message, new RegExp(word));
      assertSilent(refusal, current);
      assert.ok(
        (await checkAccount(rotator(), account)).some(({ level }) => level === 'fail'),
        word,
      );
      administer(...HEALTHY);
    }
    const fresh = generatePassword();
    await rotator().setPassword(account, fresh);
    assert.equal(await driverWith().prove(account, fresh), 'accepted');
  });

  test('what weakens an account is found, each by its own words', async () => {
    const weaknesses: readonly (readonly [RegExp, readonly string[]])[] = [
      [/needs no password/, control(0x20)],
      [/smart card/, control(0x40000)],
      [/ticket and guess/, ['replace: servicePrincipalName', 'servicePrincipalName: http/x']],
      [/no pre-authentication/, control(0x400000)],
      [/delegation/, control(0x80000)],
      [/sensitive and cannot be delegated/, control(-0x100000)],
      [/password expires on/, control(-0x10000)],
      [/AdminSDHolder/, ['replace: adminCount', 'adminCount: 1']],
    ];
    for (const [words, lines] of weaknesses) {
      administer(...lines);
      const found = await checkAccount(rotator(), account);
      assert.deepEqual(found.filter((one) => words.test(one.found)).length, 1, String(words));
      administer(...HEALTHY);
    }
  });

  test('privilege is seen through groups within groups, by SID', async (t) => {
    const operators = dnOf('Emergency Operators', 'Services');
    const admins = `CN=Domain Admins,CN=Users,${samba().base}`;
    const member = (change: string) =>
      samba().modify(
        `dn: ${admins}\nchangetype: modify\n${change}: member\nmember: ${operators}\n`,
      );
    member('add');
    t.after(() => member('delete'));
    const seen = await rotator().inspect(account);
    assert.ok(seen.exists && seen.access.grants !== 'unknown');
    assert.ok(!seen.groups.includes(admins), 'not a direct group');
    const names = seen.access.grants.map((line) => /^group S-1-5-\S+ (.*)/.exec(line)?.[1]);
    for (const name of ['Domain Admins', 'Administrators', 'Emergency Operators'])
      assert.ok(names.includes(name), `${name}: ${names}`);
  });

  test('the rotator cannot reset accounts outside its OU, nor its own', async () => {
    for (const ou of ['People', 'Services', '']) {
      const driver = rotator({ accounts: { by: 'name', domain: 'PRACTICE', base: below(ou) } });
      const other =
        ou === 'Services' ? 'rotator' : ou === 'People' ? samba().person : 'Administrator';
      assert.equal((await driver.inspect(other)).exists, true);
      await refuses('systems.insufficient-access', () =>
        driver.setPassword(other, generatePassword()),
      );
      const found = await checkAccount(driver, other);
      assert.ok(
        found.some((one) => /may not reset the password/.test(one.found)),
        other,
      );
    }
    const { exists } = await rotator().inspect(samba().person);
    assert.equal(exists, false, 'outside of the base is not even looked at');
    const byDn = rotator({ accounts: { by: 'dn', base: below('Emergency') } });
    await refuses('systems.account-elsewhere', () =>
      byDn.setPassword(dnOf(samba().person, 'People'), generatePassword()),
    );
  });

  test('the rotator changes nothing of an account but its password and its lock', async () => {
    const client = new Client({ url: samba().url, tlsOptions: { ca: samba().ca } });
    await client.bind('rotator@practice.test', utf8Text(samba().rotatorSecret));
    const { searchEntries } = await client.search(dnOf(account), {
      scope: 'base',
      attributes: ['allowedAttributesEffective', 'unicodePwd', 'supplementalCredentials'],
    });
    assert.equal(searchEntries[0]?.allowedAttributesEffective, 'lockoutTime');
    assert.deepEqual(searchEntries[0]?.unicodePwd, []);
    await assert.rejects(client.del(dnOf(account)), { code: 50 });
    await client.unbind();
  });

  test('a protected account, off which AdminSDHolder took the delegated right, is explained', async () => {
    const other = 'breakglass-second';
    assert.deepEqual(await checkAccount(rotator(), other), []);
    // What Windows does by itself within the hour: rules of its own, and none inherited.
    const rules = 'O:DAG:DAD:PAI(A;;RPLCLORC;;;AU)(A;;RPWPCRCCDCLCLORCWOWDSDDTSW;;;DA)';
    samba().modify(
      [
        `dn: ${dnOf(other)}`,
        'changetype: modify',
        ...['replace: adminCount', 'adminCount: 1', '-'],
        ...['replace: nTSecurityDescriptor', `nTSecurityDescriptor: ${rules}`, ''],
      ].join('\n'),
    );
    const refusal = await failure(() => rotator().setPassword(other, generatePassword()));
    assert.ok(refusal instanceof HalliganError);
    assert.equal(refusal.code, 'systems.insufficient-access');
    assert.match(refusal.message, /AdminSDHolder/);
    const found = await checkAccount(rotator(), other);
    assert.ok(found.some((one) => one.level === 'fail' && /AdminSDHolder/.test(one.found)));
    assert.ok(found.some((one) => /may not unlock/.test(one.found)));
  });

  test('a locked account gives no answer about its password; a rotation frees it', async (t) => {
    samba().tool('domain', 'passwordsettings', 'set', '--account-lockout-threshold=2');
    t.after(() =>
      samba().tool('domain', 'passwordsettings', 'set', '--account-lockout-threshold=0'),
    );
    const found = await checkAccount(rotator(), account);
    assert.ok(found.some((one) => /locks it with 2 wrong passwords/.test(one.found)));
    for (let failures = 0; failures < 2; failures += 1)
      assert.equal(await driverWith().prove(account, generatePassword()), 'rejected');
    await refuses('systems.account-locked', () => driverWith().prove(account, current));
    const seen = await rotator().inspect(account);
    assert.ok(seen.exists && seen.locked === true);
    const fresh = generatePassword();
    await rotator().setPassword(account, fresh);
    assert.deepEqual(await proveRotation(driverWith(), account, { fresh, old: current }), {
      fresh: 'accepted',
      old: 'rejected',
    });
  });

  test('a refusal of the password policy is explained', async () => {
    for (const [short, why] of [
      ['Aa2-a', /too short/],
      ['all-in-lower-case-letters', /complex/],
    ] as const) {
      const refusal = await failure(() => rotator().setPassword(account, utf8(short)));
      assert.ok(refusal instanceof HalliganError);
      assert.equal(refusal.code, 'systems.constraint');
      assert.match(refusal.message, why);
      assertSilent(refusal, utf8(short));
    }
    assert.equal(await driverWith().prove(account, current), 'accepted');
  });

  test('where old passwords live on for an hour, a reset kills the old one all the same', async (t) => {
    await samba().restart(60);
    t.after(() => samba().restart(0));
    const fresh = generatePassword();
    await rotator().setPassword(account, fresh);
    assert.deepEqual(await proveRotation(driverWith(), account, { fresh, old: current }), {
      fresh: 'accepted',
      old: 'rejected',
    });
  });

  test('the page names the rights that the practice domain delegates', async () => {
    const page = join(import.meta.dirname, '../../../docs/systems/active-directory.md');
    const text = (await readFile(page, 'utf8')).replaceAll(
      '$USER',
      'bf967aba-0de6-11d0-a285-00aa003049e2',
    );
    for (const right of delegatedRights('$SID')) assert.ok(text.includes(`${right}"`), right);
  });

  describe('an account that changes its own password', () => {
    const self = (first: Uint8Array) =>
      driverWith(
        { rotation: 'self' },
        utf8(
          `rotator@practice.test:${utf8Text(samba().rotatorSecret)}\n${account}:${utf8Text(first)}\n`,
        ),
      );
    const youngest = (days: number) =>
      samba().tool('domain', 'passwordsettings', 'set', `--min-pwd-age=${days}`);

    test('does so with the present one, the first time from the secret', async (t) => {
      youngest(0);
      t.after(() => youngest(1));
      const [second, third] = [generatePassword(), generatePassword()];
      const driver = self(current);
      await driver.setPassword(account, second);
      await driver.setPassword(account, third, second);
      assert.deepEqual(await proveRotation(driverWith(), account, { fresh: third, old: second }), {
        fresh: 'accepted',
        old: 'rejected',
      });
      await refuses('systems.old-rejected', () =>
        driver.setPassword(account, generatePassword(), second),
      );
      assert.equal((await driver.inspect(account)).exists, true);
    });

    test('leaves the old one alive for a while, which the proof shows and the check names', async (t) => {
      youngest(0);
      await samba().restart(60);
      t.after(async () => {
        youngest(1);
        await samba().restart(0);
      });
      const fresh = generatePassword();
      await self(current).setPassword(account, fresh, current);
      assert.deepEqual(await proveRotation(driverWith(), account, { fresh, old: current }), {
        fresh: 'accepted',
        old: 'accepted',
      });
      const found = await checkAccount(self(current), account);
      assert.ok(found.some((one) => /OldPasswordAllowedPeriod/.test(one.fix)));
    });

    test('is told when the policy has it wait', async () => {
      const refusal = await failure(() =>
        self(current).setPassword(account, generatePassword(), current),
      );
      assert.ok(refusal instanceof HalliganError);
      assert.equal(refusal.code, 'systems.constraint');
      assert.match(refusal.message, /too young/);
      const found = await checkAccount(self(current), account);
      assert.ok(found.some((one) => one.level === 'fail' && /24 hours|1 days/.test(one.found)));
    });
  });

  test('a policy of the account’s own counts, where the rotator may read it', async (t) => {
    samba().tool(
      ...['domain', 'passwordsettings', 'pso', 'create', 'break-glass', '1'],
      ...['--account-lockout-threshold=5', '--min-pwd-age=0', '--max-pwd-age=0'],
    );
    t.after(() => samba().tool('domain', 'passwordsettings', 'pso', 'delete', 'break-glass'));
    samba().tool('domain', 'passwordsettings', 'pso', 'apply', 'break-glass', account);
    const hidden = await checkAccount(rotator(), account);
    assert.ok(
      hidden.some((one) => /does not show the rotator the password policy/.test(one.found)),
    );
    const pso = `CN=break-glass,CN=Password Settings Container,CN=System,${samba().base}`;
    samba().tool('dsacl', 'set', `--objectdn=${pso}`, '--sddl=(A;;RPLCLORC;;;AU)');
    const shown = await checkAccount(rotator(), account);
    assert.deepEqual(
      shown.map(({ found }) => found),
      ['Anyone who knows its name locks it with 5 wrong passwords.'],
    );
  });

  test('a rotator that may do more than it should is told so', async (t) => {
    const operators = `CN=Account Operators,CN=Builtin,${samba().base}`;
    const member = (change: string) =>
      samba().modify(
        `dn: ${operators}\nchangetype: modify\n${change}: member\nmember: ${dnOf('rotator', 'Services')}\n`,
      );
    member('add');
    t.after(() => member('delete'));
    const found = (await checkAccount(rotator(), account)).map((one) => one.found).join('\n');
    assert.match(found, /The rotator is in Account Operators/);
    assert.match(found, /may change more of the account than its password/);
  });

  test('a network that cuts or swallows an answer never makes one, and loses no account', async (t) => {
    const harms = [0, 300, 2000, 2600, 3200].flatMap((bytes) => [
      { cutAfter: bytes },
      { silentAfter: bytes },
    ]);
    for (const harm of harms) {
      const port = await harmfulRelay(t, 636, { ...harm, to: new URL(samba().url).hostname });
      const change = { url: `ldaps://localhost:${port}`, timeout: 1500 };
      const fresh = generatePassword();
      for (const call of [
        () => rotator(change).setPassword(account, fresh),
        () => driverWith(change).prove(account, fresh),
        () => rotator(change).inspect(account),
      ]) {
        const outcome = await call().then(
          () => 'an answer',
          (error: unknown) => error,
        );
        if (outcome === 'an answer') continue;
        assert.ok(outcome instanceof HalliganError);
        assert.match(
          outcome.code,
          /^systems\.(?:unreachable|tls|timeout|connection-lost)$/,
          JSON.stringify(harm),
        );
        assertSilent(outcome, fresh);
      }
      const alive = [
        await driverWith().prove(account, fresh),
        await driverWith().prove(account, current),
      ].filter((one) => one === 'accepted');
      assert.equal(alive.length, 1, JSON.stringify(harm));
      if ((await driverWith().prove(account, fresh)) === 'accepted') current = fresh;
    }
  });

  test('no character of a name means anything to the directory', async () => {
    const hostile = [
      '*',
      'breakglass-*',
      `${account})(cn=*`,
      '*)(|(objectClass=*)',
      `${account}@practice.test`,
      `PRACTICE\\${account}`,
      dnOf(account),
      '\\2a',
      'Emergency Operators',
      'ünï\u{1f511}',
      ` ${account}`,
    ];
    for (const name of hostile) {
      assert.deepEqual(await rotator().inspect(name), { exists: false }, name);
      assert.equal(await driverWith().prove(name, current), 'rejected', name);
      await refuses('systems.account-unknown', () => rotator().setPassword(name, current));
    }
    assert.equal(await driverWith().prove(account, current), 'accepted');
  });

  test('a wrong domain name is found before it is relied on, and a wrong rotator password said', async () => {
    const accounts = { by: 'name', domain: 'ELSEWHERE', base: below('Emergency') };
    const found = await checkAccount(rotator({ accounts }), account);
    assert.ok(found.some((one) => one.level === 'fail' && /NetBIOS/.test(one.found)));
    const wrong = generatePassword();
    const driver = driverWith({}, wrong);
    const error = await failure(() => driver.inspect(account));
    assert.ok(error instanceof HalliganError);
    assert.equal(error.code, 'systems.rotator-rejected');
    assertSilent(error, wrong);
  });
});

function control(change: number): readonly string[] {
  return ['replace: userAccountControl', `userAccountControl: ${NORMAL + change}`];
}
