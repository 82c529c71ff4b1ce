import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { streamsOf } from '@halligan/evidence';
import { base64, fromBase64, HalliganError, hex, type Json, sha256, utf8 } from '@halligan/format';
import { writeFileDurably } from '@halligan/journal';
import {
  emergencyById,
  isRotatedByPeople,
  storedInputOf,
  versionToVerify,
} from '@halligan/procedure';
import { packSeal } from '@halligan/seal';
import { z } from 'zod';
import type { ServerParts } from '../parts.ts';
import type { Conversation } from '../programs/conversation.ts';
import { readSystem } from '../system-files.ts';
import { sealOfRequest } from './release.ts';
import { requireDone } from './rotation.ts';

const made = z.strictObject({
  signed: z.unknown(),
  document: z.looseObject({ recipient: z.string() }),
  wrapped: z.string(),
});
const attested = z.strictObject({ signed: z.unknown(), document: z.json() });

/** A one-time recipient of the prover, for the requester to open the new version to. */
export async function makeProver(
  parts: ServerParts,
  emergencyId: string,
): Promise<{ readonly signed: unknown; readonly document: unknown }> {
  const { state } = parts.leader;
  const emergency = emergencyById(state, emergencyId);
  const version = emergency === undefined ? undefined : versionToVerify(state, emergency);
  if (emergency === undefined || version === undefined)
    throw new HalliganError(
      'exercise.not-reset',
      'Nothing was reset in this emergency.',
      'Wait for the reset.',
    );
  const { account } = emergency;
  if (isRotatedByPeople(state, emergency.system))
    throw new HalliganError(
      'exercise.by-hand',
      'No program reaches this system: nobody could sign in with what was opened.',
      'Two people attest a sign-in: halligan emergency exercise-by-hand.',
    );
  const make = async (rotator: Conversation) => {
    const view = await rotator.view(streamsOf(emergencyId, account));
    const { signed, document, wrapped } = made.parse(
      await rotator.ask({
        do: 'prover',
        view,
        account,
        emergency: emergencyId,
        version,
      }),
    );
    await writeFileDurably(wrappedFile(parts, document.recipient), fromBase64(wrapped));
    return { signed, document };
  };
  // It made a key, and opens nothing before the exercise, which is the same program's.
  return parts.programs.talk('rotator', make, 'stays');
}

/** With the quorum complete, the prover opens the version, signs in and out, and attests it. */
export async function exercise(
  parts: ServerParts,
  emergencyId: string,
  request: string,
): Promise<void> {
  const { leader, blobs } = parts;
  const emergency = emergencyById(leader.state, emergencyId);
  const opening = emergency?.openings.find((one) => one.request === request);
  const seal = await sealOfRequest(parts, emergencyId, request);
  if (emergency === undefined || opening === undefined || seal === undefined) return;
  const system = await readSystem(parts.home, emergency.system);
  const released = await Promise.all(
    opening.releases.map(async ({ path, group, holder, ciphertext }) => ({
      path,
      group,
      holder,
      ciphertext: base64(await blobs.get(ciphertext)),
    })),
  );
  await parts.programs.talk('rotator', async (rotator) => {
    const { signed, document } = attested.parse(
      await rotator.ask({
        do: 'exercise',
        view: await rotator.view(streamsOf(emergencyId, emergency.account)),
        account: emergency.account,
        emergency: emergencyId,
        request,
        wrapped: base64(await readFile(wrappedFile(parts, opening.recipient))),
        seal: base64(packSeal(seal)),
        system: system.config as unknown as Json,
        secret: system.secret,
        released,
      }),
    );
    requireDone(
      await leader.submit(storedInputOf({ type: 'statements', signed: [signed], document })),
    );
  });
}

/** Wrapped to the rotator alone: for the server it is a sealed box with a name. */
function wrappedFile({ home }: ServerParts, recipient: string): string {
  return join(home.provers, `${hex(sha256(utf8(recipient)))}.age`);
}
