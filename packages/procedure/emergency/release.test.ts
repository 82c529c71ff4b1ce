import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mayRelease } from '../index.ts';
import {
  emergencyOf,
  exerciseRequest,
  open,
  release,
  request,
  said,
} from '../practice/practice-emergency.fixture.ts';
import { ACCOUNT, memberOf, ORIGIN, textOf } from '../practice/practice-organisation.fixture.ts';
import { commitmentOf, rotate } from '../practice/practice-rotation.fixture.ts';
import { at } from '../practice/practice-stages.fixture.ts';
import { refuses, refusesAll } from '../practice/refusals.fixture.ts';

test('distinct holders complete a quorum; the server’s share goes last', async () => {
  const { org, id } = await at('requested');
  const refusal = await refuses(
    org,
    said(await release(org, id, 'releaser')),
    'release.people-first',
  );
  assert.deepEqual(refusal.eligible, ['ana', 'ben', 'cleo']);
  assert.deepEqual(await org.done(said(await release(org, id, 'cleo'))), [
    'ShareReleased',
    'VersionTouched',
    'AccountTaken',
  ]);
  await refuses(org, said(await release(org, id, 'releaser')), 'release.people-first');
  assert.deepEqual(await org.done(said(await release(org, id, 'ben'))), ['ShareReleased']);
  assert.deepEqual(await org.done(said(await release(org, id, 'releaser'))), [
    'ShareReleased',
    'QuorumReached',
  ]);
  await refuses(org, said(await release(org, id, 'ana')), 'release.complete');
});

test('the offline path needs no server', async () => {
  const { org, id } = await at('joined');
  await open(org, id, { path: 'offline' });
  for (const holder of ['ben', 'cleo']) await org.done(said(await release(org, id, holder)));
  await refuses(org, said(await release(org, id, 'releaser')), 'release.not-holder');
  assert.deepEqual(await org.done(said(await release(org, id, 'eli'))), [
    'ShareReleased',
    'QuorumReached',
  ]);
});

test('nobody counts twice, whichever groups they are in', async () => {
  const { org, id } = await at('joined');
  await open(org, id, { path: 'offline' });
  const first = await release(org, id, 'ana');
  await org.done(said(first));
  await refusesAll(org, [
    ['replayed', said(first), 'release.again'],
    ['signed anew', said(await release(org, id, 'ana')), 'release.again'],
    [
      'for the other group',
      said(await release(org, id, 'ana', { group: 'executives' })),
      'release.again',
      ['ben', 'cleo', 'eli'],
    ],
  ]);
  await org.done(said(await release(org, id, 'eli')));
  assert.deepEqual(await org.done(said(await release(org, id, 'cleo'))), [
    'ShareReleased',
    'QuorumReached',
  ]);
});

test('who is in two groups gives the share that the others cannot make up for', async () => {
  const { org, id } = await at('joined');
  await open(org, id, { path: 'offline' });
  await org.done(said(await release(org, id, 'ben')));
  const alone = org.fork();
  await org.done(said(await release(org, id, 'cleo')));
  await refuses(org, said(await release(org, id, 'ana')), 'release.share', 'keyholders is full');
  assert.deepEqual(await org.done(said(await release(org, id, 'ana', { group: 'executives' }))), [
    'ShareReleased',
    'QuorumReached',
  ]);
  await alone.done(said(await release(alone, id, 'eli')));
  await alone.done(said(await release(alone, id, 'ana')));
  assert.ok(emergencyOf(alone, id).openings[0]?.quorumAt !== undefined);
});

test('who is in two groups does not leave one to somebody who has left', async () => {
  const { org, id } = await at('joined');
  const left = org.fork();
  await left.done(
    await left.rosterChange({ do: 'remove', person: 'eli' }, ['ada', 'bob', 'ana', 'eli']),
  );
  const groupOf = async (one: typeof org) => {
    const opening = await open(one, id, { path: 'offline' });
    const pins = { organisation: 'contoso', origin: ORIGIN, holder: 'ana' };
    const answer = mayRelease({ state: one.state, emergency: id, request: opening }, pins, one.now);
    return 'refusal' in answer ? answer.refusal.rule : answer.group;
  };
  assert.equal(await groupOf(org), 'keyholders', 'eli can give the executive’s');
  assert.equal(await groupOf(left), 'executives');
});

test('what a release may not say', async () => {
  const { org, id } = await at('touched');
  const releasing = async (holder: string, fields: Readonly<Record<string, unknown>> = {}) =>
    said(await release(org, id, holder, fields));
  await refusesAll(org, [
    ['who holds nothing', releasing('dana'), 'release.not-holder', ['ben', 'cleo', 'releaser']],
    ['whose group is on another path', releasing('eli'), 'release.not-holder'],
    [
      'another’s share',
      releasing('ben', { commitment: commitmentOf(1, 'standard', 'keyholders', 'cleo') }),
      'release.share',
    ],
    ['another group', releasing('ben', { group: 'server' }), 'release.share'],
    ['another path', releasing('ben', { path: 'offline' }), 'release.share'],
    ['another request', releasing('ben', { request: textOf('?') }), 'release.unknown'],
    ['an exercise’s purpose', releasing('ben', { purpose: 'exercise' }), 'emergency.purpose'],
    ['a drill’s purpose', releasing('ben', { purpose: 'drill' }), 'emergency.purpose'],
    ['another emergency', releasing('ben', { subject: textOf('?') }), 'emergency.unknown'],
    ['an old roster', releasing('ben', { roster: textOf('?') }), 'input.roster'],
  ]);
});

test('the witness releases nothing, even where a later seal gives them a share', async () => {
  const { org, id } = await at('reviewed');
  const group = { do: 'group', name: 'keyholders', members: ['ana', 'ben', 'wanda'] } as const;
  await org.done(await org.rosterChange(group, ['ada', 'ana', 'ben']));
  await rotate(org, ACCOUNT);
  await org.done(await exerciseRequest(org, id));
  await refuses(org, said(await release(org, id, 'wanda')), 'release.witness');
  await org.done(said(await release(org, id, 'ana')));
});

test('no share is released after the window, the end, an abort or the close', async () => {
  const { org, id } = await at('touched');
  const ben = await release(org, id, 'ben');
  const late = org.fork().wait(30);
  await refuses(late, said(ben), 'release.window', 'the clock has not said so yet');
  await late.tick();
  await refuses(late, said(ben), 'release.window');
  const ended = org.fork();
  await ended.done(said(await ended.sign('ana', 'end', id, { loggedOut: ended.now })));
  await refuses(ended, said(ben), 'release.over');
  await org.done(said(await org.sign('ana', 'abort', id, { reason: textOf('stop') })));
  await refuses(org, said(ben), 'release.over');
});

test('a release for one opening is none for the next', async () => {
  const { org, id } = await at('requested');
  const forFirst = await release(org, id, 'ben');
  org.wait(21);
  await org.tick();
  await org.done(said(await request(org, id)));
  await refuses(org, said(forFirst), 'release.window');
  await org.done(said(await release(org, id, 'ben')));
});

test('who left the roster releases nothing', async () => {
  const { org, id } = await at('requested');
  const cleo = await release(org, id, 'cleo');
  await org.done(await org.rosterChange({ do: 'remove', person: 'cleo' }, ['ada', 'ana', 'ben']));
  await assert.rejects(org.submit(said(cleo)), { code: 'statement.unknown-person' });
  const zoe = await memberOf('zoe', []);
  await org.done(await org.rosterChange({ do: 'admit', member: zoe }, ['ada']));
  await refuses(org, said(await release(org, id, 'zoe')), 'release.not-holder');
});
