import { z } from 'zod';
import type { Reception } from '../reception.ts';
import { type Route, route } from '../route.ts';
import { digestField, idField, instantField } from './fields.ts';

/** What is needed when the server is gone: how it stands with the copies. */
export function kitRoutes({ parts: { kits, leader } }: Reception): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/kits',
      summary: 'The last kit, the places that hold it, and who verified which copy when.',
      who: 'member',
      answers: {
        status: 200,
        body: z.object({
          kit: digestField.nullable(),
          createdAt: instantField.nullable(),
          current: z.boolean(),
          wholePlace: z.boolean(),
          places: z.array(
            z.object({
              name: idField,
              offServer: z.boolean(),
              offline: z.boolean(),
              idpFree: z.boolean(),
            }),
          ),
          missing: z.array(idField),
          attested: z.array(
            z.object({
              person: idField,
              kit: digestField,
              created: instantField,
              at: instantField,
            }),
          ),
        }),
      },
      handle: () => ({
        kit: kits.last?.kit ?? null,
        createdAt: kits.last?.createdAt ?? null,
        current: kits.isCurrent,
        wholePlace: kits.hasWholePlace,
        places: (kits.last?.places ?? []).map(({ name, offServer, offline, idpFree }) => ({
          name,
          offServer,
          offline: offline === true,
          idpFree: idpFree === true,
        })),
        missing: [...kits.missing],
        attested: Object.entries(leader.state.kitAttestations ?? {}).map(
          ([person, { kit, created, at }]) => ({ person, kit, created, at }),
        ),
      }),
    }),
  ];
}
