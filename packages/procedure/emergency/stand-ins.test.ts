import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf } from '@halligan/format';
import { isSignedByBoth, obligations, recordOf, seatOf } from '../index.ts';
import { obey } from '../practice/obedient-people.fixture.ts';
import {
  attestation,
  emergencyOf,
  exerciseRequest,
  said,
} from '../practice/practice-emergency.fixture.ts';
import { type Organisation, plain, textOf } from '../practice/practice-organisation.fixture.ts';
import { at, type Stage } from '../practice/practice-stages.fixture.ts';
import { refuses, refusesAll } from '../practice/refusals.fixture.ts';

async function leave(org: Organisation, ...people: readonly string[]): Promise<void> {
  for (const person of people) {
    for (const [name, members] of Object.entries(org.state.roster?.groups ?? {}))
      if (members.includes(person))
        await org.done(
          await org.rosterChange(
            { do: 'group', name, members: members.filter((one) => one !== person) },
            ['ada', 'ana', 'ben', 'cleo', 'eli'].filter((one) =>
              org.state.roster?.members.some(({ id }) => id === one),
            ),
          ),
        );
    await org.done(await org.rosterChange({ do: 'remove', person }, ['ada']));
  }
}

test('for one who has left the roster, security signs the record, and the record says for whom', async () => {
  const { org, id } = await at('ended');
  assert.deepEqual(seatOf(org.state, emergencyOf(org, id), 'ana'), ['ana']);
  await refuses(org, attestation(org, id, 'record', 'raj'), 'record.signer', 'nobody has left');
  await leave(org, 'ana');
  const before = org.state;
  await org.done(await attestation(org, id, 'record', 'ben'));
  await refuses(org, attestation(org, id, 'record', 'wanda'), 'record.signer', 'the witness');
  await org.done(await attestation(org, id, 'record', 'raj'));
  assert.deepEqual(emergencyOf(org, id).record?.inPlaceOf, { raj: 'ana' });
  assert.ok(isSignedByBoth(emergencyOf(org, id)));
  await refuses(org, attestation(org, id, 'record', 'ada'), 'record.again', 'a third');
  await org.done(await attestation(org, id, 'submission', 'ada'));
  assert.deepEqual(
    recordOf(before, emergencyOf(org, id)),
    recordOf(org.state, emergencyOf(org, id)),
    'who signs is no part of what is signed',
  );
});

test('where both have left, two others sign: one word is not two', async () => {
  const { org, id } = await at('ended');
  await leave(org, 'ana', 'ben');
  await org.done(await attestation(org, id, 'record', 'raj'));
  await refuses(org, attestation(org, id, 'record', 'raj'), 'record.again');
  const due = obligations(org.state, org.now).find(({ what }) => what === 'sign-record');
  assert.deepEqual(due?.owners, ['ada', 'bob']);
  await org.done(await attestation(org, id, 'record', 'bob'));
  assert.deepEqual(emergencyOf(org, id).record?.inPlaceOf, { raj: 'ana', bob: 'ben' });
});

test('for those who have left, others end, abort and exercise', async () => {
  const opened = await at('opened');
  await refuses(
    opened.org,
    said(await opened.org.sign('raj', 'end', opened.id, { loggedOut: opened.org.now })),
    'use.not-part',
  );
  await leave(opened.org, 'ana', 'ben');
  const due = obligations(opened.org.state, opened.org.now).find(
    ({ about }) => about === opened.id,
  );
  assert.deepEqual([due?.what, due?.owners], ['end', ['raj']]);
  await opened.org.done(
    said(await opened.org.sign('raj', 'end', opened.id, { loggedOut: opened.org.now })),
  );
  const declared = await at('declared');
  const abort = (by: string) =>
    declared.org.sign(by, 'abort', declared.id, { reason: textOf('?') });
  await refuses(declared.org, said(await abort('ada')), 'use.not-part');
  await leave(declared.org, 'ana');
  await declared.org.done(said(await abort('ada')));
  const reviewed = await at('reviewed');
  await leave(reviewed.org, 'ana', 'ben');
  await reviewed.org.done(await exerciseRequest(reviewed.org, reviewed.id, {}, 'raj'));
});

test('whoever leaves, and whenever, those who are left come to the close', async () => {
  const stages: readonly Stage[] = ['declared', 'approved', 'joined', 'touched', 'opened', 'ended'];
  for (const stage of stages) {
    for (const people of [['ana'], ['ben'], ['dana', 'mei'], ['raj']]) {
      const { org, id } = await at(stage);
      await leave(org, ...people);
      for (let step = 0; step < 60 && emergencyOf(org, id).closed === undefined; step += 1)
        if (!(await obey(org))) {
          org.wait(31);
          await org.tick();
        }
      assert.ok(emergencyOf(org, id).closed, `${stage}, without ${people.join(' and ')}`);
    }
  }
});

test('a record on paper: both sign which scans are its pages', async () => {
  const { org, id } = await at('ended');
  const scans = [textOf('page 1'), textOf('page 2')];
  const pages = async (by: string, changes: object = {}, fields: object = {}) => {
    const document = plain({
      v: 'halligan/record-pages/v1',
      emergency: id,
      record: digestOf(recordOf(org.state, emergencyOf(org, id))),
      pages: scans,
      ...changes,
    });
    const signed = await org.sign(by, 'attest', id, {
      what: 'pages',
      digest: digestOf(document),
      ...fields,
    });
    return said(signed, document);
  };
  await refusesAll(org, [
    ['another record', pages('ana', { record: textOf('?') }), 'record.differs'],
    ['no pages', pages('ana', { pages: [] }), 'record.pages'],
    ['a page twice', pages('ana', { pages: [scans[0], scans[0]] }), 'record.pages'],
    ['of another emergency', pages('ana', { emergency: textOf('?') }), 'record.pages'],
    ['another list', pages('ana', {}, { digest: textOf('?') }), 'record.pages'],
    ['by the witness', pages('wanda'), 'record.signer'],
  ]);
  await org.done(await pages('ana'));
  await refuses(org, pages('ben', { pages: scans.slice(1) }), 'record.pages-differ');
  await org.done(await pages('ben'));
  assert.deepEqual(emergencyOf(org, id).record?.pages, scans);
  await org.done(await attestation(org, id, 'submission', 'ana'));
});
