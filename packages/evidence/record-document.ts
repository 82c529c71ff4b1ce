import { type Block, code, type PrintedDocument, written } from '@halligan/document';
import { digestOf } from '@halligan/format';
import { type Emergency, recordOf, type State } from '@halligan/procedure';
import { largeFiles, nameBeside } from './large-files.ts';
import { namedTexts } from './named-texts.ts';
import { recordAndSignatures, resetAndVerification, review } from './report-aftermath.ts';
import { attempts } from './report-approval.ts';
import { conversion, measures } from './report-drill.ts';
import { invocation, retrieval, session } from './report-emergency.ts';
import { envelopeHistory } from './report-envelopes.ts';
import { keeping } from './report-keeping.ts';
import { notTakenIn, withoutTheServer } from './report-offline.ts';
import {
  type ErasedText,
  fact,
  facts,
  type LargeText,
  paragraph,
  type ReportText,
  section,
  type Texts,
  time,
} from './report-parts.ts';
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
      ...filesBeside(texts),
    ],
    closing: [
      'Times of entries are the server’s; those of notes are their writers’. All are in UTC. This is for reading: ',
      code('halligan verify'),
      ' says which of it is proven, and by what.',
    ],
  };
}

/** Those that are here; of the others, that they were erased, or are large files. */
function textsOf(
  emergency: Emergency,
  groups: readonly Group[],
  found: ReadonlyMap<string, ReportText>,
): Texts {
  const erased = emergency.keeping?.erasure?.done?.at;
  const large = largeFiles(groups);
  const texts = new Map<string, ReportText | ErasedText | LargeText>();
  for (const digest of namedTexts(emergency, groups)) {
    const size = large.get(digest);
    if (erased !== undefined) texts.set(digest, { erased });
    else if (size !== undefined) texts.set(digest, { large: size });
  }
  return new Map([...texts, ...found]);
}

/** Whole, so that each can be found by its hash whoever keeps it. */
function filesBeside(texts: Texts): readonly Block[] {
  const large = [...texts].flatMap(([digest, one]) =>
    'large' in one ? [[digest, one.large] as const] : [],
  );
  if (large.length === 0) return [];
  return section(
    'Large files',
    paragraph(
      'They lie beside the pack, not in it, each under the SHA-256 of its plain form, which was signed for. ',
      code('halligan verify --files'),
      ' says which are at hand.',
    ),
    facts(
      large.map(([digest, size], at) =>
        fact(`File ${at + 1}`, code(nameBeside(digest)), `, ${size} bytes`),
      ),
    ),
  );
}

function statusOf({ closed, ended, aborted }: Emergency): string {
  if (closed !== undefined) return 'closed';
  if (ended !== undefined) return 'ended, not closed';
  return aborted === undefined ? 'under way' : 'aborted, not closed';
}
