import assert from 'node:assert/strict';
import { test } from 'node:test';
import { custodyFindings, findings, type KitPlace, waysTo } from '../index.ts';
import {
  BANK,
  furnished,
  INTACT,
  inspection,
  placeOf,
  registration,
  SAFE,
  signedBy,
} from '../practice/practice-custody.fixture.ts';
import { declare, emergencyOf } from '../practice/practice-emergency.fixture.ts';
import { ACCOUNT, type Organisation } from '../practice/practice-organisation.fixture.ts';
import { kitted, PLACES, reset, rotate, sealed } from '../practice/practice-rotation.fixture.ts';
import { at } from '../practice/practice-stages.fixture.ts';

const ids = (org: Organisation) => custodyFindings(org.state).map(({ id }) => id);
const furnish = async () => furnished((await at('armed')).org);

async function put(org: Organisation, serial: string, content: object, changes: object = {}) {
  const document = registration(org, { serial, contains: [content], ...changes });
  await org.done(await signedBy(org, document));
}

test('a place that is weak says so, until it is put right', async () => {
  const org = await furnish();
  assert.deepEqual(ids(org), [`place-portion:${SAFE}`]);
  const key = { breakGlassKey: { kept: 'with the notary' } };
  await org.done(await signedBy(org, placeOf(org, SAFE, key)));
  assert.deepEqual(ids(org), []);
  await org.done(await signedBy(org, placeOf(org, BANK, { kind: 'lockbox' })));
  assert.deepEqual(ids(org), [`place-alone:${BANK}`]);
  await org.done(await signedBy(org, placeOf(org, BANK, { kind: 'bank-box', access: ['ana'] })));
  assert.deepEqual(ids(org), [`combination-known:${BANK}`, `place-one-person:${BANK}`]);
  assert.ok(findings(org.state, org.now).some(({ id }) => id === `place-one-person:${BANK}`));
  await org.done(await signedBy(org, placeOf(org, BANK, { retired: true })));
  assert.deepEqual(ids(org), []);
});

test('a key and its PIN in one place are one loss, in two places they are none', async () => {
  const org = await furnish();
  await put(org, '010', { what: 'pin', key: 'serial 7' });
  await put(org, '011', { what: 'hardware-key', key: 'serial 7' }, { place: BANK });
  await put(org, '012', { what: 'hardware-key', key: 'serial 8' });
  const together = `key-with-pin:${ACCOUNT}-${SAFE}`;
  assert.ok(!ids(org).includes(together));
  await put(org, '013', { what: 'hardware-key', key: 'serial 7' });
  assert.ok(ids(org).includes(together));
});

test('a quorum of shares in one place is no quorum of people', async () => {
  const org = await furnish();
  const share = (group: string, holder: string) => ({
    what: 'share',
    path: 'offline',
    group,
    holder,
    confirmed: org.now,
  });
  const by = (one: string, other: string) => [one, other].map((who) => ({ by: who, at: org.now }));
  const seal = async (serial: string, group: string, holder: string, other: string) => {
    const signed = by(holder, other);
    const document = registration(org, { serial, contains: [share(group, holder)], signed });
    await org.done(await signedBy(org, document, [holder, other]));
  };
  const opens = `place-opens:${ACCOUNT}-${SAFE}`;
  await seal('020', 'keyholders', 'ana', 'ben');
  await seal('021', 'keyholders', 'ben', 'ana');
  assert.ok(!ids(org).includes(opens));
  await seal('022', 'executives', 'eli', 'ana');
  assert.ok(ids(org).includes(opens));
});

test('tampered and worthless paper is named, and the ways to an account in their order', async () => {
  const org = await furnish();
  const id = await declare(org.wait(1));
  const ways = () => waysTo(org.state, emergencyOf(org, id));
  assert.deepEqual(
    ways().map(({ by, name, open }) => [by, name, open]),
    [
      ['vault', 'offline', true],
      ['vault', 'standard', true],
      ['second-vault', 'server', true],
      ['second-vault', 'safe', true],
      ['envelope', '001', true],
    ],
  );
  const torn = inspection(org, { checks: { ...INTACT, noTears: false } });
  await org.done(await signedBy(org, torn));
  assert.ok(ids(org).includes('tampered:001'));
  assert.match(ways().at(-1)?.how ?? '', /tampered/);
  assert.equal(ways().at(-1)?.open, false);
  const other = await furnish();
  await rotate(other.wait(1), ACCOUNT);
  assert.ok(ids(other).includes('old-paper:001'));
});

