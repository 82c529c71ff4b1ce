import assert from 'node:assert/strict';
import { test } from 'node:test';
import { subjectOf } from '@halligan/statement';
import { allEmergencies, dueEffects, emergencyById } from '../index.ts';
import { open } from '../practice/practice-emergency.fixture.ts';
import {
  ACCOUNT,
  found,
  foundNew,
  policyWith,
  SPARE,
  textOf,
} from '../practice/practice-organisation.fixture.ts';
import {
  failedRotation,
  kitted,
  reset,
  rotate,
  sealed,
  sealOf,
} from '../practice/practice-rotation.fixture.ts';
import { at, happenings } from '../practice/practice-stages.fixture.ts';
import { refuses, refusesAll } from '../practice/refusals.fixture.ts';

test('a new account is armed by its first rotation, without any emergency', async () => {
  const org = await found();
  assert.equal(org.state.accounts[ACCOUNT]?.state, 'unarmed');
  assert.deepEqual(await rotate(org, ACCOUNT), ['CredentialProven', 'AccountArmed']);
  assert.equal(org.state.accounts[ACCOUNT]?.state, 'armed');
});

test('the order is sealed, kitted, proven; the older versions are retired last', async () => {
  const { org } = await at('armed');
  await refuses(org, kitted(ACCOUNT, 2), 'rotation.version', 'kitted before sealed');
  await refuses(org, reset(org, ACCOUNT, 2), 'rotation.version', 'proven before sealed');
  await org.done(sealed(org, ACCOUNT, 2));
  await refuses(org, reset(org, ACCOUNT, 2), 'rotation.not-kitted', 'proven before kitted');
  await refuses(org, sealed(org, ACCOUNT, 3), 'rotation.under-way', 'a second one meanwhile');
  await org.done(kitted(ACCOUNT, 2));
  assert.deepEqual(await org.done(await reset(org, ACCOUNT, 2)), [
    'CredentialProven',
    'VersionRetired',
    'AccountArmed',
  ]);
  await refuses(org, reset(org, ACCOUNT, 2), 'rotation.version', 'proven twice');
  await refuses(org, reset(org, ACCOUNT, 1), 'rotation.version', 'an older one');
  await refuses(org, kitted(ACCOUNT, 1), 'rotation.version', 'a retired one');
  await refuses(org, failedRotation(ACCOUNT, 2), 'rotation.version', 'failed after it was proven');
});

test('what is no seal of the account', async () => {
  const { org } = await at('armed');
  const { paths, shares } = sealOf(org, ACCOUNT, 2);
  const [first, ...others] = paths;
  assert.ok(first !== undefined);
  const holders = (ids: readonly string[]) => [
    { ...first, groups: first.groups.map((group) => ({ ...group, holders: ids })) },
    ...others,
  ];
  const needing = (need: number) => [
    { ...first, groups: first.groups.map((group) => ({ ...group, need })) },
    ...others,
  ];
  await refusesAll(org, [
    ['the same version', sealed(org, ACCOUNT, 1), 'rotation.version'],
    ['a gap', sealed(org, ACCOUNT, 3), 'rotation.version'],
    ['no account', sealed(org, 'nobody', 1), 'rotation.account'],
    ['a name that every object has', sealed(org, 'constructor', 1), 'rotation.account'],
    ['another policy', sealed(org, ACCOUNT, 2, { policy: textOf('?') }), 'rotation.stale'],
    ['another roster', sealed(org, ACCOUNT, 2, { roster: textOf('?') }), 'rotation.stale'],
    [
      'another organisation',
      sealed(org, ACCOUNT, 2, { organisation: 'fabrikam' }),
      'rotation.seal',
    ],
    ['another account’s', sealed(org, ACCOUNT, 2, { account: SPARE }), 'rotation.seal'],
    ['another version’s', sealed(org, ACCOUNT, 2, { version: 3 }), 'rotation.seal'],
    ['fewer paths', sealed(org, ACCOUNT, 2, { paths: others }), 'rotation.paths'],
    [
      'another path',
      sealed(org, ACCOUNT, 2, { paths: [...paths, { ...first, name: 'solo' }] }),
      'rotation.paths',
    ],
    ['a lower threshold', sealed(org, ACCOUNT, 2, { paths: needing(1) }), 'rotation.paths'],
    [
      'a stranger holds',
      sealed(org, ACCOUNT, 2, { paths: holders(['ana', 'ben', 'zoe']) }),
      'rotation.holders',
    ],
    [
      'a holder is left out',
      sealed(org, ACCOUNT, 2, { paths: holders(['ana', 'ben']) }),
      'rotation.holders',
    ],
    ['a share is missing', sealed(org, ACCOUNT, 2, { shares: shares.slice(1) }), 'rotation.shares'],
    [
      'a share twice',
      sealed(org, ACCOUNT, 2, { shares: [...shares, shares[0]] }),
      'rotation.shares',
    ],
    [
      'a stranger’s share',
      sealed(org, ACCOUNT, 2, { shares: [...shares, { ...shares[0], holder: 'zoe' }] }),
      'rotation.shares',
    ],
  ]);
});

