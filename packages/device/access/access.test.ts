import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessOf, type Situation } from '../index.ts';

/**
 * Offline, as the practice's table and its notes say, and what was added to it: every situation fits one row and no
 * other. A `*` is anything; `a/b` is one of them.
 */
const OFFLINE = `
kind         feature window         service         listed passwordless factor    outcome
sfa          *       *              *               *      *            none      cached password
sfa          *       *              *               *      *            enrolled  cached password and factor
sfa          *       *              *               *      *            missing   - a second factor that works offline is asked for, and there is none of yours here
pin          *       *              local           *      *            *         local PIN
pin          *       *              remote/opted-in *      *            *         - a PIN is for this machine’s own console
passwordless *       *              *               *      off          *         - there is no password of yours that could be kept
passwordless off     *              *               *      on           *         - offline sign-in is not enabled on this machine
passwordless on      closed         *               *      on           *         - no emergency window is open
passwordless on      open/used-up   remote          *      on           *         - offline sign-in is for this machine’s own console
passwordless on      open/used-up   local/opted-in  no     on           *         - offline sign-in is for others on this machine
passwordless on      used-up        local/opted-in  yes    on           *         - as many have signed in in this window as are let in
passwordless on      open           local/opted-in  yes    on           enrolled  factor
passwordless on      open           local/opted-in  yes    on           none/missing - a second factor that works offline is asked for, and there is none of yours here
mfa          off     *              *               *      *            *         - offline sign-in is not enabled on this machine
mfa          on      closed         *               *      *            *         - no emergency window is open
mfa          on      open/used-up   remote          *      *            *         - offline sign-in is for this machine’s own console
mfa          on      open/used-up   local/opted-in  no     *            *         - offline sign-in is for others on this machine
mfa          on      used-up        local/opted-in  yes    *            *         - as many have signed in in this window as are let in
mfa          on      open           local/opted-in  yes    *            none      cached password
mfa          on      open           local/opted-in  yes    *            enrolled  cached password and factor
mfa          on      open           local/opted-in  yes    *            missing   - a second factor that works offline is asked for, and there is none of yours here
`;

const ROWS = OFFLINE.trim()
  .split('\n')
  .slice(1)
  .map((line) => {
    const cells = line.split(/ +/);
    return { wanted: cells.slice(0, 7), outcome: cells.slice(7).join(' ') };
  });

const VALUES = {
  user: ['sfa', 'pin', 'mfa', 'passwordless'],
  feature: ['off', 'on'],
  window: ['closed', 'open', 'used up'],
  service: ['local', 'opted in', 'remote'],
  listed: ['yes', 'no'],
  passwordless: ['off', 'on'],
  factor: ['none', 'enrolled', 'missing'],
} as const;

function every(provider: Situation['provider']): readonly Situation[] {
  return VALUES.user.flatMap((user) =>
    VALUES.feature.flatMap((feature) =>
      VALUES.window.flatMap((window) =>
        VALUES.service.flatMap((service) =>
          VALUES.listed.flatMap((listed) =>
            VALUES.passwordless.flatMap((passwordless) =>
              VALUES.factor.map((factor) => {
                return { user, provider, feature, window, service, listed, passwordless, factor };
              }),
            ),
          ),
        ),
      ),
    ),
  );
}

function cellsOf(one: Situation): readonly string[] {
  const { user, feature, window, service, listed, passwordless, factor } = one;
  return [user, feature, window, service, listed, passwordless, factor].map((cell) =>
    cell.replace(' ', '-'),
  );
}

test('offline every kind of user gets in as the practice says, and nobody else', () => {
  const used = new Set<string>();
  for (const situation of every('offline')) {
    const cells = cellsOf(situation);
    const rows = ROWS.filter(({ wanted }) =>
      wanted.every((cell, at) => cell === '*' || cell.split('/').includes(cells[at] ?? '')),
    );
    assert.equal(rows.length, 1, cells.join(' '));
    const access = accessOf(situation);
    const outcome = 'way' in access ? access.way : `- ${access.refused}`;
    assert.equal(outcome, rows[0]?.outcome, cells.join(' '));
    for (const { wanted } of rows) used.add(wanted.join(' '));
  }
  assert.equal(used.size, ROWS.length);
});

test('online the provider decides, whatever is configured', () => {
  for (const situation of every('online'))
    assert.deepEqual(accessOf(situation), { way: 'provider' });
});
