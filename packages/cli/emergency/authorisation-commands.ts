import { HalliganError } from '@halligan/format';
import { Option } from 'commander';
import { approve, refuse, takePart } from './authorise.ts';
import { codeSheetText, commitCodes } from './code-sheet.ts';
import { attemptOf, coSignException, draftException, readException } from './exception.ts';
import { type EmergencyGroup, ID, ID_HELP } from './group.ts';
import { approveByCode, coSignApproval, draftApproval, readApproval } from './other-means.ts';

const METHODS = ['phone', 'message', 'email', 'in-person'] as const;

interface AskedApproval {
  readonly conditions?: string;
  readonly approver?: string;
  readonly method?: (typeof METHODS)[number];
  readonly at?: string;
  readonly out?: string;
  readonly coSign?: string;
  readonly codeNumber?: number;
  readonly codeFile?: string;
}

/** Who says yes, who says no, who takes part: `approve`, `codes`, `refuse`, `exception`, `take-part`. */
export function addAuthorisation(group: EmergencyGroup): void {
  const { context, terminal, add, done } = group;
  add('approve', 'say yes; or state what an approver said elsewhere')
    .argument(ID, ID_HELP)
    .option('--conditions <text>', 'what the access is limited to')
    .option('--approver <person>', 'who approved, by other means than the app')
    .addOption(new Option('--method <means>', 'by which means').choices(METHODS))
    .option('--at <time>', 'when they said it, RFC 3339; default: now')
    .option('--out <file>', 'write what you heard for the other one to co-sign')
    .option('--co-sign <file>', 'read what the other one heard, sign it too, and send both')
    .option('--code-number <number>', 'number of the approver’s one-time code', Number)
    .option('--code-file <file>', 'read the code’s five words from a file; asked for otherwise')
    .action(async (id: string | undefined, asked: AskedApproval) => {
      if (asked.coSign !== undefined) return coSign(group, asked.coSign);
      if (asked.approver !== undefined) return stateApproval(group, id, asked.approver, asked);
      await approve(await context.device(), id, asked.conditions);
      done({ approved: true }, 'Approved. Next: the requester opens.');
    });
  add('codes', 'make your sheet of one-time codes, to approve by voice')
    .option('--count <number>', 'how many of each kind, at most 32', Number, 10)
    .option('--out <file>', 'where to write the sheet; print it, then destroy the file')
    .option('--revoke', 'the sheet is lost: its codes are worth nothing from now on', false)
    .action(async (asked: { count: number; out?: string; revoke: boolean }) => {
      const device = await context.device();
      const { out, revoke } = asked;
      const count = revoke ? 0 : asked.count;
      if (!revoke && (out === undefined || !Number.isInteger(count) || count < 1 || count > 32))
        throw new HalliganError(
          'cli.usage',
          'A sheet needs a file and a number of codes from 1 to 32.',
          'Give --out and --count; or --revoke.',
        );
      await commitCodes(device, count, (sheet) =>
        context.writeFile(out ?? '', codeSheetText(device.person, sheet)),
      );
      done(
        { codes: count, ...(out === undefined ? {} : { sheet: out }) },
        revoke
          ? 'Revoked. Make a new sheet: halligan emergency codes --out FILE.'
          : `Written: ${out}. Print it, keep it like a key, destroy the file. The sheet before is worth nothing now.`,
      );
    });
  add('refuse', 'say no')
    .argument(ID, ID_HELP)
    .requiredOption('--reason <text>', 'why, in your own words')
    .action(async (id: string | undefined, { reason }: { reason: string }) => {
      await refuse(await context.device(), id, reason);
      done({ refused: true }, 'Refused. It bars the silence exception.');
    });
  add('exception', 'nobody answered: go on without approval, with the second person')
    .argument(ID, ID_HELP)
    .option(
      '--attempt <attempt...>',
      'person:phone|message|email:time, for every approver and channel that the server did not try',
      [],
    )
    .option('--reason <text>', 'why, in your own words')
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
            'Authorised by the silence exception. Tell the approvers within 1 h after the end: halligan emergency notified.',
          );
          return;
        }
        if (asked.reason === undefined || asked.out === undefined) {
          throw new HalliganError(
            'cli.usage',
            'An exception needs a reason and a file for the draft.',
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
    .addOption(
      new Option('--role <role>', 'as whom you take part')
        .choices(['second', 'witness', 'executive'])
        .default('second'),
    )
    .addOption(
      new Option('--together <how>', 'how you two work: in one room, or by video')
        .choices(['in-person', 'video'])
        .makeOptionMandatory(),
    )
    .option('--title <text>', 'your title')
    .action(
      async (
        id: string | undefined,
        asked: {
          role: 'second' | 'witness' | 'executive';
          together: 'in-person' | 'video';
          title?: string;
        },
      ) => {
        await takePart(await context.device(), id, asked);
        const { role, together } = asked;
        done({ role, together }, `You take part as ${role}.`);
      },
    );
}

async function coSign({ context, terminal, done }: EmergencyGroup, file: string): Promise<void> {
  const draft = await context.readFile(file);
  const { approver, method, given } = readApproval(draft).statement;
  terminal.say(`You sign that ${approver} approved by ${method} at ${given}.`);
  await coSignApproval(await context.device(), draft);
  done({ approved: true }, 'Approved: you both heard it. The approver gets a written summary.');
}

async function stateApproval(
  { context, terminal, done }: EmergencyGroup,
  id: string | undefined,
  approver: string,
  asked: AskedApproval,
): Promise<void> {
  const { method, out, codeNumber, conditions } = asked;
  if (method === undefined || (out === undefined) === (codeNumber === undefined))
    throw new HalliganError(
      'cli.usage',
      'An approval by other means needs its method, and who confirms it.',
      'Give --method, and --out for the second person to co-sign, or --code-number for a spoken code.',
    );
  const heard = {
    approver,
    method,
    given: asked.at ?? new Date().toISOString(),
    ...(conditions === undefined ? {} : { conditions }),
  };
  const device = await context.device();
  if (out !== undefined) {
    await context.writeFile(out, await draftApproval(device, id, heard));
    return done(
      { draft: out },
      `Written: ${out}. Next: the other one who heard it runs halligan emergency approve --co-sign ${out}.`,
    );
  }
  const words =
    asked.codeFile === undefined
      ? await terminal.askSecret('The code’s five words (--code-file):')
      : new TextDecoder().decode(await context.readFile(asked.codeFile));
  await approveByCode(device, id, heard, codeNumber ?? 0, words);
  done({ approved: true }, 'Approved by spoken code. The approver gets a written summary.');
}
