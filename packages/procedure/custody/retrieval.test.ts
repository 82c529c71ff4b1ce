import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dueEffects, isTouched, obligations, recordOf, resetListOf } from '../index.ts';
import {
  arrival,
  BANK,
  destruction,
  furnished,
  INTACT,
  inspection,
  KEEPERS,
  placeOf,
  registration,
  SAFE,
  SERIAL,
  signedBy,
  unsealing,
} from '../practice/practice-custody.fixture.ts';
import {
  attestation,
  declare,
  emergencyOf,
  exerciseRequest,
  exerciseResult,
  release,
  review,
  said,
} from '../practice/practice-emergency.fixture.ts';
import { ACCOUNT, plain, textOf } from '../practice/practice-organisation.fixture.ts';
import { rotate } from '../practice/practice-rotation.fixture.ts';
import { at } from '../practice/practice-stages.fixture.ts';
import { refuses, refusesAll } from '../practice/refusals.fixture.ts';

/** An emergency with an envelope in the safe: declared, and as far as `stage`. */
async function emergency(stage: 'declared' | 'approved' | 'joined', drill = false, rules?: 2 | 3) {
  const { org } = await at('armed', rules === undefined ? {} : { policy: { rules } });
  await furnished(org);
  const id = await declare(org.wait(1), drill ? { purpose: 'drill' } : {});
  if (stage !== 'declared')
    await org.done(said(await org.sign('dana', 'approve', id, { method: 'app' })));
  if (stage === 'joined')
    for (const [by, role] of [
      ['ben', 'second'],
      ['wanda', 'witness'],
    ] as const)
      await org.done(said(await org.sign(by, 'take-part', id, { role, together: 'in-person' })));
  const step = (document: object, by: readonly string[] = KEEPERS, fields: object = {}) =>
    signedBy(org.wait(1), plain(document) as object as Record<string, unknown>, by, {
      subject: id,
      ...fields,
    });
  return { org, id, step };
}

test('both are there, authorised and acknowledged, before an envelope is touched', async () => {
  const declared = await emergency('declared');
  await refuses(declared.org, declared.step(arrival(declared.org)), 'opening.not-approved');
  const approved = await emergency('approved');
  await refuses(approved.org, approved.step(arrival(approved.org)), 'opening.no-second-person');
  const { org, step } = await emergency('joined');
  await refusesAll(org, [
    ['with somebody else', step(arrival(org), ['ana', 'cleo']), 'custody.both', ['ana', 'ben']],
    ['one alone', step(arrival(org), ['ana']), 'custody.two-people'],
    ['twice the same', step(arrival(org), ['ana', 'ana']), 'custody.same-person'],
    ['for a drill', step(arrival(org), KEEPERS, { purpose: 'drill' }), 'emergency.purpose'],
    ['of another account', step(arrival(org, { account: 'root-2' })), 'custody.account'],
    ['where it does not lie', step(arrival(org, { place: BANK })), 'custody.chain'],
    ['another envelope', step(arrival(org, { serial: '009' })), 'custody.unknown'],
    [
      'arrived before the declaration',
      step(arrival(org, { arrived: KEEPERS.map((by) => ({ by, at: '2026-03-02T08:00:00Z' })) })),
      'custody.times',
    ],
    [
      'one arrived',
      step(
        arrival(org, {
          arrived: [
            { by: 'ana', at: org.now },
            { by: 'ana', at: org.now },
          ],
        }),
      ),
      'custody.both',
    ],
    ['a destruction', step(destruction(org)), 'custody.subject'],
    ['opened at once', step(unsealing(org)), 'custody.not-reached'],
    ['outside an emergency', signedBy(org, unsealing(org)), 'custody.emergency'],
  ]);
  const arrived = await step(arrival(org));
  assert.deepEqual(await org.done(arrived), ['EnvelopeReached']);
  await refuses(org, arrived, 'custody.again');
});

