import { memberSchema } from '@halligan/statement';
import { z } from 'zod';
import type { Reception } from '../reception.ts';
import { type Route, route } from '../route.ts';
import { idField, viewField } from './fields.ts';

/** How people who are not on the roster yet get there. */
export function joiningRoutes({ parts, desk }: Reception): readonly Route[] {
  const { leader, settings } = parts;
  return [
    route({
      method: 'GET',
      path: '/v1/genesis',
      summary: 'The organisation’s stream, for whoever joins and compares the genesis words.',
      // Whoever joins compares the genesis by its words: until then this is what the server says.
      who: 'anybody',
      // A large answer for a small question, to anybody: it counts for many.
      cost: 10,
      answers: {
        status: 200,
        body: z.object({
          view: viewField,
          settings: z.object({ organisation: idField, practice: z.boolean() }),
        }),
      },
      handle: async () => ({
        view: await leader.view(['organisation'], 0),
        settings: { organisation: settings.organisation, practice: settings.practice },
      }),
    }),
    route({
      method: 'POST',
      path: '/v1/join',
      summary:
        'Leaves a card with one’s id, keys and self-signed recipient, for an admin to admit.',
      who: 'anybody',
      cost: 20,
      body: memberSchema,
      fault: 'server.join',
      answers: { status: 200, body: z.object({ person: idField }) },
      handle: ({ body }) => desk.apply(body),
    }),
    route({
      method: 'GET',
      path: '/v1/join',
      summary: 'The cards of those who ask to join.',
      who: ['admin'],
      answers: {
        status: 200,
        body: z.object({ waiting: z.array(memberSchema).readonly() }),
      },
      handle: () => ({ waiting: desk.waiting() }),
    }),
  ];
}
