/** A provider that a firewall cuts off is an outage, and its return is one; `npm run bench -- --only agent` says how soon. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firewalled, lacking } from './firewalled.fixture.ts';

const skip = lacking();

for (const kind of ['openid', 'ldap'] as const)
  test(`${kind}: whoever is cut off by a firewall gets in by a window alone, which ends by itself when it is gone`, {
    skip,
  }, async () => {
    const { online, met, inWindow, again } = await firewalled(kind);
    assert.deepEqual({ online, inWindow, again }, { online: 'in', inWindow: 'in', again: 'in' });
    assert.match(met, /^The provider cannot be reached, and /);
  });
