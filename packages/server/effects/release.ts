import { streamsOf } from '@halligan/evidence';
import { base64, fromBase64, HalliganError } from '@halligan/format';
import { emergencyById, storedInputOf } from '@halligan/procedure';
import { packSeal, type Seal } from '@halligan/seal';
import { z } from 'zod';
import type { ServerParts } from '../parts.ts';
import type { Conversation } from '../programs/conversation.ts';
import { requireDone } from './rotation.ts';

const answered = z.union([
  z.strictObject({ signed: z.unknown(), ciphertext: z.string() }),
  z.strictObject({ refusal: z.looseObject({ rule: z.string(), why: z.string() }) }),
]);

/** Asks the releaser for the server's share. It judges the case itself. @throws its refusal, by the rule's name */
export async function releaseServerShare(
  parts: ServerParts,
  emergency: string,
  request: string,
): Promise<void> {
  const { leader, blobs, programs } = parts;
  const seal = await sealOfRequest(parts, emergency, request);
  if (seal === undefined) return;
  const account = seal.header.account;
  const release = async (releaser: Conversation) => {
    const view = await releaser.view(streamsOf(emergency, account));
    const answer = answered.parse(
      await releaser.ask({
        do: 'release',
        case: { v: 'halligan/release-case/v1', emergency, account, request, view },
        seal: base64(packSeal(seal)),
      }),
    );
    if ('refusal' in answer) {
      const { rule, why } = answer.refusal;
      throw new HalliganError(rule, why, 'Look at the emergency: the releaser judges for itself.');
    }
    await blobs.put(fromBase64(answer.ciphertext));
    requireDone(
      await leader.submit(storedInputOf({ type: 'statements', signed: [answer.signed] })),
    );
  };
  // A share by itself opens nothing, and is gone from its memory: it stays for the exercise.
  await programs.talk('releaser', release, 'stays');
}

/** The seal that an opening request is about. */
export async function sealOfRequest(
  { leader, seals }: ServerParts,
  emergencyId: string,
  request: string,
): Promise<Seal | undefined> {
  const emergency = emergencyById(leader.state, emergencyId);
  const opening = emergency?.openings.find((one) => one.request === request);
  if (emergency === undefined || opening === undefined) return undefined;
  const version = leader.state.accounts[emergency.account]?.versions[opening.version];
  return version === undefined
    ? undefined
    : seals.toOpen(emergency.account, opening.version, version.digest);
}
