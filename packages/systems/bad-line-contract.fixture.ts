import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { HalliganError } from '@halligan/format';
import { assertSilent, refuses } from './contract.ts';
import { generatePassword } from './generate-password.ts';
import { harmfulRelay } from './harmful-relay.fixture.ts';
import type { Drivers } from './started-component.fixture.ts';

/** Where a protocol's lines break. */
export interface BadLine extends Drivers {
  readonly account: string;
  readonly port: () => number;
  /** Bytes of the server's after which a line breaks: some in each part of the protocol. */
  readonly cuts: readonly number[];
  /** The same, after which it says nothing more. */
  readonly silences: readonly number[];
}

/**
 * What holds over a line that breaks anywhere, for every protocol that this house speaks itself.
 * @returns the account's password, which each test begins with
 */
export function badLineContract({
  account,
  port: real,
  cuts,
  silences,
  driverWith,
  rotator,
}: BadLine): () => Uint8Array {
  let current: Uint8Array = new Uint8Array();
  beforeEach(async () => {
    current = generatePassword();
    await rotator().setPassword(account, current);
  });

  test('wherever it is cut, a sign-in is never called rejected', async (t) => {
    let whole = 0;
    for (const cutAfter of cuts) {
      const port = await harmfulRelay(t, real(), { cutAfter });
      try {
        assert.equal(await driverWith({ port }).prove(account, current), 'accepted');
        whole += 1;
      } catch (error) {
        assert.ok(error instanceof HalliganError, `${cutAfter}: ${error}`);
        assert.match(error.code, /^systems\.(connection-lost|tls)$/, `${cutAfter}`);
        assertSilent(error, current);
      }
    }
    assert.ok(whole < cuts.length - 3, 'these cuts hit something');
  });

  test('wherever it is cut, one of the two passwords works, and which is told by proving', async (t) => {
    for (const cutAfter of cuts) {
      const port = await harmfulRelay(t, real(), { cutAfter });
      const fresh = generatePassword();
      const said = await rotator({ port })
        .setPassword(account, fresh)
        .then(
          () => 'done',
          (error) => (error instanceof HalliganError ? error.code : `${error}`),
        );
      assert.match(said, /^(done|systems\.(connection-lost|tls))$/, `${cutAfter}`);
      const proofs = [
        await driverWith().prove(account, fresh),
        await driverWith().prove(account, current),
      ];
      assert.deepEqual(proofs.toSorted(), ['accepted', 'rejected'], `${cutAfter}`);
      if (said === 'done') assert.equal(proofs[0], 'accepted', `${cutAfter}`);
      if (proofs[0] === 'accepted') current = fresh;
    }
  });

  test('a silence is a time-out, at whatever point it begins', async (t) => {
    for (const silentAfter of silences) {
      const port = await harmfulRelay(t, real(), { silentAfter });
      await refuses('systems.timeout', () =>
        driverWith({ port, timeout: 1000 }).prove(account, current),
      );
    }
  });
  return () => current;
}
