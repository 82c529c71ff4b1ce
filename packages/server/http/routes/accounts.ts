import { HalliganError } from '@halligan/format';
import { z } from 'zod';
import { attachedToAccount } from '../../attachments/large-files.ts';
import { takeInSeal } from '../../by-hand.ts';
import { submissionSchema } from '../../submission.ts';
import type { Reception } from '../reception.ts';
import { type Route, route } from '../route.ts';
import { digestField, idField, takenInField } from './fields.ts';

/** Emergency accounts. */
export function accountRoutes({ parts, effects }: Reception): readonly Route[] {
  const { leader } = parts;
  return [
    route({
      method: 'GET',
      path: '/v1/accounts',
      summary: 'Emergency accounts with their state and current version.',
      who: 'member',
      answers: {
        status: 200,
        body: z.object({
          accounts: z.array(
            z.looseObject({
              id: idField,
              system: idField,
              name: z.string(),
              quorum: idField,
              state: z.string(),
              current: z.int(),
            }),
          ),
        }),
      },
      handle: () => ({
        accounts: Object.values(leader.state.accounts).map(({ document, state, current }) => ({
          ...document,
          state,
          current,
        })),
      }),
    }),
    route({
      method: 'GET',
      path: '/v1/accounts/{account}/attachments/{digest}/plain',
      summary:
        'A photograph, text or file that a statement about an account names, in its plain form.',
      // Whoever inspects an envelope compares it with the last photograph of it.
      who: ['auditor', 'security', 'custodian'],
      params: z.strictObject({ account: idField, digest: digestField }),
      answers: { status: 200, media: 'application/octet-stream' },
      handle: async ({ params: { account, digest } }) => {
        const found = (await attachedToAccount(parts, account)).get(digest);
        if (found === undefined)
          throw new HalliganError(
            'server.not-found',
            'The record of this account names no such text or file.',
            'See halligan envelope show. What an emergency names is read there: halligan emergency file.',
          );
        return parts.attachments.plain(found.subject, found);
      },
    }),
    route({
      method: 'POST',
      path: '/v1/accounts/{account}/seals',
      summary: 'Takes in a seal that was made on a person’s device, with what that person signed.',
      who: 'member',
      params: z.strictObject({ account: idField }),
      body: z.strictObject({ seal: z.string().max(1 << 20), submission: submissionSchema }),
      bodyLimit: 2 << 20,
      answers: { status: 201, body: takenInField },
      handle: async ({ body: { seal, submission } }) => {
        const outcome = await takeInSeal(parts, seal, submission);
        if ('refusal' in outcome) return outcome;
        effects.look();
        return { events: outcome.events, size: outcome.checkpoint.size };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/accounts/{account}/rotate',
      summary: 'Rotates an account now, also after failures that the server no longer retries.',
      who: ['admin'],
      params: z.strictObject({ account: idField }),
      answers: { status: 202, body: z.object({}) },
      handle: ({ params }) => {
        effects.rotateNow(params.account);
        return {};
      },
    }),
  ];
}
