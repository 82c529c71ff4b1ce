import { HalliganError } from '@halligan/format';
import { z } from 'zod';
import type { Reception } from '../reception.ts';
import { type Route, route } from '../route.ts';
import { idField } from './fields.ts';

const answerField = z.strictObject({
  person: idField,
  challenge: z.string().max(128),
  signature: z.string().max(4096),
});

/** Signing in with one's own key. */
export function signInRoutes({ parts: { leader }, sessions }: Reception): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/sign-in/challenge',
      summary: 'A challenge to sign, good once and for two minutes.',
      who: 'anybody',
      answers: { status: 200, body: z.object({ challenge: z.string() }) },
      handle: () => ({ challenge: sessions.challenge() }),
    }),
    route({
      method: 'POST',
      path: '/v1/sign-in',
      summary: 'Opens a session for whoever signed a challenge with a key of the roster.',
      who: 'anybody',
      body: answerField,
      answers: { status: 200, body: z.object({ token: z.string() }) },
      handle: async ({ body }) => {
        const { roster, standing } = leader.state;
        if (roster === undefined)
          throw new HalliganError(
            'server.not-set-up',
            'This server has no organisation yet.',
            'Run halligan init.',
          );
        return { token: await sessions.open(body, roster, Date.now(), standing.left) };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/sign-out',
      summary: 'Ends the session of this token, and its streams.',
      who: 'member',
      answers: { status: 200, body: z.object({}) },
      handle: (_call, request) => {
        sessions.end(request.headers.authorization);
        return {};
      },
    }),
  ];
}