test('a kit is in two places, one of them off the server', async () => {
  const { org } = await at('armed');
  await org.done(sealed(org, ACCOUNT, 2));
  const [here, there] = [
    { name: 'here', offServer: false },
    { name: 'there', offServer: true },
  ];
  await refusesAll(org, [
    ['none', kitted(ACCOUNT, 2, []), 'rotation.places'],
    ['one', kitted(ACCOUNT, 2, [there]), 'rotation.places'],
    ['one twice', kitted(ACCOUNT, 2, [there, there]), 'rotation.places'],
    [
      'none off the server',
      kitted(ACCOUNT, 2, [here, { ...here, name: 'also-here' }]),
      'rotation.places',
    ],
  ]);
  await org.done(kitted(ACCOUNT, 2, [here, there]));
});

test('only the rotator’s word counts for what the system accepts', async () => {
  const { org } = await at('armed');
  await org.done(sealed(org, ACCOUNT, 2));
  await org.done(kitted(ACCOUNT, 2));
  await refusesAll(org, [
    ['an admin', reset(org, ACCOUNT, 2, {}, {}, 'ada'), 'rotation.rotator'],
    ['the releaser', reset(org, ACCOUNT, 2, {}, {}, 'releaser'), 'rotation.rotator'],
    ['another seal', reset(org, ACCOUNT, 2, { seal: textOf('?') }), 'rotation.version'],
    [
      'another account',
      reset(org, ACCOUNT, 2, {}, { subject: subjectOf('account', SPARE) }),
      'rotation.version',
    ],
    [
      'a name that every object has',
      reset(org, ACCOUNT, 2, { account: 'constructor' }),
      'rotation.version',
    ],
    ['not accepted', reset(org, ACCOUNT, 2, { fresh: 'rejected' }), 'rotation.result'],
    ['another document', reset(org, ACCOUNT, 2, {}, { digest: textOf('?') }), 'rotation.result'],
    ['a drill’s', reset(org, ACCOUNT, 2, {}, { purpose: 'drill' }), 'input.purpose'],
  ]);
});

test('a person who is called rotator is not the rotator', async () => {
  const org = await foundNew(policyWith(), 'person');
  await org.done(sealed(org, ACCOUNT, 1));
  await org.done(kitted(ACCOUNT, 1));
  await refuses(org, reset(org, ACCOUNT, 1), 'rotation.rotator');
});

