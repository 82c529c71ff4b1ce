import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  declare,
  emergencyOf,
  minutesAfter,
  open,
  release,
  request,
  said,
} from '../practice/practice-emergency.fixture.ts';
import {
  ACCOUNT,
  type Organisation,
  SPARE,
  textOf,
} from '../practice/practice-organisation.fixture.ts';
import {
  commitmentOf,
  failedRotation,
  kitted,
  sealed,
} from '../practice/practice-rotation.fixture.ts';
import { at } from '../practice/practice-stages.fixture.ts';
import { refuses, refusesAll } from '../practice/refusals.fixture.ts';

test('nothing is opened before an approval and the second person', async () => {
  const declared = await at('declared');
  await refuses(
    declared.org,
    said(await request(declared.org, declared.id)),
    'opening.not-approved',
  );
  const { org, id } = await at('approved');
  await refuses(org, said(await request(org, id)), 'opening.no-second-person');
  await org.done(
    said(await org.sign('wanda', 'take-part', id, { role: 'witness', together: 'video' })),
  );
  await refuses(org, said(await request(org, id)), 'opening.no-second-person', 'a witness is none');
});

test('where the policy requires a witness, the witness is there first', async () => {
  const { org, id } = await at('approved', { policy: { witness: 'required' } });
  await org.done(
    said(await org.sign('ben', 'take-part', id, { role: 'second', together: 'video' })),
  );
  const { eligible } = await refuses(org, said(await request(org, id)), 'opening.no-witness');
  assert.deepEqual(eligible, ['wanda']);
  await org.done(
    said(await org.sign('wanda', 'take-part', id, { role: 'witness', together: 'video' })),
  );
  await open(org, id);
});

test('what an opening request may not say', async () => {
  const { org, id } = await at('joined');
  const asking = async (fields: Readonly<Record<string, unknown>>, by = 'ana') =>
    said(await request(org, id, fields, by));
  await refusesAll(org, [
    ['the second person asks', asking({}, 'ben'), 'opening.requester', ['ana']],
    ['the approver asks', asking({}, 'dana'), 'opening.requester', ['ana']],
    ['another account', asking({ account: SPARE }), 'opening.seal'],
    ['another seal', asking({ seal: 'f'.repeat(32) }), 'opening.seal'],
    ['another seal.json', asking({ sealDigest: textOf('?') }), 'opening.seal'],
    ['a version that is not there', asking({ version: 7 }), 'opening.seal'],
    ['a path that the seal has not', asking({ path: 'solo' }), 'opening.path'],
    ['a path that is none', asking({ path: 'no-path' }), 'opening.path'],
    ['a longer window', asking({ expires: minutesAfter(org.now, 31) }), 'opening.expires'],
    ['a window that has passed', asking({ expires: org.now }), 'opening.expires'],
    ['as an exercise, before any reset', asking({ purpose: 'exercise' }), 'exercise.not-reset'],
    ['for a drill', asking({ purpose: 'drill' }), 'emergency.purpose'],
    ['of no emergency', asking({ subject: textOf('?') }), 'emergency.unknown'],
    ['under an old roster', asking({ roster: textOf('?') }), 'input.roster'],
    [
      'together with something else',
      said([
        await request(org, id),
        await org.sign('ben', 'note', id, {
          about: 'observation',
          occurred: org.now,
          text: textOf('?'),
        }),
      ]),
      'input.joint',
    ],
  ]);
  await org.done(said(await request(org, id, { expires: minutesAfter(org.now, 30) })));
});

test('one live opening; when its window has passed, the next', async () => {
  const { org, id } = await at('requested');
  await refuses(org, said(await request(org, id)), 'opening.live');
  org.wait(20);
  assert.deepEqual(await org.submit({ type: 'tick' }), { events: [] });
  org.wait(1);
  await refuses(org, said(await request(org, id)), 'opening.live', 'not before the clock said so');
  assert.deepEqual(await org.tick(), ['OpeningExpired']);
  assert.deepEqual(await org.submit({ type: 'tick' }), { events: [] });
  await open(org, id);
});

