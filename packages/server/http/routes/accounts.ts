import { z } from 'zod';
import type { Reception } from '../reception.ts';
import { type Route, route } from '../route.ts';
import { idField } from './fields.ts';

/** Emergency accounts. */
export function accountRoutes({ parts: { leader }, effects }: Reception): readonly Route[] {
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