test('a failure before the kit changes nothing; after it the account is exposed, until one is proven', async () => {
  const { org } = await at('armed');
  await org.done(sealed(org, ACCOUNT, 2));
  assert.deepEqual(await org.done(failedRotation(ACCOUNT, 2)), ['RotationFailed']);
  assert.equal(org.state.accounts[ACCOUNT]?.state, 'armed');
  await refuses(org, failedRotation(ACCOUNT, 2), 'rotation.version', 'failed twice');
  await refuses(org, kitted(ACCOUNT, 2), 'rotation.version', 'kitted after it failed');
  await org.done(sealed(org, ACCOUNT, 3));
  await org.done(kitted(ACCOUNT, 3));
  assert.deepEqual(await org.done(failedRotation(ACCOUNT, 3)), [
    'RotationFailed',
    'AccountExposed',
  ]);
  assert.equal(org.state.accounts[ACCOUNT]?.state, 'exposed');
  assert.equal(org.state.accounts[ACCOUNT]?.current, 1);
  assert.deepEqual(await rotate(org, ACCOUNT), [
    'CredentialProven',
    'VersionRetired',
    'VersionRetired',
    'VersionRetired',
    'AccountArmed',
  ]);
  assert.equal(org.state.accounts[ACCOUNT]?.state, 'armed');
});

test('an old credential that still works leaves the account exposed and both versions sealed', async () => {
  const { org, id } = await at('submitted');
  await org.done(sealed(org, ACCOUNT, 2));
  await org.done(kitted(ACCOUNT, 2));
  assert.deepEqual(await org.done(await reset(org, ACCOUNT, 2, { old: 'accepted' })), [
    'CredentialProven',
    'AccountExposed',
  ]);
  assert.equal(org.state.accounts[ACCOUNT]?.state, 'exposed');
  assert.equal(org.state.accounts[ACCOUNT]?.versions[1]?.retired, false);
  assert.equal(emergencyById(org.state, id)?.reset, undefined);
  assert.deepEqual(await rotate(org, ACCOUNT), [
    'CredentialProven',
    'VersionRetired',
    'VersionRetired',
    'EmergencyReset',
  ]);
  assert.equal(org.state.accounts[ACCOUNT]?.state, 'unarmed', 'what opens it is known again');
});

test('nothing is rotated under the hands of those who use it', async () => {
  for (const stage of ['requested', 'touched', 'opened'] as const) {
    const { org } = await at(stage);
    await refuses(org, sealed(org, ACCOUNT, 2), 'rotation.in-use', stage);
    await rotate(org, SPARE);
  }
  const { org } = await at('joined');
  await org.done(sealed(org, ACCOUNT, 2));
  const kit = org.fork();
  await kit.done(kitted(ACCOUNT, 2));
  const [id = ''] = allEmergencies(org.state).map((one) => one.id);
  await open(org, id);
  await refuses(org, kitted(ACCOUNT, 2), 'rotation.in-use');
  await open(kit, id);
  await refuses(kit, reset(kit, ACCOUNT, 2), 'rotation.in-use');
  // What came of it is not known then: both may be what the system accepts.
  assert.deepEqual(await kit.done(failedRotation(ACCOUNT, 2)), [
    'RotationFailed',
    'AccountExposed',
  ]);
  assert.equal(
    dueEffects(kit.state).some((effect) => effect.do === 'rotate'),
    false,
  );
});

test('a second rotation before the exercise is the one that is exercised', async () => {
  const { org, id } = await at('reset');
  assert.deepEqual(await rotate(org, ACCOUNT), [
    'CredentialProven',
    'VersionRetired',
    'EmergencyReset',
  ]);
  assert.equal(emergencyById(org.state, id)?.reset?.version, 3);
});

test('a rotation after the exercise belongs to no emergency', async () => {
  const { org, id } = await at('exercised');
  await rotate(org, ACCOUNT);
  assert.equal(happenings(org).at(-1), 'AccountArmed');
  assert.equal(emergencyById(org.state, id)?.reset?.version, 2);
});

test('a seal follows a changed policy', async () => {
  const { org } = await at('armed');
  const stale = sealed(org, ACCOUNT, 2);
  const policy = policyWith({
    quorums: { 'tier-0': { standard: ['3 of keyholders', '1 of server'] } },
  });
  await org.done(await org.adoption(policy, ['ada', 'bob']));
  await refuses(org, stale, 'rotation.stale');
  await rotate(org, ACCOUNT);
});
