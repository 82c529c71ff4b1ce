import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, test } from 'node:test';
import { concat, fromBase64, utf8, utf8Text } from '@halligan/format';
import fc from 'fast-check';
import pg from 'pg';
import { checkAccount } from '../check-account.ts';
import { assertSilent, driverContract, failure, refuses } from '../contract.ts';
import { generatePassword, proveRotation, startPostgresql } from '../index.ts';
import { driversOf, startedComponent } from '../started-component.fixture.ts';
import { samePassword, scramVerifier } from './scram-verifier.ts';

const started = await startedComponent('postgresql', (folder) => startPostgresql({ folder }));
const server = started.running;
const { driverWith, rotator } = driversOf(server);

const account = 'breakglass-admin';
const second = 'breakglass-second';

/** What CREATEROLE reaches in version 15: no superuser, so the second account. */
const CREATEROLE = { privilege: 'createrole' };

for (const [name, changes, whose] of [
  ['a function of a superuser’s', {}, account],
  ['CREATEROLE', CREATEROLE, second],
] as const)
  driverContract(
    `PostgreSQL by ${name}`,
    async () => {
      if (changes === CREATEROLE) server().inside('ALTER ROLE halligan CREATEROLE');
      return {
        driver: rotator(changes),
        prover: driverWith(changes),
        account: whose,
        stranger: 'nobody',
        stop: async () => {
          server().inside('ALTER ROLE halligan NOCREATEROLE');
        },
      };
    },
    started,
  );