test('a vault that keeps seals is a way of its own, and loose rules or no audit are a finding', async () => {
  const org = await furnish();
  const kept = {
    entry: 'secret/break-glass/dc',
    version: 3,
    request: 'c0e9d897',
    audit: 'on',
  } as const;
  const rotateInto = async (version: number, vault: KitPlace['vault']) => {
    const kept = vault === undefined ? {} : { vault };
    const place = { name: 'bao', offServer: true, idpFree: true, ...kept };
    await org.done(sealed(org.wait(1), ACCOUNT, version));
    await org.done(kitted(ACCOUNT, version, [...PLACES, place]));
    await org.done(await reset(org, ACCOUNT, version));
  };
  const open = () => findings(org.state, org.now).filter(({ id }) => id.startsWith('vault-open:'));
  await rotateInto(2, { ...kept, rules: 'kept' });
  assert.deepEqual(open(), []);
  const id = await declare(org.wait(1));
  const ways = waysTo(org.state, emergencyOf(org, id));
  assert.deepEqual(
    ways.map(({ by, name }) => [by, name]),
    [
      ['vault', 'offline'],
      ['vault', 'standard'],
      ['second-vault', 'server'],
      ['second-vault', 'safe'],
      ['second-vault', 'bao'],
      ['envelope', '001'],
    ],
  );
  assert.match(ways[4]?.how ?? '', /secret\/break-glass\/dc: halligan vault wrap /);
  const [loose, unwatched, silent] = [await furnish(), await furnish(), await furnish()];
  for (const [other, vault, told] of [
    [loose, { ...kept, rules: 'loose' }, /gives secret\/break-glass\/dc out unwrapped/],
    [unwatched, { ...kept, rules: 'kept', audit: 'off' }, /settled: it does not/],
    [silent, { ...kept, rules: 'kept', audit: 'unknown' }, /is not known/],
  ] as const) {
    await other.done(sealed(other.wait(1), ACCOUNT, 2));
    const place = { name: 'bao', offServer: true, vault };
    await other.done(kitted(ACCOUNT, 2, [...PLACES, place]));
    const [finding] = findings(other.state, other.now).filter(
      ({ id: one }) => one === 'vault-open:bao',
    );
    assert.match(finding?.what ?? '', told);
    assert.notEqual(finding?.fix, '');
  }
});

test('a vault behind the identity provider is shut in an emergency about it, and a finding always', async () => {
  const org = await furnish();
  const vault = {
    kind: 'onepassword',
    entry: 'Break-Glass/dc (sealed by Halligan)',
    version: 3,
    request: 'c0e9d897',
    rules: 'kept',
    audit: 'on',
  } as const;
  const into = async (version: number, ...places: readonly KitPlace[]) => {
    await org.done(sealed(org.wait(1), ACCOUNT, version));
    await org.done(kitted(ACCOUNT, version, places));
    await org.done(await reset(org, ACCOUNT, version));
  };
  const told = () =>
    findings(org.state, org.now)
      .filter(({ id }) => id.startsWith('vault-'))
      .map(({ id, severity }) => [id, severity]);
  const disk = { name: 'disk', offServer: false };
  await into(2, disk, { name: 'one', offServer: true, vault });
  assert.deepEqual(told(), [['vault-needs-idp:one', 'critical']]);
  const id = await declare(org.wait(1));
  const emergency = emergencyOf(org, id);
  const way = (cause: string) =>
    waysTo(org.state, { ...emergency, cause }).find(({ name }) => name === 'one');
  assert.equal(way('lockout')?.open, true);
  assert.match(way('lockout')?.how ?? '', /halligan vault fetch/);
  for (const cause of ['idp-outage', 'mfa-outage']) {
    assert.equal(way(cause)?.open, false);
    assert.match(way(cause)?.how ?? '', /identity provider, which this emergency is about/);
  }
  const other = await furnish();
  const stick = { name: 'stick', offServer: true, offline: true, idpFree: true };
  await other.done(sealed(other.wait(1), ACCOUNT, 2));
  await other.done(kitted(ACCOUNT, 2, [disk, stick, { name: 'one', offServer: true, vault }]));
  assert.deepEqual(
    findings(other.state, other.now)
      .filter(({ id: one }) => one.startsWith('vault-'))
      .map(({ severity }) => severity),
    ['warning'],
  );
  const free = await furnish();
  const reached = { name: 'one', offServer: true, idpFree: true, vault };
  await free.done(sealed(free.wait(1), ACCOUNT, 2));
  await free.done(kitted(ACCOUNT, 2, [disk, reached]));
  assert.deepEqual(
    findings(free.state, free.now).filter(({ id: one }) => one.startsWith('vault-')),
    [],
  );
  const unwatched = await furnish();
  const bitwarden = { ...vault, kind: 'bitwarden', audit: 'unknown' } as const;
  await unwatched.done(sealed(unwatched.wait(1), ACCOUNT, 2));
  await unwatched.done(kitted(ACCOUNT, 2, [disk, { ...reached, vault: bitwarden }]));
  assert.deepEqual(
    findings(unwatched.state, unwatched.now)
      .filter(({ id: one }) => one.startsWith('vault-'))
      .map(({ id: one, fix }) => [one, /bitwarden\.md/.test(fix)]),
    [['vault-open:one', true]],
  );
});
