import { streamsOf } from '@halligan/evidence';
import { fromBase64, HalliganError, type Json, utf8 } from '@halligan/format';
import { emergencyById } from '@halligan/procedure';
import {
  openReleased,
  parseCredential,
  recoverCredential,
  unpackSealToOpen,
  unwrapIdentity,
} from '@halligan/seal';
import { openDriver, provesByRight } from '@halligan/systems';
import { attest } from '../attesting.ts';
import type { ProvenRecord } from '../proven-record.ts';
import type { ExerciseQuestion } from './question.ts';
import { accountOf, driverSecret, recordedConfig } from './recorded.ts';

/**
 * Opens a version with the shares that were released to the prover's recipient, and signs in with it: no person sees it.
 * @throws `exercise.opening`, `exercise.rejected`
 */
export async function exerciseVersion(
  record: ProvenRecord,
  asked: ExerciseQuestion,
): Promise<Json> {
  const proven = await record.prove(asked.view, streamsOf(asked.emergency, asked.account));
  const opening = emergencyById(proven.state, asked.emergency)?.openings.find(
    (one) => one.request === asked.request,
  );
  const account = accountOf(proven.state, asked.account);
  if (opening === undefined || !opening.exercise)
    throw new HalliganError(
      'exercise.opening',
      'The record holds no such exercise.',
      'Ask for it again.',
    );
  const seal = unpackSealToOpen(
    fromBase64(asked.seal),
    account.versions[opening.version]?.digest ?? '',
  );
  const keys = await record.keys();
  const oneTime = await unwrapIdentity(fromBase64(asked.wrapped), keys.identity);
  const shares = await Promise.all(
    asked.released.map(({ ciphertext, ...place }) =>
      openReleased(fromBase64(ciphertext), oneTime, seal.header, place),
    ),
  );
  const credential = parseCredential(await recoverCredential({ seal, path: opening.path, shares }));
  const config = recordedConfig(proven.state, account.document.system, asked.system);
  const secret = provesByRight(config) ? await driverSecret(record, asked.secret) : undefined;
  const driver = await openDriver(config, secret, { runsPrograms: true });
  try {
    const outcome = await driver.prove(account.document.name, utf8(credential.password));
    if (outcome !== 'accepted')
      throw new HalliganError(
        'exercise.rejected',
        'The system does not accept the sealed credential.',
        'Rotate the account, then exercise again.',
      );
  } finally {
    secret?.fill(0);
    await driver.close();
  }
  const document = {
    v: 'halligan/exercise/v1',
    account: asked.account,
    version: opening.version,
    request: asked.request,
    outcome: 'accepted',
  };
  const signed = await attest(
    proven,
    keys,
    { subject: asked.emergency, what: 'exercise', purpose: 'exercise' },
    document,
  );
  return { signed: signed as unknown as Json, document };
}
