import { digestOf } from '@halligan/format';
import type { Finding } from '@halligan/procedure';
import { subjectOf } from '@halligan/statement';
import { Command } from 'commander';
import { z } from 'zod';
import { type Context, show } from '../commands.ts';
import { findingLines } from './finding-lines.ts';

const findingSchema: z.ZodType<Finding> = z.object({
  id: z.string(),
  severity: z.enum(['critical', 'warning', 'notice']),
  what: z.string(),
  fix: z.string(),
  accepted: z.object({ by: z.string(), reason: z.string(), until: z.string() }).exactOptional(),
});

/** `halligan findings`: what is not as it should be, gravest first. */
export function findingsCommand(context: Context): Command {
  const command = new Command('findings').description('what is not as it should be, gravest first');
  command.action(async () => {
    const device = await context.device();
    await device.signIn();
    const { findings } = z
      .object({ findings: z.array(findingSchema) })
      .parse(await device.api.get('/v1/findings'));
    show(context.terminal, { findings }, findingLines(findings));
  });
  command
    .command('accept')
    .description('take a risk upon you, with a reason and until a date; it stays visible')
    .argument('<finding>', 'its id')
    .requiredOption('--reason <text>', 'why, in your own words')
    .requiredOption('--until <date>', 'until when: 2026-12-31')
    .action(async (finding: string, asked: { reason: string; until: string }) => {
      const device = await context.device();
      const proven = await device.prove();
      const document = { v: 'halligan/risk/v1', finding, ...asked } as const;
      await device.say(
        proven,
        'attest',
        {
          subject: subjectOf('organisation', proven.state.roster?.organisation ?? ''),
          purpose: 'real',
          what: 'risk',
          digest: digestOf(document),
        },
        { document },
      );
      show(context.terminal, { accepted: finding }, [
        `Noted: ${finding} is accepted until ${asked.until}. It stays in halligan findings.`,
      ]);
    });
  return command;
}
