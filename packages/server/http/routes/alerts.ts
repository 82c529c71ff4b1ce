import { HalliganError } from '@halligan/format';
import { type Member, memberById } from '@halligan/statement';
import { z } from 'zod';
import { alertSchema } from '../../alerts/alert.ts';
import { contactsSchema } from '../../contacts.ts';
import type { Reception } from '../reception.ts';
import { type Route, route } from '../route.ts';
import { idField, instantField } from './fields.ts';

const ofPerson = z.strictObject({ person: idField });

const standing = z.object({
  name: idField,
  kind: z.enum(['smtp', 'webhook', 'syslog']),
  waiting: z.int(),
  givenUp: z.int(),
  delivered: z.int(),
  lastDelivered: instantField.nullable(),
  oldestWaiting: instantField.nullable(),
  proven: instantField.nullable(),
});

/** How people are reached, and whether they are. */
export function alertRoutes({ parts, alerts, contacts }: Reception): readonly Route[] {
  const { leader } = parts;
  return [
    route({
      method: 'GET',
      path: '/v1/alerts',
      summary: 'Where alerts go, what waits, when a test last went through, and the last alerts.',
      who: ['admin', 'security', 'auditor'],
      answers: {
        status: 200,
        body: z.object({
          sinks: z.array(standing).readonly(),
          last: z.array(alertSchema).readonly(),
        }),
      },
      handle: () => ({ sinks: alerts.standing(), last: alerts.last(50) }),
    }),
    route({
      method: 'POST',
      path: '/v1/alerts/test',
      summary: 'Sends a test to every sink, and says which took it.',
      who: ['admin', 'security'],
      answers: {
        status: 200,
        body: z.object({
          tested: z
            .array(
              z.object({
                sink: idField,
                at: instantField,
                delivered: z.boolean(),
                why: z.string().optional(),
              }),
            )
            .readonly(),
        }),
      },
      handle: async ({ member }) => ({ tested: await alerts.test(member.id) }),
    }),
    route({
      method: 'GET',
      path: '/v1/people/{person}/contacts',
      summary: 'How to reach a person; for themselves and for admins.',
      who: 'member',
      params: ofPerson,
      answers: {
        status: 200,
        body: z.object({
          contacts: contactsSchema,
          unreachable: z.array(z.enum(['phone', 'message', 'email'])).readonly(),
        }),
      },
      handle: ({ member, params: { person } }) => {
        requireOwn(member, person);
        return { contacts: contacts.of(person), unreachable: alerts.unreachable(person) };
      },
    }),
    route({
      method: 'PUT',
      path: '/v1/people/{person}/contacts',
      summary:
        'Changes how to reach a person; whoever is reached at the old addresses learns of it.',
      who: 'member',
      params: ofPerson,
      body: contactsSchema,
      answers: { status: 200, body: z.object({ person: idField }) },
      handle: async ({ member, params: { person }, body }) => {
        requireOwn(member, person);
        const { roster } = leader.state;
        if (roster === undefined || memberById(roster, person)?.kind !== 'person')
          throw new HalliganError(
            'server.not-found',
            `Nobody on the roster is called “${person}”.`,
            'See halligan person list.',
          );
        // Before it is changed: whoever turns somebody else's requests to themselves cannot do so unseen.
        await alerts.contactsChange(person, member.id);
        await contacts.set(person, body);
        return { person };
      },
    }),
  ];
}

/** @throws `server.forbidden` */
function requireOwn(member: Member, person: string): void {
  if (member.id === person || member.roles.includes('admin')) return;
  throw new HalliganError(
    'server.forbidden',
    'Addresses are for their owner and for admins.',
    'Ask the person, or an admin.',
  );
}
