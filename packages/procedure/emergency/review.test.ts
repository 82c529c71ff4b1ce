import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reviewersOf } from '../index.ts';
import { emergencyOf, review } from '../practice/practice-emergency.fixture.ts';
import { textOf } from '../practice/practice-organisation.fixture.ts';
import { at } from '../practice/practice-stages.fixture.ts';
import { refuses, refusesAll } from '../practice/refusals.fixture.ts';

const REVIEWERS = ['ana', 'ben', 'dana', 'raj', 'mei'];

test('the review is complete when every seat has signed the same document', async () => {
  const { org, id } = await at('reset');
  for (const by of REVIEWERS.slice(0, -1))
    assert.deepEqual(await org.done(await review(org, id, by)), ['ReviewSigned']);
  assert.deepEqual(await org.done(await review(org, id, 'mei')), [
    'ReviewSigned',
    'ReviewCompleted',
  ]);
  assert.deepEqual(emergencyOf(org, id).reviewed, {
    at: org.now,
    rootCause: 'idp-outage',
    action: { what: textOf('a second provider'), owner: 'mei', due: '2026-06-30' },
  });
  await refuses(org, review(org, id, 'mei'), 'review.done');
});

test('a first version that the others do not share stands in nobody’s way', async () => {
  const { org, id } = await at('reset');
  const other = { rootCause: 'other' };
  await org.done(await review(org, id, 'ana', other));
  await refuses(org, review(org, id, 'ana', other), 'review.again');
  for (const by of REVIEWERS.slice(1))
    assert.deepEqual(await org.done(await review(org, id, by)), ['ReviewSigned']);
  assert.equal(emergencyOf(org, id).reviewed, undefined);
  assert.deepEqual(await org.done(await review(org, id, 'ana')), [
    'ReviewSigned',
    'ReviewCompleted',
  ]);
});

test('what is no review', async () => {
  const { org, id } = await at('reset');
  const action = { what: textOf('later'), owner: 'zoe', due: '2026-06-30' };
  const [point, ...points] = [
    'prerequisites',
    'dual-control',
    'necessity',
    'completeness',
    'reset',
  ].map((name) => ({ point: name, held: true }));
  await refusesAll(org, [
    ['by a holder', review(org, id, 'cleo'), 'review.reviewer', REVIEWERS],
    ['by another approver', review(org, id, 'dirk'), 'review.reviewer'],
    ['of another emergency', review(org, id, 'ana', { emergency: textOf('?') }), 'review.document'],
    ['a point left out', review(org, id, 'ana', { points }), 'review.document'],
    [
      'points in another order',
      review(org, id, 'ana', { points: [...points, point] }),
      'review.document',
    ],
    [
      'no such day',
      review(org, id, 'ana', { action: { ...action, due: '2026-02-30' } }),
      'review.document',
    ],
    ['nobody acts', review(org, id, 'ana', { action }), 'review.owner'],
    ['an unknown cause', review(org, id, 'ana', { rootCause: 'gremlins' }), 'review.document'],
    ['another document', review(org, id, 'ana', {}, { digest: textOf('?') }), 'review.document'],
    ['for a drill', review(org, id, 'ana', {}, { purpose: 'drill' }), 'emergency.purpose'],
  ]);
});

test('the record and the reset come first', async () => {
  const ended = await at('ended');
  await refuses(ended.org, review(ended.org, ended.id, 'ana'), 'review.record');
  const submitted = await at('submitted');
  await refuses(submitted.org, review(submitted.org, submitted.id, 'ana'), 'review.reset');
});

test('for whoever has left, those who close emergencies sign: a review never waits for nobody', async () => {
  const { org, id } = await at('reset');
  await org.done(await org.rosterChange({ do: 'remove', person: 'dana' }, ['ada']));
  await org.done(await org.rosterChange({ do: 'remove', person: 'mei' }, ['ada']));
  assert.deepEqual(reviewersOf(org.state, emergencyOf(org, id)), [
    ['ana'],
    ['ben'],
    ['raj'],
    ['raj'],
    ['raj'],
  ]);
  await org.done(await org.rosterChange({ do: 'remove', person: 'raj' }, ['ada']));
  assert.deepEqual(reviewersOf(org.state, emergencyOf(org, id)).at(-1), ['ada', 'bob']);
});
