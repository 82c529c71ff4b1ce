/**
 * The rotator: seals a fresh credential to the custodians, waits until the server has journaled and kitted it, sets
 * it, proves it, and proves the old one dead; and exercises a version without any person seeing it. Plaintext lives
 * in this process only, for as long as one rotation takes. Whoever controls it can take over the accounts that it may
 * reset: tier 0.
 */
import { HalliganError, type Json } from '@halligan/format';
import { loadDrivers } from '@halligan/systems';
import { workAlone } from '../alone.ts';
import { converse } from '../conversation.ts';
import { look, unknownQuestion } from '../looking.ts';
import { ProvenRecord } from '../proven-record.ts';
import { checkRecorded } from './check.ts';
import { exerciseVersion } from './exercise.ts';
import { makeProver } from './prover.ts';
import { question } from './question.ts';
import { type Sealed, sealFresh } from './rotate.ts';

const folder = process.argv[2] ?? '';
let proven: ProvenRecord | undefined;
/** The rotation that waits to be set, between its two questions. */
let waiting: Sealed['set'] | undefined;
// It reaches a system next, and loads what speaks to it while it proves the record.
await Promise.all([loadDrivers(), converse(answer)]);

/** At the first question: what is wrong with its keys is its answer. */
async function recordToProve(): Promise<ProvenRecord> {
  workAlone(folder);
  return ProvenRecord.open(folder);
}

async function answer(line: unknown): Promise<Json> {
  proven ??= await recordToProve();
  const record = proven;
  const asked = question.safeParse(line);
  if (!asked.success) throw unknownQuestion('rotator');
  switch (asked.data.do) {
    case 'seen':
    case 'watch':
      return look(record, asked.data);
    case 'check':
      return checkRecorded(record, asked.data);
    case 'rotate': {
      const sealed = await sealFresh(record, asked.data);
      waiting = sealed.set;
      return sealed.answer;
    }
    case 'set': {
      const set = waiting;
      waiting = undefined;
      if (set === undefined)
        throw new HalliganError('server.question', 'Nothing waits to be set.', 'Rotate again.');
      return set(asked.data.view);
    }
    case 'prover':
      return makeProver(record, asked.data);
    case 'exercise':
      return exerciseVersion(record, asked.data);
  }
}
