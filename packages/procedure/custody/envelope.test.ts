import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dueEffects, obligations } from '../index.ts';
import {
  BANK,
  destruction,
  furnished,
  INTACT,
  inspection,
  KEEPERS,
  move,
  placeOf,
  registration,
  SAFE,
  SERIAL,
  signedBy,
} from '../practice/practice-custody.fixture.ts';
import { ACCOUNT, type Organisation, textOf } from '../practice/practice-organisation.fixture.ts';
import { rotate } from '../practice/practice-rotation.fixture.ts';
import { at } from '../practice/practice-stages.fixture.ts';
import { refuses, refusesAll } from '../practice/refusals.fixture.ts';

const furnish = async () => furnished((await at('armed')).org);
const envelope = (org: Organisation, serial: string = SERIAL) =>
  org.state.accounts[ACCOUNT]?.envelopes[serial];
const due = (org: Organisation, what: string) =>
  obligations(org.state, org.now).filter((one) => one.what === what);
const minutesBefore = (org: Organisation, minutes: number) =>
  new Date(Date.parse(org.now) - minutes * 60_000).toISOString();

test('an envelope is registered once, sealed, and in its place', async () => {
  const org = await furnish();
  assert.equal(envelope(org)?.state, 'sealed');
  assert.equal(envelope(org)?.place, SAFE);
  assert.equal(org.state.accounts[ACCOUNT]?.keptIn, 'envelope');
  await refuses(org, signedBy(org, registration(org)), 'custody.serial');
  const spare = { account: 'root-2', seal: org.state.accounts['root-2']?.versions[1]?.digest };
  await refuses(
    org,
    signedBy(org, registration(org, spare)),
    'custody.serial',
    'of another account',
  );
});

test('what is not registered', async () => {
  const org = await furnish();
  const another = (changes: object = {}, by: readonly string[] = KEEPERS) =>
    signedBy(org, registration(org, { serial: '002', ...changes }), by);
  const share = (changes: object = {}) => ({
    contains: [
      {
        what: 'share',
        path: 'offline',
        group: 'keyholders',
        holder: 'ana',
        confirmed: org.now,
        ...changes,
      },
    ],
  });
  await refusesAll(org, [
    ['of no account', another({ account: 'root-9' }), 'custody.account'],
    ['of an account that is none', another({ account: 'nobody-s' }), 'custody.account'],
    ['with a version that is not there', another({ version: 7 }), 'custody.version'],
    ['with another seal', another({ seal: textOf('?') }), 'custody.version'],
    ['in no place', another({ place: 'attic' }), 'custody.place'],
    [
      'by two who cannot get in',
      another(
        {
          signed: [
            { by: 'raj', at: org.now },
            { by: 'dirk', at: org.now },
          ],
        },
        ['raj', 'dirk'],
      ),
      'custody.access',
      ['ana', 'ben', 'cleo'],
    ],
    [
      'signed across by others',
      another({
        signed: [
          { by: 'ana', at: org.now },
          { by: 'cleo', at: org.now },
        ],
      }),
      'custody.signatures',
    ],
    [
      'signed across by one',
      another({
        signed: [
          { by: 'ana', at: org.now },
          { by: 'ana', at: org.now },
        ],
      }),
      'custody.signatures',
    ],
    [
      'signed before the version was made',
      another({ signed: KEEPERS.map((by) => ({ by, at: '2026-03-01T09:00:00Z' })) }),
      'custody.times',
    ],
    [
      'signed tomorrow',
      another({ signed: KEEPERS.map((by) => ({ by, at: '2026-03-05T09:00:00Z' })) }),
      'custody.times',
    ],
    ['a share of nobody', another(share({ holder: 'dirk' })), 'custody.share'],
    ['a share of no path', another(share({ path: 'other' })), 'custody.share'],
    [
      'a share without its holder',
      another(
        {
          ...share(),
          signed: [
            { by: 'cleo', at: org.now },
            { by: 'ben', at: org.now },
          ],
        },
        ['cleo', 'ben'],
      ),
      'custody.holder',
      ['ana'],
    ],
    [
      'words confirmed tomorrow',
      another(share({ confirmed: '2026-03-05T09:00:00Z' })),
      'custody.times',
    ],
  ]);
  const unconfirmed = await another(share());
  assert.ok(unconfirmed.type === 'statements');
  const { confirmed: _, ...rest } = share().contains[0] ?? { confirmed: '' };
  await refuses(
    org,
    { ...unconfirmed, document: { ...registration(org), contains: [rest] } as never },
    'custody.document',
    'words that nobody read back',
  );
  assert.deepEqual(await org.done(await another(share())), ['EnvelopeRegistered']);
  const executive = [
    { what: 'share', path: 'offline', group: 'executives', holder: 'eli', confirmed: org.now },
  ];
  const signed = ['eli', 'ana'].map((by) => ({ by, at: org.now }));
  const own = registration(org, { serial: '003', contains: executive, signed });
  assert.deepEqual(await org.done(await signedBy(org, own, ['eli', 'ana'])), [
    'EnvelopeRegistered',
  ]);
});

