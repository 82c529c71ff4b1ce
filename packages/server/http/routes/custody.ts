import { base64, HalliganError } from '@halligan/format';
import { custodyFindings, envelopesOf, isUseful } from '@halligan/procedure';
import { packSeal } from '@halligan/seal';
import { z } from 'zod';
import type { Reception } from '../reception.ts';
import { type Route, route } from '../route.ts';
import { base64Field, idField, instantField } from './fields.ts';

const place = z.looseObject({
  id: idField,
  kind: z.string(),
  name: z.string(),
  access: z.array(idField),
});

const envelope = z.object({
  serial: idField,
  account: idField,
  version: z.int(),
  state: z.string(),
  useful: z.boolean(),
  place: idField,
  contains: z.array(z.string()),
  inspected: instantField,
});

/** Envelopes and places, and a holder's way to their own words for one. */
export function custodyRoutes({ parts }: Reception): readonly Route[] {
  const { leader } = parts;
  return [
    route({
      method: 'GET',
      path: '/v1/custody',
      summary: 'Places and envelopes, and what is weak about them.',
      who: 'member',
      answers: {
        status: 200,
        body: z.object({
          places: z.array(place),
          envelopes: z.array(envelope),
          findings: z.array(z.looseObject({ id: z.string(), severity: z.string() })),
        }),
      },
      handle: () => ({
        places: Object.values(leader.state.places).map(({ document }) => ({
          ...document,
          access: [...document.access],
        })),
        envelopes: envelopesOf(leader.state).map(({ account, envelope: one }) => ({
          serial: one.serial,
          account: account.document.id,
          version: one.version,
          state: one.state,
          useful: isUseful(account, one),
          place: one.place,
          contains: one.contains.map(({ what }) => what),
          inspected: one.inspected,
        })),
        findings: custodyFindings(leader.state).map((one) => ({ ...one })),
      }),
    }),
    route({
      method: 'GET',
      path: '/v1/accounts/{account}/seal',
      summary: 'The current seal of an account, for those who hold a share of it: ciphertext.',
      who: 'member',
      params: z.strictObject({ account: idField }),
      answers: { status: 200, body: z.object({ seal: base64Field }) },
      handle: async ({ member, params }) => {
        const account = leader.state.accounts[params.account];
        const version = account?.versions[account.current];
        if (account === undefined || version === undefined)
          throw new HalliganError(
            'server.not-found',
            'Nothing is sealed for such an account.',
            'See halligan account list.',
          );
        if (!version.header.shares.some(({ holder }) => holder === member.id))
          throw new HalliganError(
            'server.forbidden',
            'You hold no share of this seal.',
            'Its holders print their own words.',
          );
        const seal = await parts.seals.get(params.account, account.current, version.digest);
        return { seal: base64(packSeal(seal)) };
      },
    }),
  ];
}
