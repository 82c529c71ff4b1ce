import { HalliganError, type Json } from '@halligan/format';
import { z } from 'zod';
import type { ServerParts } from './parts.ts';
import { readSystem } from './system-files.ts';

/** What the rotator found of one account; its words are a driver's own, none of them the system's. */
export const accountCheckSchema = z.strictObject({
  account: z.string(),
  shortcomings: z.array(
    z.strictObject({ level: z.enum(['fail', 'warn']), found: z.string(), fix: z.string() }),
  ),
});

/** Has the rotator look at a system's accounts with its own rights. @throws `server.system`, `systems.by-hand` */
export async function checkSystem(
  parts: ServerParts,
  id: string,
): Promise<z.infer<typeof accountCheckSchema>[]> {
  const { leader } = parts;
  if (!Object.hasOwn(leader.state.systems, id))
    throw new HalliganError(
      'server.system',
      `There is no system “${id}”.`,
      'See halligan system list.',
    );
  const accounts = Object.values(leader.state.accounts)
    .filter(({ document, state }) => document.system === id && state !== 'retired')
    .map(({ document }) => document.id);
  const { config, secret } = await readSystem(parts.home, id);
  const streams = ['organisation', ...accounts.map((one) => `account:${one}`)];
  return parts.programs.talk('rotator', async (rotator) =>
    z.array(accountCheckSchema).parse(
      await rotator.ask({
        do: 'check',
        view: await rotator.view(streams),
        id,
        accounts,
        system: config as unknown as Json,
        secret,
      }),
    ),
  );
}
