import { fromBase64 } from '@halligan/format';
import { parseSystemConfig } from '@halligan/systems';
import { z } from 'zod';
import { submissionSchema, takeIn } from '../../submission.ts';
import { accountCheckSchema, checkSystem } from '../../system-check.ts';
import { readSystem, requireNamed, requireRecorded, writeSystem } from '../../system-files.ts';
import type { Reception } from '../reception.ts';
import { type Route, route } from '../route.ts';
import { idField } from './fields.ts';

const ofSystem = z.strictObject({ system: idField });

/** Signed inventory entries, the settings that they name, and the driver's credential, encrypted to the rotator. */
const systemBody = z.strictObject({
  submissions: z.array(submissionSchema).max(2).default([]),
  config: z.unknown(),
  secret: z.string().max(65_536).optional(),
});

/** How systems are reached. */
export function systemRoutes({ parts, effects }: Reception): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/systems/{system}',
      summary: 'The settings of a system’s driver; never its credential.',
      who: 'member',
      params: ofSystem,
      answers: { status: 200, body: z.object({ config: z.unknown() }) },
      handle: async ({ params }) => ({
        config: (await readSystem(parts.home, params.system)).config,
      }),
    }),
    route({
      method: 'POST',
      path: '/v1/systems/{system}/check',
      summary:
        'Has the rotator look at a system’s accounts and its rights over them; changes nothing.',
      who: ['admin'],
      params: ofSystem,
      answers: { status: 200, body: z.object({ accounts: z.array(accountCheckSchema) }) },
      handle: async ({ params }) => ({ accounts: await checkSystem(parts, params.system) }),
    }),
    route({
      method: 'POST',
      path: '/v1/systems/{system}',
      summary: 'Takes in signed inventory entries and the driver’s settings that they name.',
      who: ['admin'],
      params: ofSystem,
      body: systemBody,
      bodyLimit: 1 << 20,
      answers: { status: 201, body: z.object({ system: idField }) },
      handle: async ({ params: { system }, body: { submissions, config, secret } }) => {
        // Before anything is on the record: settings that no driver understands change nothing.
        const settings = parseSystemConfig(config);
        const ciphertext = secret === undefined ? undefined : fromBase64(secret);
        const documents = submissions.map(({ document }) => document);
        requireNamed(parts.leader.state, system, settings, documents);
        for (const submission of submissions) {
          const outcome = await takeIn(parts, submission);
          if ('refusal' in outcome) return outcome;
        }
        requireRecorded(parts.leader.state, system, settings);
        await writeSystem(parts.home, system, settings, ciphertext);
        effects.look();
        return { system };
      },
    }),
  ];
}
