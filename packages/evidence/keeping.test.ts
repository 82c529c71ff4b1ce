import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf, type Json } from '@halligan/format';
import { emergencyById } from '@halligan/procedure';
import { contoso } from './contoso.fixture.ts';
import { wholeEmergency } from './emergency.fixture.ts';
import { claimsThat, forgePack, verdictOf } from './forge.fixture.ts';
import { exitCodeOf, groupOf, namedTexts, verifyPack } from './index.ts';
import { type MemoryRecord, PRINTER, saw } from './memory-record.fixture.ts';
import { recordText } from './reports.fixture.ts';

async function keep(
  record: MemoryRecord,
  emergency: string,
  decision: Readonly<Record<string, Json>>,
  people: readonly string[] = ['raj', 'dana'],
): Promise<string> {
  const document = { v: 'halligan/keeping/v1', emergency, ...decision };
  const digest = digestOf(document);
  for (const by of people)
    await record.say('attest', by, emergency, { what: 'keeping', digest }, { document });
  return digest;
}

/** A closed emergency whose texts two people ordered to be erased, and which the server erased. */
async function erased(): Promise<{ readonly record: MemoryRecord; readonly emergency: string }> {
  const record = await contoso();
  const emergency = await wholeEmergency(record);
  record.now = '2026-04-01T09:00:00.000Z';
  const hold = await keep(record, emergency, { do: 'hold', reason: record.text('A lawsuit.') });
  await keep(record, emergency, { do: 'lift', hold, reason: record.text('Settled.') });
  record.now = '2026-05-01T09:00:00.000Z';
  await keep(record, emergency, { do: 'erase', ground: 'data-subject', reference: 'DSR-17' });
  const blobs = namedTexts(
    emergencyById(record.state, emergency) ?? never(),
    record.entries.map((bytes, index) => groupOf(index, bytes)),
  ).length;
  await record.submit(saw({ saw: 'erased', emergency, blobs }));
  record.attachments.length = 0;
  return { record, emergency };
}

function never(): never {
  throw new Error('no emergency');
}

test('the record says until when it is kept, and what holds it', async () => {
  const record = await contoso();
  const emergency = await wholeEmergency(record);
  await keep(record, emergency, { do: 'hold', reason: record.text('A lawsuit.') });
  const text = recordText(record, emergency);
  assert.match(text, /^Kept until: 2033-03-01 10:00 UTC \(7y after it was closed\)$/m);
  assert.match(
    text,
    /^Legal holds: placed by raj and dana, [\d-]+ [\d:]+ UTC: A lawsuit\. \(in\n? +force\)$/m,
  );
  const claims = await verifyPack(await record.pack(emergency), {}, PRINTER);
  assert.equal(exitCodeOf(claims), 0);
  assert.ok(
    claims.some(
      ({ basis, claim }) =>
        basis === 'signed by raj and dana' && claim.startsWith('a legal hold was placed'),
    ),
  );
});

test('a pack made after the erasure says what was erased, by whom and when, and verifies', async () => {
  const { record, emergency } = await erased();
  const text = recordText(record, emergency);
  assert.match(text, /^Reason for invocation: \[erased 2026-05-01 09:00 UTC: [0-9a-f]{16}…\]$/m);
  assert.match(text, /ordered by raj and dana, 2026-05-01 09:00 UTC: data-subject, DSR-17/);
  assert.doesNotMatch(text, /identity provider fails/);
  const claims = await verifyPack(await record.pack(emergency), {}, PRINTER);
  assert.equal(exitCodeOf(claims), 0);
  const missing = claims.find(({ claim }) => claim.includes('texts and files said'));
  assert.deepEqual([missing?.verdict, missing?.basis], ['NOT PROVEN', 'erased 2026-05-01']);
  assert.ok(
    claimsThat(claims, 'ASSERTED').some((claim) => claim.includes('copies of them are gone')),
  );
});

test('an erasure that nobody ordered does not follow the rules', async () => {
  const record = await contoso();
  const emergency = await wholeEmergency(record);
  record.write(saw({ saw: 'erased', emergency, blobs: 9 }), [
    { type: 'TextsErased', data: { emergency, blobs: 9 } },
  ]);
  assert.match(
    await verdictOf(await forgePack(record, emergency)),
    /^5 evidence.rules: .*keeping.not-ordered/,
  );
});

test('an erasure that one person ordered does not follow the rules', async () => {
  const record = await contoso();
  const emergency = await wholeEmergency(record);
  const document = {
    v: 'halligan/keeping/v1',
    emergency,
    do: 'erase',
    ground: 'by-mistake',
  } as const;
  const digest = digestOf(document);
  const signed = await record.sign('attest', 'raj', emergency, { what: 'keeping', digest });
  record.write({ type: 'statements', signed: [signed], document }, [
    { type: 'KeepingSigned', data: { emergency, by: 'raj', digest, document } },
    {
      type: 'ErasureOrdered',
      data: { emergency, order: digest, ground: 'by-mistake', by: ['raj'] },
    },
  ]);
  assert.match(await verdictOf(await forgePack(record, emergency)), /^5 evidence.rules: /);
});
