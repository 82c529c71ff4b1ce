import { Command } from 'commander';
import { z } from 'zod';
import { type Context, show } from '../commands.ts';

/** `halligan obligations`: what is due, from whom, by when. */
export function obligationsCommand(context: Context): Command {
  return new Command('obligations')
    .description('what is due, from whom, by when')
    .option('--all', 'everybody’s, not only mine', false)
    .action(async ({ all }: { all: boolean }) => {
      const device = await context.device();
      await device.signIn();
      const { obligations } = z
        .object({
          obligations: z.array(
            z.object({
              id: z.string(),
              what: z.string(),
              about: z.string(),
              owners: z.array(z.string()),
              due: z.string(),
              late: z.boolean(),
            }),
          ),
        })
        .parse(await device.api.get('/v1/obligations'));
      const mine = obligations.filter(({ owners }) => all || owners.includes(device.person));
      show(
        context.terminal,
        { obligations: mine },
        mine.length === 0
          ? ['Nothing is due.']
          : mine.map(
              (one) =>
                `${one.late ? 'LATE ' : '     '}${one.due}  ${one.what.padEnd(14)} ${one.about.slice(0, 24).padEnd(24)} ${one.owners.join(', ')}`,
            ),
      );
    });
}