test('an intact envelope is signed outside, opened by both, and its version is touched', async () => {
  const { org, id, step } = await emergency('joined');
  await org.done(await step(arrival(org)));
  await refusesAll(org, [
    [
      'by one portion',
      step(unsealing(org, { access: { method: 'split-combination', by: ['ana'] } })),
      'custody.order',
    ],
    [
      'in the wrong order',
      step(unsealing(org, { access: { method: 'split-combination', by: ['ben', 'ana'] } })),
      'custody.order',
    ],
    [
      'by one who entered both',
      step(unsealing(org, { access: { method: 'split-combination', by: ['ana', 'ana'] } })),
      'custody.order',
    ],
    [
      'by a key that is not there',
      step(unsealing(org, { access: { method: 'break-glass-key', by: ['ana'] } })),
      'custody.access-method',
    ],
    [
      'by one who knows it all',
      step(unsealing(org, { access: { method: 'combination', by: ['ana'] } })),
      'custody.access-method',
    ],
    [
      'not intact',
      step(unsealing(org, { checks: { ...INTACT, noSteaming: false } })),
      'custody.not-intact',
    ],
    ['another version', step(unsealing(org, { version: 7 })), 'custody.version'],
    [
      'signed by one',
      step(
        unsealing(org, {
          signed: [
            { by: 'ana', at: org.now },
            { by: 'cleo', at: org.now },
          ],
        }),
      ),
      'custody.signatures',
    ],
    [
      'signed after it was opened',
      step(unsealing(org, { opened: '2026-03-02T09:00:00Z' })),
      'custody.times',
    ],
    ['opened tomorrow', step(unsealing(org, { opened: '2026-03-03T09:00:00Z' })), 'custody.times'],
    ['tampered without a sign of it', step(inspection(org)), 'custody.intact'],
  ]);
  const note = { about: 'access', occurred: org.now, text: textOf('signed in') };
  await refuses(org, said(await org.sign('ana', 'note', id, note)), 'use.not-opened');
  const opening = await step(unsealing(org, { photos: [textOf('outside')] }));
  assert.deepEqual(await org.done(opening), [
    'EnvelopeOpened',
    'EnvelopeUnsealed',
    'VersionTouched',
    'AccountTaken',
  ]);
  await refuses(org, opening, 'custody.worthless');
  await org.done(said(await org.sign('ana', 'note', id, { ...note, occurred: org.now })));
  assert.equal(org.state.accounts[ACCOUNT]?.state, 'in use');
  assert.equal(org.state.accounts[ACCOUNT]?.versions[1]?.touched, true);
  assert.equal(org.state.accounts[ACCOUNT]?.envelopes[SERIAL]?.state, 'opened');
  assert.ok(isTouched(emergencyOf(org, id)));
  assert.match(JSON.stringify(recordOf(org.state, emergencyOf(org, id))), /"serial":"001"/);
});

test('tampering stops the opening: back into storage, photographed, another account named', async () => {
  const { org, id, step } = await emergency('joined');
  const torn = { checks: { ...INTACT, noTears: false }, photos: [textOf('a tear')] };
  await refuses(org, step(inspection(org, torn)), 'custody.not-reached');
  await org.done(await step(arrival(org)));
  await refuses(org, step(inspection(org, { ...torn, photos: [] })), 'custody.photos');
  assert.deepEqual(await org.done(await step(inspection(org, torn))), [
    'EnvelopeReturned',
    'EnvelopeTampered',
    'AccountSuspected',
  ]);
  const refusal = await refuses(org, step(unsealing(org)), 'custody.tampered');
  assert.match(refusal.next, /root-2/);
  assert.ok(!isTouched(emergencyOf(org, id)));
  await org.done(said(await org.sign('ana', 'abort', id, { reason: textOf('tampered') })));
  assert.deepEqual(dueEffects(org.state), [{ do: 'rotate', account: ACCOUNT }]);
  await org.done(said(await org.sign('raj', 'close', id)));
  await rotate(org.wait(1), ACCOUNT);
  assert.equal(org.state.accounts[ACCOUNT]?.state, 'armed');
});

test('an envelope of a retired version is worth nothing', async () => {
  const { org, step } = await emergency('joined');
  await rotate(org.wait(1), ACCOUNT);
  await refuses(org, step(arrival(org)), 'custody.worthless');
});

test('an account in use by another emergency is not opened by envelope either', async () => {
  const { org, step } = await emergency('joined');
  const other = await declare(
    org,
    { second: 'dirk', approver: 'dora', witness: undefined },
    'cleo',
  );
  await org.done(said(await org.sign('dora', 'approve', other, { method: 'app' })));
  await org.done(
    said(await org.sign('dirk', 'take-part', other, { role: 'second', together: 'video' })),
  );
  await org.done(await step(arrival(org)));
  const arrived = ['cleo', 'dirk'].map((by) => ({ by, at: org.now }));
  await org.done(await step(arrival(org, { arrived }), ['cleo', 'dirk'], { subject: other }));
  await org.done(await step(unsealing(org)));
  await refuses(
    org,
    step(arrival(org, { arrived }), ['cleo', 'dirk'], { subject: other }),
    'opening.taken',
  );
});