test('a request counts once', async () => {
  const { org, id } = await at('joined');
  const signed = await request(org, id, { expires: minutesAfter(org.now, 5) });
  await org.done(said(signed));
  org.wait(6);
  await org.tick();
  await refuses(org, said(signed), 'opening.expires');
});

test('what was opened is not opened again, and nothing is opened after the end', async () => {
  const opened = await at('opened');
  await refuses(opened.org, said(await request(opened.org, opened.id)), 'opening.opened');
  const ended = await at('ended');
  await refuses(ended.org, said(await request(ended.org, ended.id)), 'opening.over');
  const { org, id } = await at('joined');
  await org.done(said(await org.sign('ana', 'abort', id, { reason: textOf('solved') })));
  await refuses(org, said(await request(org, id)), 'opening.over');
});

async function secondEmergency(org: Organisation): Promise<string> {
  const id = await declare(org, { second: 'cleo' }, 'ben');
  await org.done(said(await org.sign('dana', 'approve', id, { method: 'app' })));
  await org.done(
    said(await org.sign('cleo', 'take-part', id, { role: 'second', together: 'video' })),
  );
  return id;
}

test('two emergencies never collect shares of one account at a time: shares of a version add up', async () => {
  const { org, id } = await at('joined');
  const other = await secondEmergency(org);
  const first = await open(org, id);
  const byBen = async () => said(await request(org, other, {}, 'ben'));
  await refuses(org, byBen(), 'opening.taken', 'while shares are collected');
  await org.done(said(await release(org, id, 'cleo', { request: first })));
  org.wait(21);
  await org.tick();
  await refuses(org, byBen(), 'opening.taken', 'a share has left');
  await org.done(said(await org.sign('ana', 'abort', id, { reason: textOf('over to ben') })));
  const { next } = await refuses(org, byBen(), 'opening.touched', 'another account is armed');
  assert.match(next, /root-2/);
  await org.done(sealed(org, SPARE, 2));
  await org.done(kitted(SPARE, 2));
  await org.done(failedRotation(SPARE, 2));
  await org.done(await byBen());
  await org.done(said(await release(org, other, 'cleo')));
  assert.equal(org.state.accounts[ACCOUNT]?.emergency, other);
});

test('where a rotation was cut short, either version may be the one that opens', async () => {
  const { org } = await at('armed');
  await org.done(sealed(org, ACCOUNT, 2));
  const early = org.fork();
  await org.done(kitted(ACCOUNT, 2));
  await org.done(failedRotation(ACCOUNT, 2));
  const prepare = async (one: Organisation): Promise<string> => {
    const id = await declare(one);
    await one.done(said(await one.sign('dana', 'approve', id, { method: 'app' })));
    await one.done(
      said(await one.sign('ben', 'take-part', id, { role: 'second', together: 'video' })),
    );
    return id;
  };
  const waiting = await prepare(early);
  await refuses(
    early,
    said(await request(early, waiting, { version: 2 })),
    'opening.version',
    'sealed only: it was never set',
  );
  // Nothing else is armed, so the exposed account is what there is.
  await org.done(sealed(org, SPARE, 2));
  await org.done(kitted(SPARE, 2));
  await org.done(failedRotation(SPARE, 2));
  const id = await prepare(org);
  for (const version of [1, 2]) {
    await open(org, id, { version });
    for (const [holder, group] of [
      ['ana', 'keyholders'],
      ['ben', 'keyholders'],
      ['releaser', 'server'],
    ] as const)
      await org.done(
        said(
          await release(org, id, holder, {
            commitment: commitmentOf(version, 'standard', group, holder),
          }),
        ),
      );
  }
  assert.equal(emergencyOf(org, id).openings.filter((one) => one.quorumAt !== undefined).length, 2);
});