describe('PostgreSQL', started, () => {
  let current: Uint8Array;
  beforeEach(async () => {
    current = generatePassword();
    await rotator().setPassword(account, current);
  });

  test('the rotator touches members of its group, and no other role, its own neither', async () => {
    const { person, inside } = server();
    for (const name of [person, 'postgres', 'halligan'])
      await refuses('systems.insufficient-access', () =>
        rotator().setPassword(name, generatePassword()),
      );
    await refuses('systems.insufficient-access', () =>
      rotator(CREATEROLE).setPassword(second, generatePassword()),
    );
    assert.equal(inside("SELECT rolsuper FROM pg_roles WHERE rolname = 'halligan'"), 'f');
  });

  test('the function takes a verifier, never a password, and from nobody but the rotator', async () => {
    const { inside, person } = server();
    const call = `SELECT halligan.set_verifier('${second}', 'a password as it is', false)`;
    assert.throws(() => inside(call), { code: 'systems.postgresql-failed' });
    const right = inside(
      `SELECT has_function_privilege('${person}', 'halligan.set_verifier(text,text,boolean)', 'EXECUTE')`,
    );
    assert.equal(right, 'f');
  });

  test('no password is in the server’s log, where every statement is', async () => {
    const { inside, log, person } = server();
    const [fresh, own, wrong] = [generatePassword(), generatePassword(), generatePassword()];
    await rotator().setPassword(account, fresh);
    const self = driverWith({ rotation: 'self' });
    await self.setPassword(account, own, fresh);
    assert.equal(await self.prove(account, own), 'accepted');
    assert.equal(await self.prove(account, wrong), 'rejected');
    const planted = generatePassword();
    inside(`ALTER ROLE ${person} PASSWORD ${pg.escapeLiteral(utf8Text(planted))}`);
    const written = readFileSync(log);
    assert.notEqual(written.indexOf(planted), -1, 'the test would see a password');
    assert.notEqual(written.indexOf('halligan.set_verifier'), -1);
    for (const secret of [current, fresh, own, wrong, server().rotatorSecret])
      assert.equal(written.indexOf(secret), -1, 'a password is in the log');
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

  test('other ways in, and what is still in use, are seen', async () => {
    const { inside, config } = server();
    const session = new pg.Client({
      ...{ host: config.host, port: config.port, database: 'postgres', user: account },
      password: utf8Text(current),
      ssl: { ca: config.ca, host: config.host },
    });
    session.on('error', () => undefined);
    await session.connect();
    inside(`GRANT "${account}" TO alice;
      GRANT pg_monitor TO "${account}" WITH ADMIN OPTION;
      ALTER ROLE "${account}" SET search_path = evil;
      ALTER ROLE "${account}" VALID UNTIL '2099-01-01 00:00:00+00';
      CREATE FUNCTION public.back_door() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
      ALTER FUNCTION public.back_door OWNER TO "${account}"`);
    const seen = await rotator().inspect(account);
    await session.end();
    inside(`REVOKE "${account}" FROM alice; REVOKE pg_monitor FROM "${account}";
      ALTER ROLE "${account}" RESET ALL; DROP FUNCTION public.back_door;
      ALTER ROLE "${account}" VALID UNTIL 'infinity'`);
    assert.ok(seen.exists);
    assert.deepEqual(seen.groups, ['breakglass', 'pg_monitor']);
    assert.deepEqual(seen.access.methods, ['password until 2099-01-01T00:00:00Z']);
    assert.deepEqual(seen.access.grants, [
      'SUPERUSER',
      'alice may become it',
      'may grant pg_monitor',
      'security definer public.back_door()',
      'setting search_path=evil',
    ]);
    assert.match(
      String(seen.access.sessions),
      /^pid \d+ database postgres from 127\.0\.0\.1 since \d{4}-\d\d-\d\dT[\d:]{8}Z$/,
    );
    const after = await rotator().inspect(account);
    assert.ok(after.exists);
    assert.deepEqual(after.access.methods, ['password']);
    assert.deepEqual(after.access.grants, ['SUPERUSER']);
  });

  test('a right on one table in place of another shows', async () => {
    const { inside } = server();
    const grants = async () => {
      const seen = await rotator().inspect(account);
      assert.ok(seen.exists && seen.access.grants !== 'unknown');
      return seen.access.grants.filter((grant) => grant !== 'SUPERUSER');
    };
    inside(`CREATE TABLE public.wages (amount int); CREATE TABLE public.names (name text);
      GRANT SELECT ON public.wages TO "${account}"; GRANT USAGE ON SCHEMA public TO "${account}"`);
    const before = await grants();
    inside(`REVOKE SELECT ON public.wages FROM "${account}";
      GRANT SELECT (name) ON public.names TO "${account}"`);
    const after = await grants();
    inside(
      `DROP TABLE public.wages, public.names; REVOKE USAGE ON SCHEMA public FROM "${account}"`,
    );
    for (const seen of [before, after])
      assert.match(seen.join(), /^2 rights on objects, digest [0-9a-f]{12}$/);
    assert.notDeepEqual(after, before);
    assert.deepEqual(await grants(), []);
  });

  test('an expired password is not called a wrong one, where the catalogue may be read', async () => {
    const { inside } = server();
    inside(`ALTER ROLE "${account}" VALID UNTIL '2026-01-01 00:00:00+00'`);
    await refuses('systems.password-expired', () => rotator().prove(account, current));
    // The server says nothing of it to who signs in.
    assert.equal(await driverWith().prove(account, current), 'rejected');
    const [expired] = await checkAccount(rotator(), account);
    assert.equal(expired?.level, 'fail');
    assert.match(expired?.found ?? '', /VALID UNTIL 2026-01-01T00:00:00Z/);
    // Left alone, unless the settings say otherwise.
    await rotator().setPassword(account, current);
    await refuses('systems.password-expired', () => rotator().prove(account, current));
    await rotator({ validUntil: 'infinity' }).setPassword(account, current);
    assert.equal(await driverWith().prove(account, current), 'accepted');
  });

  test('a role that may not sign in is locked: the refusal is not about its password', async () => {
    const { inside } = server();
    inside(`ALTER ROLE "${account}" NOLOGIN`);
    await refuses('systems.account-locked', () => driverWith().prove(account, current));
    assert.equal(await driverWith().prove(account, generatePassword()), 'rejected');
    const seen = await rotator().inspect(account);
    assert.ok(seen.exists && seen.locked === true);
    inside(`ALTER ROLE "${account}" LOGIN`);
    assert.equal(await driverWith().prove(account, current), 'accepted');
  });

  test('where the server asks for no password, or for it as it is, nothing is proven and nothing given away', async () => {
    const { log } = server();
    const rule = (method: string) => `hostssl all "${account}" 127.0.0.1/32 ${method}\n`;
    await withSignIns(rule('trust'), async () => {
      await refuses('systems.no-password-asked', () => driverWith().prove(account, current));
      await refuses('systems.no-password-asked', () =>
        driverWith().prove(account, generatePassword()),
      );
    });
    for (const method of ['password', 'ldap ldapserver=127.0.0.1 ldapprefix=cn='])
      await withSignIns(rule(method), () =>
        refuses('systems.authentication-method', () => driverWith().prove(account, current)),
      );
    await withSignIns(rule('reject'), () =>
      refuses('systems.not-let-in', () => driverWith().prove(account, current)),
    );
    assert.equal(readFileSync(log).indexOf(current), -1);
    assert.equal(await driverWith().prove(account, current), 'accepted');
  });

  test('system check names what is missing', async () => {
    const { inside, person } = server();
    assert.deepEqual(await checkAccount(rotator(), account), []);
    const found = async (name: string, changes: object = {}) =>
      (await checkAccount(rotator(changes), name)).map((one) => `${one.level} ${one.found}`).join();
    assert.match(await found(person), /^fail It is not in the group breakglass/);
    inside('REVOKE pg_read_all_stats FROM halligan');
    assert.match(await found(account), /^warn The rotator is not shown from where/);
    inside('GRANT pg_read_all_stats TO halligan');
    inside('REVOKE EXECUTE ON FUNCTION halligan.set_verifier FROM halligan');
    assert.match(await found(account), /^fail The rotator cannot use halligan\.set_verifier/);
    await refuses('systems.insufficient-access', () => rotator().setPassword(account, current));
    inside('GRANT EXECUTE ON FUNCTION halligan.set_verifier TO halligan');
    inside('CREATE DATABASE bare');
    assert.match(await found(account, { database: 'bare' }), /^fail The rotator cannot use/);
    await refuses('systems.helper', () =>
      rotator({ database: 'bare' }).setPassword(account, current),
    );
    inside('DROP DATABASE bare WITH (FORCE)');
    inside(`ALTER ROLE "${account}" CONNECTION LIMIT 1`);
    assert.match(await found(account), /^warn It may have 1 connections/);
    inside(`ALTER ROLE "${account}" CONNECTION LIMIT -1`);
    assert.match(await found(account, CREATEROLE), /^fail It is a superuser/);
    assert.match(await found(second, CREATEROLE), /^fail The rotator lacks CREATEROLE/);
    inside('ALTER ROLE halligan CREATEROLE');
    assert.match(await found(second, CREATEROLE), /^warn Before version 16 CREATEROLE/);
    inside('ALTER ROLE halligan NOCREATEROLE');
    inside('ALTER ROLE halligan SUPERUSER');
    assert.match(await found(account), /^warn The rotator is a superuser/);
    inside('ALTER ROLE halligan NOSUPERUSER');
    inside(
      `REVOKE CONNECT ON DATABASE postgres FROM PUBLIC; GRANT CONNECT ON DATABASE postgres TO halligan`,
    );
    assert.match(await found(second), /^fail It may not connect to the database postgres/);
    inside('GRANT CONNECT ON DATABASE postgres TO PUBLIC');
  });

  test('no character of a name means anything to the server', async () => {
    const { inside } = server();
    const hostile = [
      'a"; ALTER ROLE halligan SUPERUSER; --',
      "a'b\\'; DROP ROLE alice; --",
      '$1',
      'PUBLIC',
      'Breakglass-Admin',
      '%I %s',
      'ünï🔑',
      ' spaced ',
    ];
    for (const name of hostile) {
      assert.deepEqual(await rotator().inspect(name), { exists: false }, name);
      await refuses('systems.account-unknown', () => rotator().setPassword(name, current));
    }
    const long = 'x'.repeat(64);
    inside(`CREATE ROLE ${'x'.repeat(63)} LOGIN; GRANT breakglass TO ${'x'.repeat(63)};
      ALTER ROLE halligan CREATEROLE`);
    // The server would cut the name off, and take it for another role’s.
    assert.deepEqual(await rotator().inspect(long), { exists: false });
    await refuses('systems.account-unknown', () => rotator().setPassword(long, current));
    assert.equal(await driverWith().prove(long, current), 'rejected');
    for (const name of hostile) {
      inside(
        `CREATE ROLE ${pg.escapeIdentifier(name)} LOGIN; GRANT breakglass TO ${pg.escapeIdentifier(name)}`,
      );
      for (const driver of [rotator(), rotator(CREATEROLE)]) {
        const fresh = generatePassword();
        await driver.setPassword(name, fresh);
        assert.equal(await driverWith().prove(name, fresh), 'accepted', name);
      }
      inside(`DROP ROLE ${pg.escapeIdentifier(name)}`);
    }
    inside('ALTER ROLE halligan NOCREATEROLE');
    assert.equal(inside("SELECT count(*) FROM pg_roles WHERE rolname = 'alice'"), '1');
  });

  test('the verifier is the one that the server makes of the same password', async () => {
    const { inside, person } = server();
    const texts = fc
      .sample(fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }), { numRuns: 300, seed: 7 })
      .concat('Zürich–Παράδειγμα–試験–🔑', 'خط', 'a1ا')
      .filter((text) => text.isWellFormed() && !/\p{Cc}/u.test(text) && passes(text));
    assert.ok(texts.length > 50);
    const script = texts.map(
      (text) => `ALTER ROLE ${person} PASSWORD ${pg.escapeLiteral(text)};
        SELECT rolpassword FROM pg_authid WHERE rolname = '${person}';`,
    );
    const made = inside(`SET client_encoding = 'UTF8';\n${script.join('\n')}`).split('\n');
    assert.equal(made.length, texts.length);
    for (const [at, text] of texts.entries()) {
      const salt = /:(.+)\$/.exec(made[at] ?? '')?.[1] ?? '';
      assert.equal(await scramVerifier(utf8(text), 4096, fromBase64(salt)), made[at], text);
    }
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
    await refuses('systems.secret-missing', () =>
      driverWith().setPassword(account, generatePassword()),
    );
  });
});

function passes(text: string): boolean {
  try {
    samePassword(utf8(text));
    return true;
  } catch {
    return false;
  }
}

/** With a line in front of pg_hba.conf, in force before `work` begins and out of it afterwards. */
async function withSignIns(rule: string, work: () => Promise<void>): Promise<void> {
  const { inside } = server();
  const path = join(started.folder, 'data', 'pg_hba.conf');
  const usual = readFileSync(path, 'utf8');
  const inForce = (text: string) => {
    writeFileSync(path, text);
    const loaded = () => inside('SELECT pg_conf_load_time()');
    const before = loaded();
    inside('SELECT pg_reload_conf()');
    while (loaded() === before);
  };
  inForce(rule + usual);
  try {
    await work();
  } finally {
    inForce(usual);
  }
}
