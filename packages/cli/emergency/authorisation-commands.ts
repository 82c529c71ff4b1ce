import { HalliganError } from '@halligan/format';
import { Option } from 'commander';
import { approve, refuse, takePart } from './authorise.ts';
import { attemptOf, coSignException, draftException, readException } from './exception.ts';
import { type EmergencyGroup, ID, ID_HELP } from './group.ts';

/** Who says yes, who says no, who takes part: `approve`, `refuse`, `exception`, `take-part`. */
export function addAuthorisation({ context, terminal, add, done }: EmergencyGroup): void {
  add('approve', 'say yes')
    .argument(ID, ID_HELP)
    .option('--conditions <text>', 'what the access is limited to')
    .action(async (id: string | undefined, { conditions }: { conditions?: string }) => {
      await approve(await context.device(), id, conditions);
      done({ approved: true }, 'Approved. Next: the requester opens.');
    });
  add('refuse', 'say no')
    .argument(ID, ID_HELP)
    .requiredOption('--reason <text>')
    .action(async (id: string | undefined, { reason }: { reason: string }) => {
      await refuse(await context.device(), id, reason);
      done({ refused: true }, 'Refused. It bars the silence exception.');
    });
  add('exception', 'nobody answered: go on without approval, with the second person')
    .argument(ID, ID_HELP)
    .option(
      '--attempt <attempt...>',
      'person:phone|message|email:time, for every approver and channel',
      [],
    )
    .option('--reason <text>')
    .option('--out <file>', 'write the draft for the second person to sign')
    .option('--co-sign <file>', 'as the second person: read the draft, sign it, send it')
    .action(
      async (
        id: string | undefined,
        asked: { attempt: string[]; reason?: string; out?: string; coSign?: string },
      ) => {
        const device = await context.device();
        if (asked.coSign !== undefined) {
          const draft = await context.readFile(asked.coSign);
          for (const { person, channel, at } of readException(draft).statement.attempts)
            terminal.say(`You sign that ${person} was tried by ${channel} at ${at}.`);
          await coSignException(device, draft);
          done(
            { exception: true },
            'Authorised by the silence exception. Tell the approvers within 1 h after the end.',
          );
          return;
        }
        if (asked.reason === undefined || asked.out === undefined || asked.attempt.length === 0) {
          throw new HalliganError(
            'cli.usage',
            'An exception needs its attempts, a reason and a file for the draft.',
            'Give --attempt for each, --reason and --out; or --co-sign as the second person.',
          );
        }
        const draft = await draftException(device, id, asked.attempt.map(attemptOf), asked.reason);
        await context.writeFile(asked.out, draft);
        done(
          { draft: asked.out },
          `Written: ${asked.out}. Next: the second person runs halligan emergency exception --co-sign ${asked.out}.`,
        );
      },
    );
  add('take-part', 'confirm your role')
    .argument(ID, ID_HELP)
    .addOption(new Option('--role <role>').choices(['second', 'witness']).default('second'))
    .addOption(new Option('--together <how>').choices(['in-person', 'video']).makeOptionMandatory())
    .action(
      async (
        id: string | undefined,
        { role, together }: { role: 'second' | 'witness'; together: 'in-person' | 'video' },
      ) => {
        await takePart(await context.device(), id, role, together);
        done({ role, together }, `You take part as ${role}.`);
      },
    );
}
