import { recordDocument } from '@halligan/evidence';
import { HalliganError } from '@halligan/format';
import { harmless, type PrintedDocument, textOf } from '@halligan/paper';
import { GROUNDS, type KeepingDocument, keptUntil } from '@halligan/procedure';
import { Command, Option } from 'commander';
import { z } from 'zod';
import { type Context, show } from '../commands.ts';
import { look } from '../emergency/find.ts';
import { ID_HELP } from '../emergency/group.ts';
import { addend } from '../emergency/use.ts';
import { verifyCommand } from '../verify-command.ts';
import { endOfHold, type Kept, keep, newHold, pendingOf, reasonOf } from './keeping.ts';
import { linesOfPack, writePack } from './pack.ts';
import { paperRecord, signPages } from './paper.ts';
import { recordTexts } from './record-texts.ts';

const listed = z.object({
  emergencies: z.array(
    z.object({
      id: z.string(),
      account: z.string(),
      drill: z.boolean(),
      at: z.string(),
      closed: z.string().optional(),
      keptUntil: z.string().optional(),
      holds: z.int().default(0),
      erased: z.string().optional(),
    }),
  ),
});

/** What a line of the list says of how long a record is kept. */
function keepingIn({
  closed,
  keptUntil: until,
  holds,
  erased,
}: Pick<
  z.infer<typeof listed>['emergencies'][number],
  'closed' | 'keptUntil' | 'holds' | 'erased'
>): string {
  if (closed === undefined) return 'open';
  return [
    `closed ${closed.slice(0, 10)}`,
    ...(until === undefined ? [] : [`kept until ${until.slice(0, 10)}`]),
    ...(holds === 0 ? [] : [`on hold (${holds})`]),
    ...(erased === undefined ? [] : [`texts erased ${erased.slice(0, 10)}`]),
  ].join('  ');
}

/** What a person gives to decide about a record. */
interface Decided {
  readonly reason?: string;
  readonly hold?: string;
  readonly ground?: (typeof GROUNDS)[number];
  readonly reference?: string;
  readonly sign: boolean;
  readonly yes: boolean;
}

/** `halligan evidence …`: the record, on screen, on paper and as a pack; how long it is kept. */
export function evidenceCommands(context: Context, exit: (code: number) => void): Command {
  const { terminal } = context;
  const root = new Command('evidence').description(
    'records: read, print, pack, verify, hold, erase',
  );
  const add = (name: string, description: string) =>
    root.command(name).description(description).argument('<emergency>', ID_HELP);
  const done = (result: object, ...lines: readonly string[]) => show(terminal, result, lines);

  root
    .command('list')
    .description('records, as the server lists them')
    .action(async () => {
      const device = await context.device();
      await device.signIn();
      const { emergencies } = listed.parse(await device.api.get('/v1/emergencies'));
      done(
        { records: emergencies },
        ...emergencies.map(
          ({ id, drill, account, at, ...kept }) =>
            `${id.slice(0, 12)}  ${drill ? 'drill' : 'REAL '}  ${account.padEnd(24)} ${at.slice(0, 10)}  ${keepingIn(kept)}`,
        ),
        emergencies.length === 0 ? 'No records.' : 'Read one: halligan evidence show …',
      );
    });
  add('show', 'the record as text, proven on this device').action(async (id: string) => {
    const device = await context.device();
    const { proven, emergency } = await look(device, id);
    const document: PrintedDocument = recordDocument({
      ...proven,
      emergency,
      texts: await recordTexts(device, emergency, proven.groups),
    });
    const kept = emergency.keeping ?? {};
    const until = keptUntil(proven.state, emergency) ?? null;
    show(terminal, { emergency: emergency.id, keptUntil: until, keeping: kept }, [
      textOf(document).trimEnd(),
    ]);
  });
  add('pack', 'fetch the evidence pack, with large files beside it: everything, for an auditor')
    .requiredOption('--out <file>', 'where to write it')
    .action(async (id: string, { out }: { out: string }) => {
      const written = await writePack(context, id, out);
      done(written, linesOfPack(written));
    });
  root.addCommand(verifyCommand(context, exit));
  add('paper', 'the record as PDF, with lines to sign on each page')
    .requiredOption('--out <file>', 'where to write it')
    .addOption(new Option('--size <paper>', 'paper size').choices(['A4', 'Letter']).default('A4'))
    .action(async (id: string, { out, size }: { out: string; size: 'A4' | 'Letter' }) => {
      await context.writeFile(out, await paperRecord(await context.device(), id, size));
      done(
        { paper: out },
        `Written: ${out}. Both sign every page; scan them; then each: halligan evidence pages ${id} SCAN…`,
      );
    });
  add('pages', 'sign which scans are the pages that were signed by hand')
    .argument('<scan...>', 'one file a page, in order; the same for both')
    .action(async (id: string, paths: readonly string[]) => {
      const scans = [];
      for (const path of paths) scans.push({ path, content: await context.readFile(path) });
      const pages = await signPages(await context.device(), id, scans);
      done({ pages }, `Signed ${pages.length} pages. When both have: halligan emergency submit.`);
    });
  add('addendum', 'correct the record; nothing on it is ever changed')
    .argument('<text>', 'what to write down')
    .requiredOption('--to <digest>', 'digest of the statement that is corrected')
    .action(async (id: string, text: string, { to }: { to: string }) => {
      await addend(await context.device(), id, to, text);
      done({ added: true }, `Added. See it beside what it corrects: halligan evidence show ${id}`);
    });
  addKeeping(context, add);
  return root;
}

