import { base64, HalliganError } from '@halligan/format';
import {
  allEmergencies,
  type Emergency,
  emergencyById,
  holdsOn,
  keptUntil,
} from '@halligan/procedure';
import { packSeal } from '@halligan/seal';
import { attachmentSchema } from '@halligan/statement';
import { z } from 'zod';
import type { Attached } from '../../attachments/attached.ts';
import { attachedTo, receiveFile } from '../../attachments/large-files.ts';
import { makeProver } from '../../effects/exercise.ts';
import { evidenceOf } from '../../effects/packing.ts';
import { sealOfRequest } from '../../effects/release.ts';
import type { Reception } from '../reception.ts';
import { type Route, route } from '../route.ts';
import { base64Field, digestField, idField, instantField } from './fields.ts';

const ofEmergency = z.strictObject({ emergency: digestField });

const ofAttachment = z.strictObject({ emergency: digestField, digest: digestField });

const listed = z.object({
  id: digestField,
  account: idField,
  drill: z.boolean(),
  requester: idField,
  at: instantField,
  ended: instantField.optional(),
  aborted: instantField.optional(),
  closed: instantField.optional(),
  /** Until when its record is kept at least, from the close. */
  keptUntil: instantField.optional(),
  /** Legal holds on its record that nobody has lifted. */
  holds: z.int().min(0),
  /** When its texts were erased. */
  erased: instantField.optional(),
});

/** Emergencies and drills, and what belongs to one. */
export function emergencyRoutes({ parts }: Reception): readonly Route[] {
  const { leader } = parts;
  const named = async (emergency: string, digest: string): Promise<Attached> => {
    const found = (await attachedTo(parts, emergency)).get(digest);
    if (found !== undefined) return found;
    throw new HalliganError(
      'server.not-found',
      'There is no such text or file.',
      'See halligan emergency show.',
    );
  };
  return [
    route({
      method: 'GET',
      path: '/v1/emergencies',
      summary: 'Emergencies and drills.',
      who: 'member',
      answers: { status: 200, body: z.object({ emergencies: z.array(listed) }) },
      handle: () => ({
        emergencies: inOrder(allEmergencies(leader.state)).map((one) => {
          const { id, account, drill, requester, at, closed, aborted, ended } = one;
          const over = { ended: ended?.at, aborted: aborted?.at, closed: closed?.at };
          const kept = {
            keptUntil: keptUntil(leader.state, one),
            holds: holdsOn(one).length,
            erased: one.keeping?.erasure?.done?.at,
          };
          return { id, account, drill, requester, at, ...over, ...kept };
        }),
      }),
    }),
    route({
      method: 'GET',
      path: '/v1/emergencies/{emergency}/openings/{request}',
      summary: 'The seal of an opening, and the shares that were released to it, as ciphertext.',
      who: 'member',
      params: z.strictObject({ emergency: digestField, request: digestField }),
      answers: {
        status: 200,
        body: z.object({
          seal: base64Field,
          released: z.array(
            z.object({
              path: idField,
              group: idField,
              holder: idField,
              ciphertext: base64Field,
            }),
          ),
        }),
      },
      handle: async ({ params: asked }) => {
        const seal = await sealOfRequest(parts, asked.emergency, asked.request);
        const opening = emergencyById(leader.state, asked.emergency)?.openings.find(
          (one) => one.request === asked.request,
        );
        if (seal === undefined || opening === undefined)
          throw new HalliganError(
            'server.emergency',
            'There is no such opening.',
            'See halligan emergency show.',
          );
        const released = await Promise.all(
          opening.releases.map(async ({ path, group, holder, ciphertext }) => ({
            path,
            group,
            holder,
            ciphertext: base64(await parts.blobs.get(ciphertext)),
          })),
        );
        return { seal: base64(packSeal(seal)), released };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/emergencies/{emergency}/attachments/{digest}',
      summary: 'A text or file that a statement of this emergency names.',
      who: 'member',
      params: ofAttachment,
      answers: { status: 200, body: attachmentSchema },
      handle: async ({ params: asked }) => {
        const { blob, bytes } = await named(asked.emergency, asked.digest);
        if (bytes === undefined) return parts.attachments.get(asked.emergency, blob);
        throw new HalliganError(
          'server.large-attachment',
          `This is a large file, ${bytes} bytes.`,
          'Fetch it with halligan emergency file.',
        );
      },
    }),
    route({
      method: 'PUT',
      path: '/v1/emergencies/{emergency}/attachments/{digest}',
      summary: 'Takes in a large file in its plain form, before the statement that names it.',
      who: 'member',
      params: ofAttachment,
      takesBytes: true,
      answers: { status: 201, body: z.object({ digest: digestField }) },
      handle: async ({ member, params: { emergency, digest } }, { raw, headers }) => {
        await receiveFile(parts, {
          subject: emergency,
          digest,
          person: member.id,
          // Not closed with what is refused in the middle: the sender is to hear why.
          body: raw.iterator({ destroyOnReturn: false }),
          announced: Number(headers['content-length'] ?? 0),
        });
        return { digest };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/emergencies/{emergency}/attachments/{digest}/plain',
      summary: 'A text or file in its plain form, whose SHA-256 is its digest.',
      who: 'member',
      params: ofAttachment,
      answers: { status: 200, media: 'application/octet-stream' },
      handle: async ({ params: { emergency, digest } }) =>
        parts.attachments.plain(emergency, await named(emergency, digest)),
    }),
    route({
      method: 'POST',
      path: '/v1/emergencies/{emergency}/prover',
      summary: 'A one-time recipient of the prover, to open the new version to.',
      who: 'member',
      params: ofEmergency,
      answers: {
        status: 200,
        body: z.object({ signed: z.unknown(), document: z.unknown() }),
      },
      handle: ({ params }) => makeProver(parts, params.emergency),
    }),
    route({
      method: 'GET',
      path: '/v1/emergencies/{emergency}/evidence',
      summary: 'The evidence pack of an emergency as its record stands.',
      who: 'member',
      params: ofEmergency,
      answers: { status: 200, media: 'application/zip' },
      handle: ({ params }) => evidenceOf(parts, params.emergency),
    }),
  ];
}

function inOrder(emergencies: readonly Emergency[]): readonly Emergency[] {
  return emergencies.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
}