test('a version that was opened is not sealed into paper', async () => {
  const { org } = await at('touched');
  await org.done(await signedBy(org, placeOf(org, SAFE)));
  await refuses(org, signedBy(org, registration(org)), 'custody.touched');
  const key = registration(org, { contains: [{ what: 'hardware-key', key: 'serial 7' }] });
  assert.deepEqual(await org.done(await signedBy(org, key)), ['EnvelopeRegistered']);
  assert.equal(org.state.accounts[ACCOUNT]?.keptIn, undefined);
});

test('movements make one chain without a gap', async () => {
  const org = await furnish();
  await org.done(await signedBy(org, placeOf(org, 'drawer', { kind: 'drawer', access: ['cleo'] })));
  org.wait(60);
  const moving = (changes: object) => signedBy(org, move(org, changes));
  await refusesAll(org, [
    ['from where it is not', moving({ from: BANK, to: SAFE }), 'custody.chain'],
    ['to where it is', moving({ to: SAFE }), 'custody.move'],
    ['to nowhere', moving({ to: 'attic' }), 'custody.place'],
    ['to where neither gets in', moving({ to: 'drawer' }), 'custody.access', ['cleo']],
    ['before it was sealed', moving({ taken: '2026-03-02T08:00:00Z' }), 'custody.times'],
    ['placed before it was taken', moving({ placed: minutesBefore(org, 20) }), 'custody.times'],
    ['placed in the future', moving({ placed: '2026-03-05T09:00:00Z' }), 'custody.times'],
    ['of an envelope that is not there', moving({ serial: '009' }), 'custody.unknown'],
    ['of an envelope that is none', moving({ serial: 'e-999' }), 'custody.unknown'],
  ]);
  const there = await moving({});
  assert.deepEqual(await org.done(there), ['EnvelopeMoved']);
  assert.equal(envelope(org)?.place, BANK);
  await refuses(org, there, 'custody.chain', 'replayed');
  org.wait(60);
  await refuses(
    org,
    moving({ to: SAFE, taken: minutesBefore(org, 70) }),
    'custody.times',
    'taken before it came',
  );
  assert.deepEqual(await org.done(await moving({ to: SAFE })), ['EnvelopeMoved']);
});

test('an inspection is due every envelope_inspection, from the last one', async () => {
  const org = await furnish();
  assert.deepEqual(
    due(org, 'inspect-envelope').map(({ about, owners, late }) => ({ about, owners, late })),
    [{ about: SERIAL, owners: ['ana', 'ben', 'cleo'], late: false }],
  );
  org.wait(91 * 24 * 60);
  assert.equal(due(org, 'inspect-envelope')[0]?.late, true);
  await refusesAll(org, [
    ['somewhere else', signedBy(org, inspection(org, { place: BANK })), 'custody.chain'],
    ['by two who cannot get in', signedBy(org, inspection(org), ['raj', 'dirk']), 'custody.access'],
    [
      'before it was sealed',
      signedBy(org, inspection(org, { inspected: '2026-03-01T08:00:00Z' })),
      'custody.times',
    ],
    ['without its checks', { type: 'statements', signed: [], document: null }, 'input.empty'],
  ]);
  const seen = await signedBy(org, inspection(org, { photos: [textOf('photo')] }), ['raj', 'cleo']);
  assert.deepEqual(await org.done(seen), ['EnvelopeInspected']);
  assert.equal(due(org, 'inspect-envelope')[0]?.late, false);
  assert.equal(envelope(org)?.inspected, org.now);
});

