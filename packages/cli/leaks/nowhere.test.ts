/**
 * After a whole run no credential and no share lies in the clear where it does not belong. The other drivers:
 * `npm run faults -- --secrets --system postgres`, and so on.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HalliganError } from '@halligan/format';
import { type Searched, searchedRun } from './searched-run.fixture.ts';

for (const system of ['practice', 'openldap'])
  test(`after a whole run on ${system} no secret is where it does not belong, and every canary is found`, async (t) => {
    let searched: Searched;
    try {
      searched = await searchedRun(system);
    } catch (error) {
      if (error instanceof HalliganError && error.code === 'systems.component-missing')
        return t.skip(error.message);
      throw error;
    }
    const { leaks, blind, secrets, places, noCore } = searched;
    assert.deepEqual(leaks, []);
    assert.deepEqual(blind, []);
    // Two accounts, one of them with a second version, and the shares of three people and of the server for each.
    for (const kind of ['password of ', 'seed of ', 'share of ana in ', 'share of releaser in '])
      assert.ok(secrets.filter((name) => name.startsWith(kind)).length >= 3, kind);
    assert.ok([...places.values()].every(({ count, bytes }) => count > 0 && bytes > 0));
    if (noCore !== undefined) return t.skip(`the server’s memory was not searched: ${noCore}`);
    assert.equal(places.get('core image')?.count, 2);
  });
