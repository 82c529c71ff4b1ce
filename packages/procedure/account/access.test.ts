/** What came into an account while it was used: seen at each rotation, compared with the one before. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessChanges } from '../index.ts';
import { ACCOUNT, found, type Organisation } from '../practice/practice-organisation.fixture.ts';
import { kitted, reset, rotate, sealed } from '../practice/practice-rotation.fixture.ts';
import { refuses } from '../practice/refusals.fixture.ts';

const CLEAN = { methods: ['password'], keys: ['SHA256:old'], sessions: [], grants: [] };

async function rotateSeeing(org: Organisation, version: number, access: object): Promise<void> {
  await org.done(sealed(org, ACCOUNT, version));
  await org.done(kitted(ACCOUNT, version));
  await org.done(await reset(org, ACCOUNT, version, { access }));
}

function changes(org: Organisation, version: number): readonly string[] {
  const account = org.state.accounts[ACCOUNT];
  assert.ok(account !== undefined);
  return accessChanges(account, version).map(({ what, entry, is }) => `${is}: ${what} ${entry}`);
}

test('keys, methods, rights and sessions that came or went between two rotations are told', async () => {
  const org = await found();
  await rotateSeeing(org, 1, CLEAN);
  assert.deepEqual(changes(org, 1), [], 'nothing is known of before');
  await rotateSeeing(org, 2, CLEAN);
  assert.deepEqual(changes(org, 2), []);
  await rotateSeeing(org, 3, {
    methods: ['cron', 'password'],
    keys: ['SHA256:new'],
    sessions: ['812 pts/0'],
    grants: ['(ALL) ALL'],
  });
  assert.deepEqual(changes(org, 3), [
    'new: methods cron',
    'new: keys SHA256:new',
    'gone: keys SHA256:old',
    'new: grants (ALL) ALL',
    'still there: sessions 812 pts/0',
  ]);
});

test('a rotation that saw nothing is passed over, and unknown is not none', async () => {
  const org = await found();
  await rotateSeeing(org, 1, CLEAN);
  await rotate(org, ACCOUNT);
  assert.deepEqual(changes(org, 2), []);
  await rotateSeeing(org, 3, { ...CLEAN, keys: 'unknown', methods: ['password', 'publickey'] });
  assert.deepEqual(changes(org, 3), ['new: methods publickey']);
  await rotateSeeing(org, 4, { ...CLEAN, keys: [] });
  assert.deepEqual(
    changes(org, 4),
    ['gone: methods publickey'],
    'compared with the last one that was seen',
  );
  assert.deepEqual(changes(org, 9), []);
});

test('what is no access is no result', async () => {
  const org = await found();
  await org.done(sealed(org, ACCOUNT, 1));
  await org.done(kitted(ACCOUNT, 1));
  for (const access of [
    {},
    { ...CLEAN, keys: 'none' },
    { ...CLEAN, keys: ['x'.repeat(121)] },
    { ...CLEAN, sessions: Array.from({ length: 33 }, (_, at) => `${at}`) },
    { ...CLEAN, more: [] },
  ])
    await refuses(
      org,
      reset(org, ACCOUNT, 1, { access }),
      'rotation.result',
      JSON.stringify(access),
    );
});
