import { HalliganError, visible } from '@halligan/format';
import { after, CHECKS, type Envelope, type Kept } from '@halligan/procedure';
import { Command } from 'commander';
import { type Context, show } from '../commands.ts';
import { contentOf } from './contents.ts';
import { addEmergencySteps, photosOf } from './emergency-steps.ts';
import { findEnvelope, listed, serialOf } from './find-envelope.ts';
import { coSign, draft } from './joint-draft.ts';
import { checksOf, momentOf, momentsOf } from './options.ts';
import { accountIn } from './own-share.ts';
import { addPrinting } from './print-commands.ts';

const V = 'halligan/custody/v1';
const OUT = ['--out <file>', 'write it for the other person to sign'] as const;

/** `halligan envelope …`: what lies in safes. Every change is signed by two people, one after the other. */
export function envelopeCommands(context: Context): Command {
  const envelope = new Command('envelope').description(
    'tamper-evident envelopes: one serial, one place',
  );
  addLooking(envelope, context);
  addPrinting(envelope, context);
  addChanges(envelope, context);
  addEmergencySteps(envelope, context);
  envelope
    .command('sign')
    .description('as the second person: read what the first one signed, sign it, send it')
    .argument('<file>', 'what the first one signed, as a file')
    .action((path: string) => coSign(context, path));
  return envelope;
}

function addChanges(envelope: Command, context: Context): void {
  const { terminal } = context;
  envelope
    .command('register')
    .description('a new envelope, sealed and in its place')
    .argument('<serial>', 'the envelope’s serial')
    .requiredOption('--account <id>', 'which account')
    .requiredOption('--with <person>', 'who signed across the seal with you')
    .requiredOption('--place <id>', 'where it lies')
    .requiredOption(
      '--contains <what...>',
      'credential, share:PATH/GROUP, recovery-codes, pin:KEY, hardware-key:KEY',
    )
    .requiredOption('--tamper-evident <text>', 'maker and type of the envelope')
    .option('--signed <person:time...>', 'when each signed across the seal, where not now', [])
    .requiredOption(...OUT)
    .action(
      async (
        text: string,
        asked: {
          account: string;
          with: string;
          place: string;
          contains: string[];
          tamperEvident: string;
          signed: string[];
          out: string;
        },
      ) => {
        const serial = serialOf(text);
        const device = await context.device();
        const { state } = await device.prove({ account: asked.account });
        const account = accountIn(state, asked.account);
        const version = account.current;
        const of = { serial, account: asked.account, version };
        const contains = [];
        for (const one of asked.contains) contains.push(await contentOf(device.home, one, of));
        await draft(context, device, {
          document: {
            v: V,
            do: 'register',
            ...of,
            seal: account.versions[version]?.digest ?? '',
            contains,
            tamperEvident: asked.tamperEvident,
            place: asked.place,
            signed: momentsOf([device.person, asked.with], asked.signed),
          },
          out: asked.out,
        });
      },
    );
  envelope
    .command('move')
    .description('from one place to another, two people')
    .argument('<serial>', 'the envelope’s serial')
    .requiredOption('--to <place>', 'where it goes')
    .option('--taken <time>', 'when it left its place')
    .option('--placed <time>', 'when it was put into the new one')
    .requiredOption(...OUT)
    .action(
      async (text: string, asked: { to: string; taken?: string; placed?: string; out: string }) => {
        const device = await context.device();
        const { account, envelope: one } = await findEnvelope(device, text);
        await draft(context, device, {
          document: {
            v: V,
            do: 'move',
            serial: one.serial,
            account: account.document.id,
            from: one.place,
            to: asked.to,
            taken: momentOf(asked.taken),
            placed: momentOf(asked.placed),
          },
          out: asked.out,
        });
      },
    );
  envelope
    .command('inspect')
    .description('look at an envelope, two people')
    .argument('<serial>', 'the envelope’s serial')
    .option('--intact', 'all five points hold')
    .option('--failed <points...>', `what does not: ${CHECKS.join(', ')}`)
    .option('--photo <file...>', 'photographs of the envelope, never of a dial or a key', [])
    .option('--at <time>', 'when you looked')
    .requiredOption(...OUT)
    .action(
      async (
        text: string,
        asked: { intact?: boolean; failed?: string[]; photo: string[]; at?: string; out: string },
      ) => {
        const device = await context.device();
        const { account, envelope: one } = await findEnvelope(device, text);
        const checks = await checksOf(terminal, asked);
        const attachments = await photosOf(context, asked.photo);
        const at = momentOf(asked.at);
        await draft(context, device, {
          document: {
            v: V,
            do: 'inspect',
            serial: one.serial,
            account: account.document.id,
            place: one.place,
            inspected: at,
            checks,
            photos: attachments.map(({ digest }) => digest),
            returned: at,
          },
          attachments,
          out: asked.out,
        });
      },
    );
  envelope
    .command('destroy')
    .description('old paper, cross-cut shredded by two people, and the files that it came from')
    .argument('<serial>', 'the envelope’s serial')
    .requiredOption(
      '--paper <how>',
      'cross-cut-shredded, micro-cut-shredded, burnt, no-paper-inside',
    )
    .requiredOption('--files <how>', 'none, overwritten, disk-destroyed')
    .option('--at <time>', 'when')
    .requiredOption(...OUT)
    .action(
      async (text: string, asked: { paper: string; files: string; at?: string; out: string }) => {
        const device = await context.device();
        const { account, envelope: one } = await findEnvelope(device, text);
        await draft(context, device, {
          document: {
            v: V,
            do: 'destroy',
            serial: one.serial,
            account: account.document.id,
            paper: paperOf(asked.paper),
            files: filesOf(asked.files),
            destroyed: momentOf(asked.at),
          },
          out: asked.out,
        });
      },
    );
  envelope
    .command('keep')
    .description('say whether an account is kept on paper at all')
    .argument('<account>', 'which account')
    .requiredOption('--in <where>', 'vault or envelope')
    .requiredOption(...OUT)
    .action(async (account: string, asked: { in: string; out: string }) => {
      if (asked.in !== 'vault' && asked.in !== 'envelope')
        throw new HalliganError(
          'cli.usage',
          'It is kept in a vault or an envelope.',
          'See --help.',
        );
      const document = { v: V, do: 'keep', account, in: asked.in } as const;
      await draft(context, await context.device(), { document, out: asked.out });
    });
}

