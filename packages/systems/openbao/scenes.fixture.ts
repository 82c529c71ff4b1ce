/**
 * What is asked of a vault, scene by scene: recorded against a real OpenBao, played back in the ordinary suite. All that
 * goes into a request is given beforehand or was answered before: the same scene asks the same again.
 */
import assert from 'node:assert/strict';
import { base64, utf8, utf8Text } from '@halligan/format';
import { checkAccount } from '../check-account.ts';
import { parseSystemConfig } from '../config.ts';
import { refuses } from '../contract.ts';
import { openDriver } from '../open.ts';
import type { VaultEntry } from '../vault/entry.ts';
import { parseVaultAddress, parseVaultStore, requireWrapping } from '../vault/settings.ts';
import { keepEntry } from '../vault/store.ts';
import { openEntry, wrapEntry } from './entries.ts';
import { readerPolicy, rescuerPolicy, rotatorPolicy, writerPolicy } from './policy.ts';
import {
  beginRootToken,
  cancelRootToken,
  giveRootShare,
  giveUnsealShare,
  rootTokenOf,
  vaultStatus,
} from './rescue.ts';
import type { Openbao } from './server.ts';
import { storeAddress } from './store-paths.ts';

export interface Scene {
  readonly name: string;
  /** Sets the real vault up for it. @returns the throw-away values that the scene needs */
  readonly prepare: (vault: Openbao) => Promise<Readonly<Record<string, string>>>;
  readonly play: (url: string, given: (name: string) => string) => Promise<void>;
}

const ACCOUNT = 'breakglass-admin';

