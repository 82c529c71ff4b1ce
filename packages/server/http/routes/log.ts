import { HalliganError } from '@halligan/format';
import { parseTilePath } from '@halligan/tlog';
import { z } from 'zod';
import type { Reception } from '../reception.ts';
import { type Route, route } from '../route.ts';

/** Who may read the whole log, the entries of every emergency in it. */
const AUDIT = ['auditor', 'security', 'admin'] as const;

/** The log as C2SP tlog-tiles, to be read: `/v1/log/` is its prefix. */
export function logRoutes({ parts }: Reception): readonly Route[] {
  const { leader, cosigning } = parts;
  return [
    route({
      method: 'GET',
      path: '/v1/log/checkpoint',
      summary: 'The latest checkpoint, signed with every key of the log (C2SP tlog-checkpoint).',
      who: AUDIT,
      answers: { status: 200, media: 'text/plain; charset=utf-8' },
      handle: async () => (await leader.leaving()).note,
    }),
    route({
      method: 'GET',
      path: '/v1/log/cosigned',
      summary: 'The latest checkpoint that cosigners signed (C2SP tlog-cosignature).',
      who: AUDIT,
      answers: { status: 200, media: 'text/plain; charset=utf-8' },
      handle: () => cosigning.latest() ?? nothing('No cosigner has signed this log yet.'),
    }),
    route({
      method: 'GET',
      path: '/v1/log/tile/*',
      summary: 'A tile of hashes, or a bundle of entries (C2SP tlog-tiles).',
      who: AUDIT,
      params: z.strictObject({ '*': z.string().max(64) }),
      answers: { status: 200, media: 'application/octet-stream' },
      handle: async ({ params }) => {
        const tile = parseTilePath(`tile/${params['*']}`);
        const bytes = tile === undefined ? undefined : await leader.tile(tile);
        return bytes ?? nothing('The log has no such tile.');
      },
    }),
  ];
}

function nothing(what: string): never {
  throw new HalliganError('server.not-found', what, 'See halligan journal show.');
}