function addLooking(envelope: Command, context: Context): void {
  const { terminal } = context;
  envelope
    .command('list')
    .description('every envelope, when it was last inspected, and what is weak')
    .option('--all', 'destroyed ones, too', false)
    .action(async ({ all }: { all: boolean }) => {
      const device = await context.device();
      const custody = await listed(device);
      const { state } = await device.prove();
      const policy = state.policy === undefined ? undefined : state.policies[state.policy];
      const due = (at: string) =>
        policy === undefined
          ? ''
          : after(at, policy.timers.envelope_inspection, policy.time_zone).slice(0, 10);
      const rows = custody.envelopes
        .filter((one) => all || one.state !== 'destroyed')
        .map((one) => ({ ...one, ...(one.useful ? { nextInspection: due(one.inspected) } : {}) }));
      show(terminal, { envelopes: rows, findings: custody.findings }, [
        ...(rows.length === 0
          ? ['No envelopes. Next: halligan envelope print.']
          : [
              row('serial', 'account', 'version', 'state', 'place', 'inspected', 'next'),
              ...rows.map((one) =>
                row(
                  one.serial,
                  one.account,
                  String(one.version),
                  one.state === 'sealed' && !one.useful ? 'worthless' : one.state,
                  one.place,
                  one.inspected.slice(0, 10),
                  one.nextInspection ?? '',
                ),
              ),
            ]),
        ...custody.findings.map(
          ({ severity, what, fix }) =>
            `${severity.toUpperCase()}: ${visible(what)} ${visible(fix)}`,
        ),
      ]);
    });
  envelope
    .command('show')
    .description('one envelope and its history, proven on this device')
    .argument('<serial>', 'the envelope’s serial')
    .action(async (text: string) => {
      const device = await context.device();
      const { proven, account, envelope: one } = await findEnvelope(device, text);
      const history = proven.groups
        .flatMap(({ events }) => events)
        .filter(({ data }) => 'serial' in data && data.serial === one.serial);
      show(terminal, { envelope: one, account: account.document.id, history }, [
        ...describe({ account, envelope: one }),
        ...history.flatMap(({ at, type, data }) => {
          const by = 'by' in data && Array.isArray(data.by) ? data.by.join(', ') : '';
          const photos = 'photos' in data && Array.isArray(data.photos) ? data.photos : [];
          const during = 'during' in data ? data.during : undefined;
          const fetch =
            during === undefined
              ? `account file ${account.document.id}`
              : `emergency file ${during.slice(0, 12)}`;
          return [
            `  ${at}  ${type.padEnd(18)} ${by}`,
            ...photos.map(
              (digest) => `    photograph: halligan ${fetch} ${digest.slice(0, 16)} --out FILE`,
            ),
          ];
        }),
      ]);
    });
}

function describe({ account, envelope }: Kept): readonly string[] {
  const { serial, version, state, place, tamperEvident, contains, signed, inspected } = envelope;
  return [
    `${serial}  ${account.document.id} version ${version}  ${state}, in ${place}`,
    `  ${visible(tamperEvident)}; holds ${contains.map(described).join(', ')}`,
    `  signed across the seal by ${signed.map(({ by, at }) => `${by} ${at}`).join(' and ')}`,
    `  last found intact ${inspected}`,
  ];
}

function described(content: Envelope['contains'][number]): string {
  switch (content.what) {
    case 'share':
      return `the share of ${content.holder} (${content.path}/${content.group})`;
    case 'pin':
    case 'hardware-key':
      return `${content.what} of ${visible(content.key)}`;
    default:
      return content.what;
  }
}

function row(...cells: readonly string[]): string {
  const widths = [12, 24, 8, 10, 16, 11];
  return cells
    .map((cell, at) => cell.padEnd(widths[at] ?? 0))
    .join(' ')
    .trimEnd();
}

function paperOf(text: string) {
  const known = ['cross-cut-shredded', 'micro-cut-shredded', 'burnt', 'no-paper-inside'] as const;
  const found = known.find((one) => one === text);
  if (found !== undefined) return found;
  throw new HalliganError(
    'cli.usage',
    `“${text}” is no way to destroy paper.`,
    `Give ${known.join(', ')}.`,
  );
}

function filesOf(text: string) {
  const known = ['none', 'overwritten', 'disk-destroyed'] as const;
  const found = known.find((one) => one === text);
  if (found !== undefined) return found;
  throw new HalliganError(
    'cli.usage',
    `“${text}” is no way to destroy files.`,
    `Give ${known.join(', ')}.`,
  );
}
