import { digestOf, type Json } from '@halligan/format';
import { z } from 'zod';
import { happened } from '../events.ts';
import type { Decision, Observation, Said } from '../input.ts';
import { refuse } from '../refusal.ts';
import type { State } from '../state.ts';
import { attestedAtHand } from './attested-at-hand.ts';
import { emergencyAtHand } from './emergency-at-hand.ts';
import { emergencyById } from './register.ts';
import { recordOf } from './session-record.ts';
import { bothOf, placeOf, signersOf } from './stand-ins.ts';
import { type Emergency, isOpen } from './state.ts';

/** Both authorised people sign the same record; for one who has left, a stand-in, and the record says for whom. */
export function decideRecord(state: State, said: Said<'attest'>): Decision {
  const found = emergencyAtHand(state, said);
  if ('refusal' in found) return found;
  return signed(state, found.emergency, said.by, said.statement.digest);
}

const pagesDocument = z.lazy(() =>
  z.strictObject({
    v: z.literal('halligan/record-pages/v1'),
    emergency: z.string(),
    record: z.string(),
    pages: z
      .array(z.string().regex(/^[0-9a-f]{64}$/))
      .min(1)
      .max(64),
  }),
);

/** The record on paper: each page signed by hand and scanned back in. Both sign which scans are the record's pages. */
export function decidePages(
  state: State,
  said: Said<'attest'>,
  document: Json | undefined,
): Decision {
  const otherwise = refuse(
    'record.pages',
    'The list of pages does not fit what was signed.',
    'List each scanned page of this record once, and sign again.',
  );
  const found = attestedAtHand(state, said, { shape: pagesDocument, document, otherwise });
  if ('refusal' in found) return found;
  const { emergency, attested } = found;
  if (new Set(attested.pages).size !== attested.pages.length) return otherwise;
  const { record, pages } = attested;
  const before = emergency.record;
  if (
    before?.pages !== undefined &&
    before.digest === record &&
    before.pages.join() !== pages.join()
  )
    return refuse(
      'record.pages-differ',
      'The other person signed other pages.',
      'Sign the same list of the same scans.',
    );
  return signed(state, emergency, said.by, record, pages);
}

function signed(
  state: State,
  emergency: Emergency,
  by: string,
  record: string,
  pages?: readonly string[],
): Decision {
  const signers = signersOf(state, emergency).flat();
  if (!signers.includes(by))
    return refuse(
      'record.signer',
      'The requester and the second person sign the record.',
      'Ask them.',
      signers,
    );
  if (emergency.ended === undefined && emergency.aborted === undefined)
    return refuse(
      'record.not-ended',
      'The emergency has not ended.',
      'End it first: halligan emergency end.',
    );
  if (record !== digestOf(recordOf(state, emergency)))
    return refuse(
      'record.differs',
      'That is not the record as it stands.',
      'Fetch the record, read it, sign again.',
    );
  const before = emergency.record?.digest === record ? emergency.record : undefined;
  const taken = placesTaken(before);
  const place = placeOf(state, emergency, by, taken);
  // One person signs once: who stands in for both would be one person's word for two.
  if (place === undefined || before?.signedBy.includes(by) === true)
    return refuse(
      'record.again',
      'You signed this record already.',
      'The other signature is needed.',
      signers.filter((one) => one !== by),
    );
  return {
    events: [
      happened('RecordSigned', {
        emergency: emergency.id,
        by,
        record,
        ...(place === by ? {} : { inPlaceOf: place }),
        ...(pages === undefined ? {} : { pages }),
      }),
    ],
  };
}

function placesTaken(record: Emergency['record']): readonly string[] {
  const instead = record?.inPlaceOf ?? {};
  return (record?.signedBy ?? []).map((person) => instead[person] ?? person);
}

/** The signed record went to the incident system or the security team. */
export function decideSubmission(state: State, said: Said<'attest'>): Decision {
  const found = emergencyAtHand(state, said);
  if ('refusal' in found) return found;
  const { emergency } = found;
  const signers = signersOf(state, emergency).flat();
  if (!signers.includes(said.by))
    return refuse(
      'record.signer',
      'The requester or the second person submits the record.',
      'Ask them.',
      signers,
    );
  if (!isSignedByBoth(emergency)) {
    return refuse(
      'record.unsigned',
      'The record is not signed by both people.',
      'Sign it first: halligan emergency sign.',
      signers,
    );
  }
  if (said.statement.digest !== emergency.record?.digest)
    return refuse(
      'record.differs',
      'That is not the signed record.',
      'Submit the one that both signed.',
    );
  if (emergency.submitted !== undefined)
    return refuse('record.again', 'The record was submitted already.', 'Nothing more is needed.');
  const { text } = said.statement;
  return {
    events: [
      happened('RecordSubmitted', {
        emergency: emergency.id,
        by: said.by,
        record: said.statement.digest,
        ...(text === undefined ? {} : { reference: text }),
      }),
    ],
  };
}

/** The server handed the record that both signed to the incident system. People's own submission came first, or counts too. */
export function decideSubmitted(
  state: State,
  { emergency: id, record, via }: Extract<Observation, { readonly saw: 'submitted' }>,
): Decision {
  const emergency = emergencyById(state, id);
  if (emergency === undefined || !isSubmissionDue(emergency) || emergency.record?.digest !== record)
    return refuse(
      'record.submission',
      'There is no such signed record that waits to be submitted.',
      'See halligan emergency show.',
    );
  return {
    events: [happened('RecordSubmitted', { emergency: id, by: 'server', record, via })],
  };
}

/** Whether both signed the record, and nobody has submitted it yet. */
export function isSubmissionDue(emergency: Emergency): boolean {
  return (
    isOpen(emergency) &&
    emergency.record !== undefined &&
    emergency.submitted === undefined &&
    isSignedByBoth(emergency)
  );
}

/** Whether both authorised people, or who stands in for them, signed the record as it stands. */
export function isSignedByBoth(emergency: Emergency): boolean {
  return bothOf(emergency).every((person) => isTaken(emergency, person));
}

/** Whether somebody signed the record as it stands, or a stand-in for them. */
export function isTaken(emergency: Emergency, person: string): boolean {
  return placesTaken(emergency.record).includes(person);
}
