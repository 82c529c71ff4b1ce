import assert from 'node:assert/strict';
import { test } from 'node:test';
import { subjectOf } from '@halligan/statement';
import { obligations } from '../index.ts';
import {
  BANK,
  furnished,
  placeOf,
  SAFE,
  SERIAL,
  signedBy,
} from '../practice/practice-custody.fixture.ts';
import { found } from '../practice/practice-organisation.fixture.ts';
import { at } from '../practice/practice-stages.fixture.ts';
import { refuses, refusesAll } from '../practice/refusals.fixture.ts';
import { looksLikeCombination } from './place.ts';

test('two people add a place, and change it over what they replace', async () => {
  const org = await found();
  const place = placeOf(org, SAFE, { breakGlassKey: { kept: 'with the notary' } });
  const added = await signedBy(org, place);
  assert.deepEqual(await org.done(added), ['PlaceAdded']);
  await refuses(org, added, 'custody.changed', 'replayed');
  assert.deepEqual(await org.done(await signedBy(org, placeOf(org, SAFE, { access: ['cleo'] }))), [
    'PlaceChanged',
  ]);
  assert.deepEqual(org.state.places[SAFE]?.document.access, ['cleo']);
  assert.deepEqual(org.state.places[SAFE]?.document.breakGlassKey, { kept: 'with the notary' });
});

test('what is no place', async () => {
  const org = await found();
  const place = (changes: object = {}) => placeOf(org, SAFE, changes);
  const valid = await signedBy(org, place());
  assert.ok(valid.type === 'statements');
  const { document: _, ...without } = valid;
  const [first, second] = valid.signed;
  assert.ok(first !== undefined && second !== undefined);
  await refusesAll(org, [
    [
      'one signature',
      { ...valid, signed: [first] },
      'custody.two-people',
      ['ana', 'ben', 'cleo', 'dirk', 'raj'],
    ],
    ['one person twice', { ...valid, signed: [first, first] }, 'custody.same-person'],
    ['three', { ...valid, signed: [first, second, first] }, 'custody.two-people'],
    ['by an approver', signedBy(org, place(), ['ana', 'dana']), 'custody.role'],
    ['by a program', signedBy(org, place(), ['ana', 'rotator']), 'custody.person'],
    ['without the document', without, 'custody.document'],
    ['another document', { ...valid, document: { ...place(), name: 'Other' } }, 'custody.document'],
    [
      'for another place',
      signedBy(org, place(), undefined, { subject: subjectOf('place', 'b') }),
      'custody.subject',
    ],
    [
      'as an inspection',
      signedBy(org, place(), undefined, { what: 'inspection' }),
      'custody.document',
    ],
    ['in a drill', signedBy(org, place(), undefined, { purpose: 'drill' }), 'input.purpose'],
    ['nobody with access', signedBy(org, place({ access: ['zoe'] })), 'custody.person'],
    [
      'a portion for an outsider',
      signedBy(org, place({ combination: [['ana'], ['dirk']] })),
      'custody.access',
    ],
    [
      'one who knows every portion',
      signedBy(org, place({ combination: [['ana'], ['ben', 'ana']] })),
      'custody.alone',
    ],
    [
      'its own key inside',
      signedBy(org, place({ breakGlassKey: { kept: 'top shelf', place: SAFE } })),
      'custody.key-inside',
    ],
    [
      'a key nowhere',
      signedBy(org, place({ breakGlassKey: { kept: 'shelf', place: 'nowhere' } })),
      'custody.place',
    ],
    [
      'changed tomorrow',
      signedBy(org, place({ changed: '2026-03-03T09:00:00Z' })),
      'custody.times',
    ],
    [
      'a combination in its name',
      signedBy(org, place({ name: 'Safe 12-34-56' })),
      'custody.combination',
    ],
    [
      'one in the address',
      signedBy(org, place({ address: 'Cellar, code 4711' })),
      'custody.combination',
    ],
    [
      'one with the key',
      signedBy(org, place({ breakGlassKey: { kept: 'box, PIN: 0815' } })),
      'custody.combination',
    ],
    ['one as the rating', signedBy(org, place({ rating: 'L20 R40 L60' })), 'custody.combination'],
  ]);
  const malformed = { ...valid, document: { ...place(), colour: 'grey' } };
  await refuses(org, malformed, 'custody.document');
});

test('what looks like a combination, and what does not', () => {
  for (const text of [
    '12-34-56',
    '7 . 21 . 88',
    'L12R34L56',
    '020304',
    '88 / 12 / 4 / 60',
    'the code is 123',
    'Passcode: 9921',
    'combination no 55 21',
  ])
    assert.ok(looksLikeCombination(text), text);
  for (const text of [
    'Safe A',
    '12-14 High Street',
    'EN 1143-1 grade III',
    'Room 2.14, floor 2',
    'SW1A 2AA',
    'since 2026-01-31',
    'UL TL-30',
    '221b Baker Street, London',
    'with the code of conduct',
  ])
    assert.ok(!looksLikeCombination(text), text);
});

test('a place that holds envelopes is not given up', async () => {
  const { org } = await at('armed');
  await furnished(org);
  await refuses(org, signedBy(org, placeOf(org, SAFE, { retired: true })), 'custody.not-empty');
  assert.deepEqual(await org.done(await signedBy(org, placeOf(org, BANK, { retired: true }))), [
    'PlaceChanged',
  ]);
  assert.equal(org.state.accounts['root-1']?.envelopes[SERIAL]?.place, SAFE);
});

test('who could get in and may no longer makes a change of the combination due, until it is changed', async () => {
  const { org } = await at('armed');
  await furnished(org);
  const due = () =>
    obligations(org.state, org.now).filter((one) => one.what === 'change-combination');
  assert.deepEqual(due(), []);
  await org.done(await signedBy(org, placeOf(org, BANK, { access: ['ana', 'ben'] })));
  assert.deepEqual(
    due().map(({ about, owners }) => ({ about, owners })),
    [{ about: BANK, owners: ['ana', 'ben'] }],
  );
  const changed = org.wait(30).now;
  await org.done(await signedBy(org, placeOf(org, BANK, { changed })));
  assert.deepEqual(due(), []);
  await org.done(await signedBy(org, placeOf(org, SAFE, { combination: undefined })));
  const removal = await org.rosterChange({ do: 'remove', person: 'cleo' }, ['ada', 'bob']);
  await org.submit(removal);
  org.wait(49 * 60);
  await org.tick();
  assert.ok(!org.state.roster?.members.some(({ id }) => id === 'cleo'));
  assert.deepEqual(
    due().map(({ about }) => about),
    [SAFE],
  );
  assert.equal(org.state.places[SAFE]?.knownBy.includes('cleo'), true);
});
