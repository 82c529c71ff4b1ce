import { z } from 'zod';
import type { Reception } from '../reception.ts';
import { type Route, route } from '../route.ts';

/** Whether the server is there. */
export function healthRoutes({ parts: { leader } }: Reception): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/healthz',
      summary: 'Whether the server answers, and how many entries its record has.',
      who: 'anybody',
      answers: { status: 200, body: z.object({ ok: z.boolean(), entries: z.int() }) },
      handle: () => ({ ok: true, entries: leader.checkpoint().size }),
    }),
  ];
}
