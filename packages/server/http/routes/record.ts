import { streamsOf } from '@halligan/evidence';
import { emergencyById, findings, obligations } from '@halligan/procedure';
import { z } from 'zod';
import { clocksDiffer, skewOf } from '../../clock/skew.ts';
import { submissionSchema, takeIn } from '../../submission.ts';
import type { Reception } from '../reception.ts';
import { type Route, route, streamRoute } from '../route.ts';
import { digestField, idField, instantField, takenInField, viewField } from './fields.ts';

/** Statements with their attachments: a few files of 8 MiB as base64. */
const STATEMENTS_LIMIT = 32 << 20;

const viewQuery = z.strictObject({
  emergency: digestField.optional(),
  account: idField.optional(),
  /** The log's size that the device saw. */
  since: z.coerce.number().int().min(0).default(0),
  /** The first entry that it was not shown. */
  from: z.coerce.number().int().min(0).default(0),
});

/** Adding to the record, and reading it with its proofs. */
export function recordRoutes({ parts, sessions, streams }: Reception): readonly Route[] {
  const { leader } = parts;
  return [
    route({
      method: 'POST',
      path: '/v1/statements',
      summary: 'Takes in signed statements with what their digests name; the rules decide.',
      who: 'member',
      body: submissionSchema,
      fault: 'server.submission',
      bodyLimit: STATEMENTS_LIMIT,
      answers: { status: 201, body: takenInField },
      handle: async ({ member, body }) => {
        // By the record's clock, which the rules judge by: it may run ahead of a machine that was set back.
        const skew = skewOf(body.signed, member.id, Date.parse(leader.now()));
        const outcome = await takeIn(parts, body);
        if ('refusal' in outcome) {
          // What was signed by a wrong clock is often refused for its time: say the cause, not the symptom.
          if (skew !== undefined) throw clocksDiffer(skew, outcome.refusal.why);
          return outcome;
        }
        const taken = { events: outcome.events, size: outcome.checkpoint.size };
        if (skew === undefined) return taken;
        parts.log('warning', 'clock', 'a person’s device is off', {
          person: member.id,
          seconds: Math.round(skew / 1000),
        });
        const { code, message, hint } = clocksDiffer(skew);
        return { ...taken, warning: { code, detail: message, hint } };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/view',
      summary: 'The organisation, or an account or emergency of it, with proofs since a size.',
      who: 'member',
      query: viewQuery,
      answers: { status: 200, body: viewField },
      handle: async ({ query: { emergency, account, since, from } }) => {
        const accountId =
          account ??
          (emergency === undefined ? undefined : emergencyById(leader.state, emergency)?.account);
        const streams =
          emergency !== undefined && accountId !== undefined
            ? streamsOf(emergency, accountId)
            : ['organisation', ...(accountId === undefined ? [] : [`account:${accountId}`])];
        return parts.cosigning.besides(await leader.view(streams, since, from));
      },
    }),
    route({
      method: 'GET',
      path: '/v1/obligations',
      summary: 'Everything that is due, from whom, by when.',
      who: 'member',
      answers: {
        status: 200,
        body: z.object({
          obligations: z
            .array(
              z.looseObject({
                id: z.string(),
                what: z.string(),
                about: z.string(),
                owners: z.array(idField).readonly(),
                due: instantField,
                late: z.boolean(),
              }),
            )
            .readonly(),
        }),
      },
      handle: () => ({
        obligations: obligations(leader.state, leader.now()).map((one) => ({ ...one })),
      }),
    }),
    route({
      method: 'GET',
      path: '/v1/findings',
      summary: 'What is not as it should be, gravest first, with what ends it.',
      who: 'member',
      answers: {
        status: 200,
        body: z.object({
          findings: z
            .array(
              z.looseObject({
                id: z.string(),
                severity: z.enum(['critical', 'warning', 'notice']),
                what: z.string(),
                fix: z.string(),
              }),
            )
            .readonly(),
        }),
      },
      handle: () => ({
        findings: findings(leader.state, leader.now()).map((one) => ({ ...one })),
      }),
    }),
    streamRoute({
      path: '/v1/stream',
      summary:
        'The log’s size whenever it grows, as server-sent events; resumes after Last-Event-ID.',
      stream: (member, request, reply) => {
        const { authorization } = request.headers;
        const isWelcome = () => {
          try {
            return sessions.person(authorization, leader.state.roster).id === member.id;
          } catch {
            return false;
          }
        };
        streams.start({ person: member.id, isWelcome }, request, reply);
      },
    }),
  ];
}