export const SCENES: readonly Scene[] = [
  {
    name: 'account',
    prepare: rotatorOf,
    play: async (url, given) => {
      const driver = openDriver(configOf(url, given), utf8(given('secret')));
      const password = utf8('Throw-away "1" \\ of a practice vault');
      await driver.setPassword(ACCOUNT, password);
      assert.equal(await driver.prove(ACCOUNT, password), 'accepted');
      assert.equal(await driver.prove(ACCOUNT, utf8('Throw-away, and wrong')), 'rejected');
      assert.equal(await driver.prove('nobody', password), 'rejected');
      assert.deepEqual(await driver.inspect(ACCOUNT), {
        exists: true,
        name: `auth/break-glass/users/${ACCOUNT}`,
        locked: false,
        mustChangePassword: false,
        groups: 'unknown',
        passwordChangedAt: 'unknown',
        access: {
          methods: ['password'],
          keys: 'unknown',
          sessions: 'unknown',
          grants: ['policy:emergency'],
        },
      });
      assert.deepEqual(await driver.inspect('nobody'), { exists: false });
      await refuses('systems.account-unknown', () => driver.setPassword('nobody', password));
      await refuses('systems.constraint', () => driver.setPassword(ACCOUNT, utf8('x'.repeat(100))));
      await driver.close();
    },
  },
  {
    name: 'locked-out',
    prepare: rotatorOf,
    play: async (url, given) => {
      const driver = openDriver(configOf(url, given), utf8(given('secret')));
      for (let guess = 0; guess < 5; guess += 1)
        assert.equal(await driver.prove('breakglass-second', utf8(`guess ${guess}`)), 'rejected');
      await refuses('systems.account-locked', () =>
        driver.prove('breakglass-second', utf8('guess 5')),
      );
      const seen = await driver.inspect('breakglass-second');
      assert.ok(seen.exists && seen.locked === true);
      await driver.close();
    },
  },
  {
    name: 'least-privilege',
    prepare: rotatorOf,
    play: async (url, given) => {
      const driver = openDriver(configOf(url, given), utf8(given('secret')));
      const found = await checkAccount(driver, ACCOUNT);
      assert.deepEqual(
        found.map((one) => one.found),
        ['Five wrong guesses by anybody lock the account out for fifteen minutes.'],
      );
      await driver.close();
    },
  },
  {
    name: 'too-much',
    prepare: async (vault) =>
      rotatorOf(vault, 'path "auth/break-glass/users/+" { capabilities = ["read", "update"] }'),
    play: async (url, given) => {
      const driver = openDriver(configOf(url, given), utf8(given('secret')));
      const found = (await checkAccount(driver, ACCOUNT)).map(
        (one) => `${one.level}: ${one.found}`,
      );
      for (const expected of [
        `fail: The rotator’s policy lacks “update” on auth/break-glass/users/${ACCOUNT}/password.`,
        'warn: The rotator’s policy lacks “read” on sys/locked-users.',
        `fail: The rotator may change auth/break-glass/users/${ACCOUNT} itself: it could give the account other policies.`,
      ])
        assert.ok(found.includes(expected), expected);
      await driver.close();
    },
  },
  {
    name: 'seals-kept',
    prepare: storeOf,
    play: async (url, given) => {
      const store = requireWrapping(parseVaultStore({ url, writer: { role: given('role') } }));
      const keep = (version: number) =>
        keepEntry(store, utf8(given('secret')), entryOf('dc', version));
      const first = await keep(1);
      assert.deepEqual(
        [first.entry, first.version, first.rules, first.audit],
        ['secret/break-glass/dc', 1, 'kept', 'on'],
      );
      assert.equal((await keep(1)).version, 1);
      assert.equal((await keep(2)).version, 2);
      await refuses('systems.vault-foreign', () =>
        keepEntry(store, utf8(given('secret')), entryOf('theirs', 1)),
      );
      const address = storeAddress(store);
      const { token } = await wrapEntry(store, 'dc', given('reader'));
      const signal = AbortSignal.timeout(60_000);
      await refuses('vault.token-foreign', () => openEntry(address, store, 'mail', token, signal));
      const opened = await openEntry(address, store, 'dc', token, signal);
      assert.deepEqual(opened.entry, entryOf('dc', 2));
      await refuses('vault.token-used', () => openEntry(address, store, 'dc', token, signal));
      await refuses('systems.vault-entry', () => wrapEntry(store, 'mail', given('reader')));
      await refuses('systems.vault-entry', () => wrapEntry(store, '../../sys', given('reader')));
    },
  },
  {
    name: 'root-token',
    prepare: async (vault) => {
      await vault.asRoot('PUT', 'sys/policies/acl/rescuer', { policy: rescuerPolicy() });
      return { ...(await sharesOf(vault)), rescuer: await vault.tokenFor(['rescuer']) };
    },
    play: async (url, given) => {
      const address = parseVaultAddress({ url });
      const [token, one, two] = [given('rescuer'), given('share1'), given('share2')];
      const begun = await beginRootToken(address, token);
      await refuses('vault.root-under-way', () => beginRootToken(address, token));
      await refuses('vault.other-attempt', () => giveRootShare(address, token, 'x', utf8(one)));
      const first = await giveRootShare(address, token, begun.attempt, utf8(one));
      assert.deepEqual([first.given, first.need], [1, 2]);
      await refuses('vault.share-again', () =>
        giveRootShare(address, token, begun.attempt, utf8(one)),
      );
      const last = await giveRootShare(address, token, begun.attempt, utf8(two));
      assert.match(utf8Text(rootTokenOf(last.encoded ?? '', begun.pad)), /^s\.[A-Za-z0-9]{24}$/);
      await beginRootToken(address, token);
      await cancelRootToken(address, token);
    },
  },
  {
    name: 'unseal',
    prepare: async (vault) => {
      const given = { ...(await rotatorOf(vault)), ...(await sharesOf(vault)) };
      await vault.asRoot('PUT', 'sys/seal');
      return given;
    },
    play: async (url, given) => {
      const address = parseVaultAddress({ url });
      const driver = openDriver(configOf(url, given), utf8(given('secret')));
      await refuses('systems.vault-sealed', () => driver.prove(ACCOUNT, utf8('Throw-away')));
      await refuses('systems.vault-sealed', () => driver.inspect(ACCOUNT));
      await driver.close();
      assert.deepEqual(await vaultStatus(address), {
        sealed: true,
        need: 2,
        given: 0,
        attempt: '',
      });
      await refuses('vault.share', () => giveUnsealShare(address, utf8('not a share at all')));
      const strange = await giveUnsealShare(address, utf8(base64(new Uint8Array(33).fill(7))));
      await refuses('vault.shares-wrong', () =>
        giveUnsealShare(address, utf8(given('share1')), strange.attempt),
      );
      const first = await giveUnsealShare(address, utf8(given('share1')));
      await refuses('vault.share-again', () => giveUnsealShare(address, utf8(given('share1'))));
      await refuses('vault.other-attempt', () =>
        giveUnsealShare(address, utf8(given('share2')), 'somebody-began-anew'),
      );
      const last = await giveUnsealShare(address, utf8(given('share2')), first.attempt);
      assert.equal(last.sealed, false);
      await refuses('vault.not-sealed', () => giveUnsealShare(address, utf8(given('share2'))));
    },
  },
];

async function rotatorOf(vault: Openbao, policy = rotatorPolicy('break-glass')) {
  const { role, secret } = await vault.appRole('halligan-rotator', policy);
  return { role, secret: utf8Text(secret) };
}

async function storeOf(vault: Openbao) {
  const { role, secret } = await vault.appRole(
    'halligan-writer',
    writerPolicy('secret', 'break-glass'),
  );
  await vault.asRoot('PUT', 'sys/policies/acl/reader', {
    policy: readerPolicy('secret', 'break-glass'),
  });
  await vault.asRoot('PUT', 'secret/data/break-glass/theirs', { data: { somebody: 'else' } });
  return { role, secret: utf8Text(secret), reader: await vault.tokenFor(['reader']) };
}

async function sharesOf({ unsealKeys }: Openbao) {
  const [one = new Uint8Array(), two = new Uint8Array()] = unsealKeys;
  return { share1: utf8Text(one), share2: utf8Text(two) };
}

function configOf(url: string, given: (name: string) => string) {
  return parseSystemConfig({
    driver: 'openbao',
    url,
    mount: 'break-glass',
    rotator: { role: given('role') },
    timeout: 60_000,
  });
}

function entryOf(system: string, version: number): VaultEntry {
  return {
    v: 'halligan/vault-entry/v1',
    organisation: 'contoso',
    system,
    accounts: {
      'dc-admin': [{ version, digest: 'ab'.repeat(32), seal: base64(utf8(`sealed ${version}`)) }],
    },
  };
}
