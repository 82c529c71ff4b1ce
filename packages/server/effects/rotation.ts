import { base64, fromBase64, HalliganError, type Json } from '@halligan/format';
import { emergencyById, isRotatedByPeople, lastVersion, storedInputOf } from '@halligan/procedure';
import { unpackSeal } from '@halligan/seal';
import { z } from 'zod';
import { placesFor } from '../kit/places.ts';
import type { Outcome } from '../leader.ts';
import type { ServerParts } from '../parts.ts';
import type { Conversation } from '../programs/conversation.ts';
import { readSystem } from '../system-files.ts';

const sealed = z.strictObject({ seal: z.string() });
const attested = z.strictObject({ signed: z.unknown(), document: z.json() });

/**
 * Rotates an account's credential, in the one order that cannot lose it: sealed → journaled → kitted → set → new one
 * proven → old one proven dead. The server sees ciphertext only; the rotator holds the plaintext and waits for the
 * word to set it until the sealed version is durable and in its kits.
 */
export async function rotate(parts: ServerParts, accountId: string): Promise<void> {
  const { leader, seals } = parts;
  const account = leader.state.accounts[accountId];
  if (account === undefined)
    throw new HalliganError(
      'server.account',
      `There is no account “${accountId}”.`,
      'Add it to the inventory first.',
    );
  await abandonUnfinished(parts, accountId);
  if (isRotatedByPeople(leader.state, account.document.system)) return;
  const system = await readSystem(parts.home, account.document.system);
  const streams = ['organisation', `account:${accountId}`];
  const rotateBy = async (rotator: Conversation) => {
    let version = 0;
    try {
      const answer = sealed.parse(
        await rotator.ask({
          do: 'rotate',
          view: await rotator.view(streams),
          account: accountId,
          system: system.config as unknown as Json,
          secret: system.secret,
          surrendered: await surrenderedOf(parts, account.emergency),
        }),
      );
      const seal = unpackSeal(fromBase64(answer.seal));
      const observation = storedInputOf({
        type: 'observation',
        observation: {
          saw: 'sealed',
          account: accountId,
          version: seal.header.version,
          digest: seal.digest,
          header: seal.header as unknown as Json,
        },
      });
      await seals.alone(accountId, async () => {
        const { refusal } = await leader.consider(observation);
        if (refusal !== undefined) requireDone({ refusal });
        await seals.put(seal);
        requireDone(await leader.submit(observation));
      });
      version = seal.header.version;
      const { kit, places } = await parts.kits.current();
      await observe(parts, {
        saw: 'kitted',
        account: accountId,
        version,
        kit,
        places: placesFor(places, account.document.system),
      });
      const { signed, document } = attested.parse(
        await rotator.ask({ do: 'set', view: await rotator.view(streams) }),
      );
      requireDone(
        await leader.submit(storedInputOf({ type: 'statements', signed: [signed], document })),
      );
    } catch (cause) {
      if (version > 0) await failed(parts, accountId, version, codeOf(cause));
      throw cause;
    }
  };
  // In an emergency the new version is exercised next.
  await parts.programs.talk('rotator', rotateBy, 'is followed');
}

/** A version that was sealed by a server that was then killed: whether it was set is not known, so it is said to have failed. */
async function abandonUnfinished(parts: ServerParts, accountId: string): Promise<void> {
  const account = parts.leader.state.accounts[accountId];
  const number = account === undefined ? 0 : lastVersion(account);
  const last = account?.versions[number];
  if (last !== undefined && last.proven === undefined && last.failed === undefined) {
    await failed(parts, accountId, number, 'rotation.interrupted');
  }
}

/** The used credential, given up by the requester's device for the proof that it is dead: ciphertext to the rotator. */
async function surrenderedOf(
  { leader, blobs }: ServerParts,
  emergency: string | undefined,
): Promise<string | null> {
  const digest =
    emergency === undefined
      ? undefined
      : emergencyById(leader.state, emergency)?.ended?.surrendered;
  return digest === undefined ? null : base64(await blobs.get(digest));
}

async function failed(
  parts: ServerParts,
  account: string,
  version: number,
  code: string,
): Promise<void> {
  await observe(parts, { saw: 'rotation-failed', account, version, code });
}

/** Hands the leader what a part of the server saw. @throws the refusal's rule, where the rules say no */
export async function observe(parts: ServerParts, observation: Json): Promise<void> {
  requireDone(await parts.leader.submit(storedInputOf({ type: 'observation', observation })));
}

/** A refusal of what a program of ours did is a fault or a race: it is thrown, and the effect tried again. */
export function requireDone(outcome: Outcome): void {
  if ('refusal' in outcome)
    throw new HalliganError(outcome.refusal.rule, outcome.refusal.why, outcome.refusal.next);
}

function codeOf(cause: unknown): string {
  return cause instanceof HalliganError ? cause.code : 'server.fault';
}
