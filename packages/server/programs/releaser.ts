/**
 * The releaser: a custodian that happens to be a program. It gets a release case and its sealed share on standard
 * input, judges the case with its own pins by the rules that every holder's device asks, and answers with its share, encrypted to the
 * requester's one-time recipient. It has no socket and no access to the store.
 */

import './read-once.ts';
import { judgeReleaseCase } from '@halligan/evidence';
import { base64, fromBase64, hex, type Json, sha256 } from '@halligan/format';
import { emergencyById } from '@halligan/procedure';
import { openShare, reencryptShare, unpackSealToOpen } from '@halligan/seal';
import { z } from 'zod';
import { commonFields, sign } from './attesting.ts';
import { converse } from './conversation.ts';
import { LOOKING, look, unknownQuestion } from './looking.ts';
import { ProvenRecord } from './proven-record.ts';

const question = z.discriminatedUnion('do', [
  ...LOOKING,
  z.strictObject({ do: z.literal('release'), case: z.unknown(), seal: z.string() }),
]);

const folder = process.argv[2] ?? '';
let proven: ProvenRecord | undefined;
await converse((line) => answer(line));

async function answer(line: unknown): Promise<Json> {
  // At the first question: what is wrong with its pins is its answer.
  proven ??= await ProvenRecord.open(folder);
  const record = proven;
  const asked = question.safeParse(line);
  if (!asked.success) throw unknownQuestion('releaser');
  return asked.data.do === 'release'
    ? release(asked.data.case, asked.data.seal, record)
    : look(record, asked.data);
}

async function release(
  releaseCase: unknown,
  container: string,
  record: ProvenRecord,
): Promise<Json> {
  const judged = await judgeReleaseCase(
    releaseCase,
    { ...record.pins, holder: 'releaser' },
    new Date().toISOString(),
    record.before,
  );
  await record.saw(judged, judged.watched);
  const { answer, bundle, state } = judged;
  if ('refusal' in answer) return { refusal: { ...answer.refusal } };
  const journaled = state.accounts[bundle.account]?.versions[answer.version];
  const seal = unpackSealToOpen(fromBase64(container), journaled?.digest ?? '');
  const keys = await record.keys();
  const share = await openShare({
    seal,
    path: answer.path,
    group: answer.group,
    holder: 'releaser',
    identity: keys.identity,
  });
  const ciphertext = await reencryptShare(share, answer.recipient);
  share.fill(0);
  const emergency = emergencyById(state, bundle.emergency);
  const opening = emergency?.openings.find((one) => one.request === bundle.request);
  const signed = await sign(
    'share.release',
    {
      ...commonFields(judged, 'releaser', bundle.emergency),
      purpose:
        opening?.exercise === true ? 'exercise' : emergency?.drill === true ? 'drill' : 'real',
      request: bundle.request,
      path: answer.path,
      group: answer.group,
      commitment: answer.commitment,
      ciphertext: hex(sha256(ciphertext)),
    },
    keys,
  );
  return { signed: signed as unknown as Json, ciphertext: base64(ciphertext) };
}
