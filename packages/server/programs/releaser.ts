/**
 * The releaser: a custodian that happens to be a program. It gets a release case and its sealed share on standard
 * input, judges the case with its own pins as any holder's device does, and answers with its share, encrypted to the
 * requester's one-time recipient. It has no socket and no access to the store.
 */

import './read-once.ts';
import { judgeReleaseCase, proveState } from '@halligan/evidence';
import { base64, fromBase64, HalliganError, hex, type Json, sha256 } from '@halligan/format';
import { emergencyById, watch } from '@halligan/procedure';
import { openShare, reencryptShare, unpackSealToOpen } from '@halligan/seal';
import { z } from 'zod';
import { commonFields, sign } from './attesting.ts';
import { converse } from './conversation.ts';
import { type ProgramKeys, readProgramKeys, remember } from './keys.ts';

const question = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('seen') }),
  z.strictObject({ do: z.literal('watch'), view: z.unknown() }),
  z.strictObject({ do: z.literal('release'), case: z.unknown(), seal: z.string() }),
]);

const folder = process.argv[2] ?? '';
let read: ProgramKeys | undefined;
await converse((line) => answer(line));

async function answer(line: unknown): Promise<Json> {
  // At the first question: what is wrong with them is its answer.
  read ??= await readProgramKeys(folder);
  const keys = read;
  const asked = question.safeParse(line);
  if (!asked.success) {
    throw new HalliganError(
      'server.question',
      'The releaser was asked something that it does not know.',
      'Server and releaser are of different versions.',
    );
  }
  if (asked.data.do === 'seen') return { size: keys.pins.seen.size };
  if (asked.data.do === 'watch') return watchChanges(asked.data.view, keys);
  return release(asked.data.case, asked.data.seal, keys);
}

/** Sees what waits, so that its 48 hours are counted from now and not from the next emergency. */
async function watchChanges(view: unknown, { pins }: ProgramKeys): Promise<Json> {
  const proven = await proveState(view, pins, new Set(['organisation']));
  const watched = watch(proven.state, pins.watched, new Date().toISOString());
  await remember(folder, pins, proven, watched);
  return {};
}

async function release(
  releaseCase: unknown,
  container: string,
  { identity, pins, signing }: ProgramKeys,
): Promise<Json> {
  const judged = await judgeReleaseCase(
    releaseCase,
    { ...pins, holder: 'releaser' },
    new Date().toISOString(),
  );
  await remember(folder, pins, judged, judged.watched);
  const { answer, bundle, state } = judged;
  if ('refusal' in answer) return { refusal: { ...answer.refusal } };
  const journaled = state.accounts[bundle.account]?.versions[answer.version];
  const seal = unpackSealToOpen(fromBase64(container), journaled?.digest ?? '');
  const share = await openShare({
    seal,
    path: answer.path,
    group: answer.group,
    holder: 'releaser',
    identity,
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
    { identity, pins, signing },
  );
  return { signed: signed as unknown as Json, ciphertext: base64(ciphertext) };
}
