import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { inspect } from 'node:util';
import { HalliganError, utf8, utf8Text } from '@halligan/format';
import type { Driver } from './driver.ts';
import { generatePassword } from './generate-password.ts';
import { proveRotation } from './prove-rotation.ts';

/** What a driver's test gives the contract to run against: a real system, never a mock. */
export interface Bench {
  /** The rotator's driver. */
  readonly driver: Driver;
  /** A driver as a person's device opens it: it may only prove. */
  readonly prover: Driver;
  /** An existing emergency account, not locked, whose password the contract may change. */
  readonly account: string;
  /** A well-formed name that the system does not have. */
  readonly stranger: string;
  /** Takes down or back what was made for the contract alone. */
  readonly stop?: () => Promise<void>;
}

/** What the account signs in with, where that is no password. */
export interface Secrets {
  readonly fresh: () => Promise<Uint8Array>;
  /** Well-formed ones that are not the present one, however near: at most two. */
  readonly near: (current: Uint8Array) => Promise<readonly Uint8Array[]>;
}

export interface ContractOptions {
  readonly skip?: string | false;
  readonly secrets?: Secrets;
}

const PASSWORDS: Secrets = {
  fresh: async () => generatePassword(),
  near: async (current) => {
    const near = Uint8Array.from(current);
    const last = near.length - 1;
    near[last] = near[last] === 0x41 ? 0x42 : 0x41;
    return [near, current.slice(0, -1)];
  },
};

/**
 * What every driver has to pass. Each test begins with a fresh password set by the driver, and makes at most two
 * negative proofs, as lockout policies demand of the rotator too.
 */
export function driverContract(
  name: string,
  setup: () => Promise<Bench>,
  { skip = false, secrets = PASSWORDS }: ContractOptions = {},
): void {
  describe(`${name}: the driver's contract`, { skip }, () => {
    let bench: Bench;
    let current: Uint8Array;
    before(async () => {
      bench = await setup();
    });
    after(() => bench.stop?.());
    beforeEach(async () => {
      current = await secrets.fresh();
      await bench.driver.setPassword(bench.account, current);
    });

    test('an account that exists is seen, unlocked, with a time for its password', async () => {
      const seen = await bench.driver.inspect(bench.account);
      assert.ok(seen.exists);
      assert.notEqual(seen.locked, true);
      assert.notEqual(seen.mustChangePassword, true);
      if (seen.passwordChangedAt === 'unknown') return;
      const age = Temporal.Now.instant().since(Temporal.Instant.from(seen.passwordChangedAt));
      assert.ok(Math.abs(age.total('minutes')) < 5);
    });

    test('an account that does not exist is seen as such, refused, and cannot be set', async () => {
      assert.deepEqual(await bench.driver.inspect(bench.stranger), { exists: false });
      assert.equal(await bench.prover.prove(bench.stranger, current), 'rejected');
      await refuses('systems.account-unknown', () =>
        bench.driver.setPassword(bench.stranger, current),
      );
    });

    test('the right password signs in, a wrong one does not, the right one still does', async () => {
      assert.equal(await bench.prover.prove(bench.account, current), 'accepted');
      assert.equal(await bench.prover.prove(bench.account, await secrets.fresh()), 'rejected');
      assert.equal(await bench.prover.prove(bench.account, current), 'accepted');
    });

    test('a secret that differs in very little does not sign in', async () => {
      for (const near of await secrets.near(current))
        assert.equal(await bench.prover.prove(bench.account, near), 'rejected');
    });

    test('a rotation is proven: the fresh one lives, the old one is dead', async () => {
      const fresh = await secrets.fresh();
      await bench.driver.setPassword(bench.account, fresh);
      assert.deepEqual(await proveRotation(bench.prover, bench.account, { fresh, old: current }), {
        fresh: 'accepted',
        old: 'rejected',
      });
    });

    test('a rotation that did not happen is not proven', async () => {
      const proof = await proveRotation(bench.prover, bench.account, {
        fresh: await secrets.fresh(),
        old: current,
      });
      assert.deepEqual(proof, { fresh: 'rejected', old: 'accepted' });
    });

    test('a caller may overwrite its password as soon as it has called', async () => {
      const fresh = await secrets.fresh();
      const copy = Uint8Array.from(fresh);
      const setting = bench.driver.setPassword(bench.account, fresh);
      fresh.fill(0x78);
      await setting;
      const handed = Uint8Array.from(copy);
      const proving = bench.prover.prove(bench.account, handed);
      handed.fill(0x78);
      assert.equal(await proving, 'accepted');
    });

    if (secrets === PASSWORDS)
      test('every character of a generated password, and beyond ASCII, arrives whole', async () => {
        for (const text of [
          '!#%*+-./:=?@_~"\\\'$`<>()[]{}|^&;, Aa2',
          'Zürich–Παράδειγμα–試験–🔑🔑🔑-Aa2',
        ]) {
          await bench.driver.setPassword(bench.account, utf8(text));
          assert.equal(await bench.prover.prove(bench.account, utf8(text)), 'accepted', text);
        }
      });

    test('what cannot be a password is refused before it is sent', async () => {
      const unusable = [
        new Uint8Array(),
        utf8('line\nline-line-line-line'),
        utf8(`nul\0${'x'.repeat(20)}`),
        Uint8Array.from([0xff, 0xfe, ...utf8('x'.repeat(20))]),
        utf8('x'.repeat(1025)),
      ];
      for (const password of unusable) {
        await refuses('systems.password-unusable', () =>
          bench.driver.setPassword(bench.account, password),
        );
        await refuses('systems.password-unusable', () =>
          bench.prover.prove(bench.account, password),
        );
      }
      assert.equal(await bench.prover.prove(bench.account, current), 'accepted');
    });

    test('what cannot be a name is refused before it is sent', async () => {
      for (const account of ['', ' ', 'a\nb', 'a\0b', '\ud800', 'x'.repeat(1025)]) {
        const refused = (call: () => Promise<unknown>) => refuses('systems.account-name', call);
        await refused(() => bench.driver.inspect(account));
        await refused(() => bench.driver.setPassword(account, current));
        await refused(() => bench.prover.prove(account, current));
      }
    });

    test('no error carries a password', async () => {
      const secret = await secrets.fresh();
      const errors = await Promise.all([
        failure(() => bench.driver.setPassword(bench.stranger, secret)),
        failure(() => bench.driver.setPassword('a\nb', secret)),
        failure(() => bench.prover.prove('a\nb', secret)),
      ]);
      for (const error of errors) assertSilent(error, secret);
    });

    test('closing twice does no harm', async () => {
      await bench.prover.close();
      await bench.prover.close();
    });
  });
}

/** Asserts that the call fails with this code and a hint for the next step. */
export async function refuses(code: string, call: () => Promise<unknown>): Promise<void> {
  const error = await failure(call);
  assert.ok(error instanceof HalliganError, inspect(error));
  assert.equal(error.code, code, inspect(error));
  assert.notEqual(error.hint, '');
}

/** What the call fails with. */
export async function failure(call: () => Promise<unknown>): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return assert.fail('this should have failed');
}

/** Asserts that nothing an operator or a log could print of an error shows the secret, in any usual spelling. */
export function assertSilent(error: unknown, secret: Uint8Array): void {
  const printed = inspect(error, { depth: Infinity, showHidden: true, maxStringLength: Infinity });
  const spellings = [
    utf8Text(secret),
    secret.toHex(),
    secret.toBase64(),
    secret.join(', '),
    secret.join(','),
  ];
  for (const spelling of spellings) assert.ok(!printed.includes(spelling), 'a password is shown');
}
