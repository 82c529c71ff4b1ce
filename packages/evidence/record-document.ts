import { code, type PrintedDocument, written } from '@halligan/document';
import { digestOf } from '@halligan/format';
import { type Emergency, recordOf, type State } from '@halligan/procedure';
import { namedTexts } from './named-texts.ts';
import { recordAndSignatures, resetAndVerification, review } from './report-aftermath.ts';
import { attempts } from './report-approval.ts';
import { conversion, measures } from './report-drill.ts';
import { invocation, retrieval, session } from './report-emergency.ts';
import { envelopeHistory } from './report-envelopes.ts';
import { keeping } from './report-keeping.ts';
import { notTakenIn, withoutTheServer } from './report-offline.ts';
import { type ErasedText, type ReportText, type Texts, time } from './report-parts.ts';
import { judgedBy } from './report-policy.ts';
import type { Group } from './transcript.ts';

/** What a record is told from: the state that was replayed, its entries, and the texts that are here. */
export interface Told {
  readonly state: State;
  readonly emergency: Emergency;
  readonly groups: readonly Group[];
  readonly texts: ReadonlyMap<string, ReportText>;
}

/**
 * The record for reading, in the procedure's own form and order: invocation record, retrieval, access, baseline,
 * actions, end, signatures, reset, review. Reasons and notes are written by people, one of whom may be the adversary.
 * HTML, text and PDF are forms of it. Whoever changes a word here raises `REPORT_VERSION`.
 */
export function recordDocument(told: Told): PrintedDocument {
  const { state, emergency, groups, texts: found } = told;
  const texts = textsOf(emergency, groups, found);
  const account = state.accounts[emergency.account];
  const organisation = state.roster?.organisation ?? '';
  const record = digestOf(recordOf(state, emergency));
  return {
    language: 'en',
    kind: emergency.drill ? 'DRILL' : 'EMERGENCY',
    practice: emergency.drill,
    title: [written(account?.document.name ?? emergency.account), ` on ${emergency.system}`],
    subtitle: [
      [`${organisation} · `, time(emergency.at), ` · ${statusOf(emergency)}`],
      [code(emergency.id)],
    ],
    running: `${organisation} · emergency ${emergency.id.slice(0, 12)} · record ${record.slice(0, 32)}`,
    date: emergency.at,
    blocks: [
      ...invocation(state, emergency, groups, texts),
      ...attempts(emergency, groups, texts),
      ...conversion(emergency, groups, texts),
      ...withoutTheServer(emergency, groups),
      ...retrieval(state, emergency, texts),
      ...session(state, emergency, groups, texts),
      ...recordAndSignatures(state, emergency, texts),
      ...resetAndVerification(state, emergency, texts),
      ...review(state, emergency, texts),
      ...measures(emergency),
      ...envelopeHistory(emergency, groups),
      ...notTakenIn(state, emergency),
      ...judgedBy(state, emergency),
      ...keeping(state, emergency, texts),
    ],
    closing: [
      'Times of entries are the server’s; those of notes are their writers’. All are in UTC. This is for reading: ',
      code('halligan verify'),
      ' says which of it is proven, and by what.',
    ],
  };
}

/** Those that are here, and that others were erased, where they were. */
function textsOf(
  emergency: Emergency,
  groups: readonly Group[],
  found: ReadonlyMap<string, ReportText>,
): Texts {
  const erased = emergency.keeping?.erasure?.done?.at;
  if (erased === undefined) return found;
  const gone = namedTexts(emergency, groups).map((digest) => [digest, { erased }] as const);
  return new Map<string, ReportText | ErasedText>([...gone, ...found]);
}

function statusOf({ closed, ended, aborted }: Emergency): string {
  if (closed !== undefined) return 'closed';
  if (ended !== undefined) return 'ended, not closed';
  return aborted === undefined ? 'under way' : 'aborted, not closed';
}
