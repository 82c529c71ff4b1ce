import { HalliganError } from '@halligan/format';
import { Command } from 'commander';
import { z } from 'zod';
import { type Context, show } from '../commands.ts';
import { type Places, placesOf, requireRoot } from './places.ts';

const windowSchema = z.object({ openedAt: z.number(), endsAt: z.number() }).nullable();

interface Asked extends Places {
  readonly ttl?: string;
  readonly why?: string;
}

/** `halligan device breakglass`, and `halligan offline-breakglass`: opens the window, or ends it. */
export function breakglassCommand(context: Context, name = 'breakglass'): Command {
  return placesOf(new Command(name))
    .description('let people sign in offline for a while, or no longer with --ttl 0 (as root)')
    .option('--ttl <time>', 'how long: 2h, 90m, 1d; 0 ends it; by default as configured')
    .option('--why <text>', 'why, in your own words', 'not said')
    .action((asked: Asked) => breakglass(context, asked));
}

async function breakglass({ terminal, environment }: Context, asked: Asked): Promise<void> {
  requireRoot(asked);
  const { ask, parseSeconds, SECONDS_FORMS } = await import('@halligan/device');
  const { ttl, why = 'not said' } = asked;
  const ttlSeconds = ttl === undefined ? undefined : parseSeconds(ttl);
  if (ttl !== undefined && ttlSeconds === undefined)
    throw new HalliganError('device.ttl', `“${ttl}” is no time.`, `Write ${SECONDS_FORMS}.`);
  const by = environment.SUDO_USER ?? environment.USER ?? 'root';
  const window = windowSchema.parse(
    await ask(asked.socket, {
      ...{ ask: 'breakglass', by, why },
      ...(ttlSeconds === undefined ? {} : { ttlSeconds }),
    }),
  );
  show(
    terminal,
    window === null
      ? { window: 'closed' }
      : { window: 'open', endsAt: window.endsAt, until: instantOf(window.endsAt) },
    window === null
      ? ['No window is open: who needs one signs in online again.', NEXT]
      : [
          `A window is open until ${instantOf(window.endsAt)}, or until the provider is back.`,
          'To end it: halligan device breakglass --ttl 0.',
          NEXT,
        ],
  );
}

const NEXT = 'Next: halligan device status.';

/** @param seconds of the machine's own time */
export function instantOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