for (const check of Object.keys(INTACT)) {
  test(`an envelope that fails “${check}” is tampered: the account is suspect and rotated, security told`, async () => {
    const org = await furnish();
    assert.deepEqual(dueEffects(org.state), []);
    const failed = inspection(org, { checks: { ...INTACT, [check]: false } });
    assert.deepEqual(await org.done(await signedBy(org, failed)), [
      'EnvelopeTampered',
      'AccountSuspected',
    ]);
    assert.equal(org.state.accounts[ACCOUNT]?.state, 'suspect');
    assert.deepEqual(
      due(org, 'look-into-tampering').map(({ about, owners }) => ({ about, owners })),
      [{ about: SERIAL, owners: ['raj'] }],
    );
    assert.equal(envelope(org)?.place, SAFE, 'back into storage');
    assert.deepEqual(dueEffects(org.state), [{ do: 'rotate', account: ACCOUNT }]);
    await refuses(org, signedBy(org, inspection(org)), 'custody.state', 'sealed again by word');
    await rotate(org.wait(1), ACCOUNT);
    assert.equal(org.state.accounts[ACCOUNT]?.state, 'armed');
    assert.deepEqual(dueEffects(org.state), []);
  });
}

test('old paper is destroyed by two people, once nothing depends on it', async () => {
  const org = await furnish();
  const destroy = (changes: object = {}) => signedBy(org, destruction(org, changes));
  await refuses(org, destroy(), 'custody.in-force');
  await rotate(org.wait(1), ACCOUNT);
  assert.deepEqual(due(org, 'inspect-envelope'), []);
  assert.deepEqual(
    due(org, 'destroy-envelope').map(({ about }) => about),
    [SERIAL],
  );
  assert.deepEqual(
    due(org, 'seal-envelope').map(({ about }) => about),
    [ACCOUNT],
  );
  await refusesAll(org, [
    ['before it was sealed', destroy({ destroyed: '2026-03-01T09:00:00Z' }), 'custody.times'],
    ['tomorrow', destroy({ destroyed: '2026-03-05T09:00:00Z' }), 'custody.times'],
    ['another', destroy({ serial: '009' }), 'custody.unknown'],
    [
      'as an inspection',
      signedBy(org, destruction(org), KEEPERS, { what: 'inspection' }),
      'custody.document',
    ],
  ]);
  assert.deepEqual(await org.done(await destroy()), ['EnvelopeDestroyed']);
  await refuses(org, destroy(), 'custody.state');
  await refuses(org, signedBy(org, move(org)), 'custody.state', 'moved when it is gone');
  assert.deepEqual(due(org, 'destroy-envelope'), []);
  org.wait(1);
  await org.done(await signedBy(org, registration(org, { serial: '002' })));
  assert.deepEqual(due(org, 'seal-envelope'), []);
  // Two with the same contents: one of them may go.
  await org.done(await signedBy(org, registration(org, { serial: '003' })));
  assert.deepEqual(await org.done(await destroy({ serial: '002' })), ['EnvelopeDestroyed']);
  await refuses(org, destroy({ serial: '003' }), 'custody.in-force');
});

test('an account that is kept on paper is so until two people say otherwise', async () => {
  const org = await furnish();
  const keep = (where: string) =>
    signedBy(org, { v: 'halligan/custody/v1', do: 'keep', account: ACCOUNT, in: where });
  await refuses(org, keep('envelope'), 'custody.again');
  await rotate(org.wait(1), ACCOUNT);
  assert.equal(due(org, 'seal-envelope').length, 1);
  assert.deepEqual(await org.done(await keep('vault')), ['CustodyChosen']);
  assert.deepEqual(due(org, 'seal-envelope'), []);
  assert.equal(due(org, 'destroy-envelope').length, 1);
});
