import { streamsOf } from '@halligan/evidence';
import { base64, type Json } from '@halligan/format';
import { generateIdentity, recipientOf, wrapIdentity } from '@halligan/seal';
import { subjectOf } from '@halligan/statement';
import { attest } from '../attesting.ts';
import type { ProvenRecord } from '../proven-record.ts';
import type { ProverQuestion } from './question.ts';

/** A one-time recipient for an exercise, vouched for by this program; its identity is wrapped to this program alone. */
export async function makeProver(record: ProvenRecord, asked: ProverQuestion): Promise<Json> {
  const proven = await record.prove(asked.view, streamsOf(asked.emergency, asked.account));
  const { roster } = proven.state;
  const oneTime = generateIdentity(roster?.recipients ?? 'hybrid');
  const recipient = await recipientOf(oneTime);
  const keys = await record.keys();
  const wrapped = await wrapIdentity(oneTime, await recipientOf(keys.identity));
  const document = {
    v: 'halligan/prover/v1',
    account: asked.account,
    version: asked.version,
    recipient,
  };
  const signed = await attest(
    proven,
    keys,
    { subject: subjectOf('account', asked.account), what: 'prover', purpose: 'exercise' },
    document,
  );
  return { signed: signed as unknown as Json, document, wrapped: base64(wrapped) };
}