/** What two people decide together: each runs the command, the second with --sign. */
function addKeeping(
  { terminal, device: deviceOf }: Context,
  add: (name: string, description: string) => Command,
): void {
  const decide = async (what: KeepingDocument['do'], id: string, asked: Decided) => {
    const device = await deviceOf();
    const { emergency } = await look(device, id);
    const pending = asked.sign ? pendingOf(emergency, what, device.person) : undefined;
    if (pending !== undefined) {
      const reason = await reasonOf(device, emergency, pending);
      terminal.say(`${NAMES[what]} of ${emergency.id.slice(0, 12)}: ${harmless(reason)}`);
    }
    if (!asked.yes && (what === 'erase' || pending !== undefined)) {
      const typed = await terminal.ask(
        `${what === 'erase' ? 'Erased texts never come back. ' : ''}Type ${emergency.id.slice(0, 6)} to sign (--yes):`,
      );
      if (typed !== emergency.id.slice(0, 6))
        throw new HalliganError('cli.cancelled', 'Cancelled.', 'Nothing was changed.');
    }
    const kept = await keep(device, id, (one) =>
      pending === undefined ? proposalOf(what, one, asked) : { document: pending, attachments: [] },
    );
    show(terminal, kept, linesOf(what, kept));
  };
  const shared = (command: Command) =>
    command
      .option('--sign', 'sign what somebody else decided first', false)
      .option('--yes', 'do not ask', false);
  shared(add('hold', 'a legal hold: nothing is erased until it is lifted (two people)'))
    .option('--reason <text>', 'why, in your own words')
    .action((id: string, asked: Decided) => decide('hold', id, asked));
  shared(add('release-hold', 'lift a legal hold (two people)'))
    .option('--reason <text>', 'why, in your own words')
    .option('--hold <digest>', 'which one, where there are several')
    .action((id: string, asked: Decided) => decide('lift', id, asked));
  shared(add('erase', 'erase every text of a record; the log stays and verifies (two people)'))
    .addOption(new Option('--ground <ground>', 'on what ground').choices(GROUNDS))
    .option('--reference <id>', 'of the request or order; no names: it outlives the texts')
    .action((id: string, asked: Decided) => decide('erase', id, asked));
}

const NAMES = { hold: 'Legal hold', lift: 'End of the legal hold', erase: 'Erasure' } as const;
const COMMANDS = { hold: 'hold', lift: 'release-hold', erase: 'erase' } as const;

/** @throws `cli.usage` */
function proposalOf(
  what: KeepingDocument['do'],
  emergency: Parameters<typeof newHold>[0],
  { reason, hold, ground, reference }: Decided,
) {
  if (what === 'erase') {
    if (ground === undefined)
      throw new HalliganError('cli.usage', 'On what ground?', 'Give --ground, or --sign.');
    const document = {
      v: 'halligan/keeping/v1',
      emergency: emergency.id,
      do: 'erase',
      ground,
      ...(reference === undefined ? {} : { reference }),
    } as const;
    return { document, attachments: [] };
  }
  if (reason === undefined)
    throw new HalliganError('cli.usage', 'For what reason?', 'Give --reason, or --sign.');
  return what === 'hold' ? newHold(emergency, reason) : endOfHold(emergency, reason, hold);
}

function linesOf(what: KeepingDocument['do'], { emergency, decided, signedBy }: Kept) {
  const id = emergency.slice(0, 12);
  if (!decided)
    return [
      `Signed by ${signedBy.join(', ')}. A second person signs: halligan evidence ${COMMANDS[what]} ${id} --sign`,
    ];
  return what === 'hold'
    ? [`Held. Lift it: halligan evidence release-hold ${id} --reason …`]
    : what === 'lift'
      ? [`Lifted. See: halligan evidence show ${id}`]
      : [`Erased as soon as the server has done it. See: halligan evidence show ${id}`];
}