for (const drill of [false, true]) {
  test(`${drill ? 'a drill' : 'an emergency'} by envelope closes when new paper is in place and the old destroyed`, async () => {
    const { org, id, step } = await emergency('joined', drill);
    await org.done(await step(arrival(org)));
    await org.done(await step(unsealing(org)));
    await org.done(said(await org.sign('ana', 'end', id, { loggedOut: org.now })));
    for (const by of ['ana', 'ben']) await org.done(await attestation(org, id, 'record', by));
    await org.done(await attestation(org, id, 'submission', 'ana'));
    await rotate(org.wait(1), ACCOUNT);
    for (const by of ['ana', 'ben', 'dana', 'raj', 'mei'])
      await org.done(await review(org, id, by));
    await org.done(await exerciseRequest(org, id));
    for (const holder of ['ben', 'cleo', 'releaser'])
      await org.done(said(await release(org, id, holder)));
    await org.done(await exerciseResult(org, id));
    const close = async () => said(await org.sign('raj', 'close', id));
    await refuses(org, close(), 'close.envelope', 'no new paper');
    await org.done(await signedBy(org, registration(org, { serial: '002' })));
    await refuses(org, close(), 'close.envelope', 'old paper');
    await org.done(await signedBy(org, destruction(org)));
    assert.deepEqual(await org.done(await close()), ['EmergencyClosed']);
    assert.equal(org.state.accounts[ACCOUNT]?.state, 'armed');
    assert.equal(org.state.accounts[ACCOUNT]?.envelopes['002']?.state, 'sealed');
  });
}

test('the break-glass key opens what a split combination guards', async () => {
  const { org, step } = await emergency('joined');
  const key = { breakGlassKey: { kept: 'with the notary' } };
  await org.done(await signedBy(org, placeOf(org, SAFE, key)));
  await org.done(await step(arrival(org)));
  const access = { method: 'break-glass-key', by: ['ben'] };
  assert.deepEqual(
    (await org.done(await step(unsealing(org, { access })))).at(0),
    'EnvelopeOpened',
  );
});

test('what was done at an envelope in a drill counts for nothing once it is real', async () => {
  const note = async ({ org, id }: Awaited<ReturnType<typeof emergency>>) =>
    said(
      await org.sign('ana', 'note', id, {
        about: 'access',
        occurred: org.now,
        text: textOf('signed in'),
      }),
    );
  for (const rules of [2, 3] as const) {
    const arrived = await emergency('joined', true, rules);
    const opened = await emergency('joined', true, rules);
    for (const { org, step } of [arrived, opened])
      await org.done(await step(arrival(org), KEEPERS, { purpose: 'drill' }));
    await opened.org.done(await opened.step(unsealing(opened.org), KEEPERS, { purpose: 'drill' }));
    for (const { org, id } of [arrived, opened])
      await org.done(
        said(
          await org.sign('ana', 'convert', id, {
            purpose: 'real',
            reason: textOf('down indeed'),
            evidence: [textOf('the log')],
          }),
        ),
      );
    assert.ok(isTouched(emergencyOf(opened.org, opened.id)), 'what was opened stays known');
    if (rules === 2) {
      assert.deepEqual(await opened.org.done(await note(opened)), ['NoteAdded'], 'as it was');
      continue;
    }
    await refuses(opened.org, note(opened), 'use.not-opened');
    const { org, id, step } = arrived;
    await org.done(said(await org.sign('dana', 'approve', id, { method: 'app' })));
    for (const [by, role] of [
      ['ben', 'second'],
      ['wanda', 'witness'],
    ] as const)
      await org.done(said(await org.sign(by, 'take-part', id, { role, together: 'in-person' })));
    await refuses(org, step(unsealing(org)), 'custody.not-reached');
    assert.deepEqual(await org.done(await step(arrival(org))), ['EnvelopeReached']);
    assert.ok((await org.done(await step(unsealing(org)))).includes('EnvelopeOpened'));
    assert.deepEqual(
      emergencyOf(org, id).retrievals.map(({ rehearsed, opened: open }) => [
        rehearsed === true,
        open !== undefined,
      ]),
      [
        [true, false],
        [false, true],
      ],
    );
  }
});

test('out of an envelope, the session has its limit, and copies are asked about', async () => {
  for (const rules of [2, 3] as const) {
    const { org, id, step } = await emergency('joined', false, rules);
    await org.done(await step(arrival(org)));
    await org.done(await step(unsealing(org)));
    const due = obligations(org.state, org.now).filter(({ about }) => about === id);
    assert.ok(due.some(({ what }) => what === 'end') && !due.some(({ what }) => what === 'open'));
    await org.done(said(await org.sign('ana', 'end', id, { loggedOut: org.now })));
    const list = resetListOf(org.state, emergencyOf(org, id)).map(({ item }) => item);
    assert.deepEqual(list, rules === 2 ? ['password'] : ['password', 'copies']);
  }
});
