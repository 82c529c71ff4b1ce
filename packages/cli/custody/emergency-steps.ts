import { HalliganError } from '@halligan/format';
import { ACCESS_METHODS, bothOf, CHECKS, type Emergency } from '@halligan/procedure';
import type { Attachment } from '@halligan/statement';
import { type Command, Option } from 'commander';
import type { Context } from '../commands.ts';
import type { Device } from '../device.ts';
import { fileAttachment } from '../emergency/file-attachment.ts';
import { look } from '../emergency/find.ts';
import { findEnvelope, serialOf } from './find-envelope.ts';
import { draft } from './joint-draft.ts';
import { checksOf, listOf, momentOf, momentsOf } from './options.ts';

const V = 'halligan/custody/v1';

/**
 * In an emergency: `arrive`, `open`, and `tampered`, which stops it. One of the two signs at the place, the other signs
 * the same; without a network at hand both sign the drafts there and send them from where there is one.
 */
export function addEmergencySteps(envelope: Command, context: Context): void {
  const { terminal } = context;
  envelope
    .command('arrive')
    .description('in an emergency: both of you are at the place')
    .argument('<serial>', 'the envelope’s serial')
    .option('--emergency <id>', 'beginning of its id, where more than one is open')
    .option('--at <person:time...>', 'when each arrived, where not now', [])
    .requiredOption('--out <file>', 'write it for the other person to sign')
    .action(async (text: string, asked: { emergency?: string; at: string[]; out: string }) => {
      const device = await context.device();
      const { emergency, serial, account, place } = await there(device, text, asked.emergency);
      const arrived = momentsOf(bothOf(emergency), asked.at);
      const document = { v: V, do: 'arrive', serial, account, place, arrived } as const;
      await draft(context, device, { document, emergency, out: asked.out });
    });
  envelope
    .command('open')
    .description('in an emergency: it is intact, signed outside by both, and opened')
    .argument('<serial>', 'the envelope’s serial')
    .option('--emergency <id>', 'beginning of its id, where more than one is open')
    .addOption(
      new Option('--access <how>', 'how the storage was opened')
        .choices([...ACCESS_METHODS])
        .makeOptionMandatory(),
    )
    .requiredOption('--by <people>', 'who opened it; for a split combination in the order entered')
    .option('--intact', 'all five points hold')
    .option('--failed <points...>', `what does not: ${CHECKS.join(', ')}`)
    .option('--signed <person:time...>', 'when each signed the outside, where not now', [])
    .option('--opened <time>', 'when it was opened')
    .option('--photo <file...>', 'photographs of its outside, never of a dial or a key', [])
    .requiredOption('--out <file>', 'write it for the other person to sign')
    .action(
      async (
        text: string,
        asked: {
          emergency?: string;
          access: (typeof ACCESS_METHODS)[number];
          by: string;
          intact?: boolean;
          failed?: string[];
          signed: string[];
          opened?: string;
          photo: string[];
          out: string;
        },
      ) => {
        const device = await context.device();
        const at = await there(device, text, asked.emergency);
        const { emergency, serial, account, place, version } = at;
        const checks = await checksOf(terminal, asked);
        if (CHECKS.some((check) => !checks[check]))
          throw new HalliganError(
            'cli.tampered',
            'It is not intact: stop, do not open it.',
            `Photograph it, put it back, and say so: halligan envelope tampered ${serial}.`,
          );
        const attachments = await photosOf(context, asked.photo);
        const signed = momentsOf(bothOf(emergency), asked.signed);
        await draft(context, device, {
          document: {
            v: V,
            do: 'open',
            serial,
            account,
            version,
            place,
            access: { method: asked.access, by: listOf(asked.by) },
            checks,
            signed,
            opened: momentOf(asked.opened),
            photos: attachments.map(({ digest }) => digest),
          },
          emergency,
          attachments,
          out: asked.out,
        });
      },
    );
  envelope
    .command('tampered')
    .description('stop: it is not intact; photographed, and back into storage unopened')
    .argument('<serial>', 'the envelope’s serial')
    .requiredOption('--failed <points...>', `what does not hold: ${CHECKS.join(', ')}`)
    .requiredOption('--photo <file...>', 'photographs of the envelope')
    .option('--emergency <id>', 'the emergency that found it, by the beginning of its id')
    .option('--at <time>', 'when you saw it')
    .option('--returned <time>', 'when it was put back')
    .requiredOption('--out <file>', 'write it for the other person to sign')
    .action(
      async (
        text: string,
        asked: {
          failed: string[];
          photo: string[];
          emergency?: string;
          at?: string;
          returned?: string;
          out: string;
        },
      ) => {
        const device = await context.device();
        const at = await found(device, text, asked.emergency);
        const { serial, account, place, emergency } = at;
        const attachments = await photosOf(context, asked.photo);
        await draft(context, device, {
          document: {
            v: V,
            do: 'inspect',
            serial,
            account,
            place,
            inspected: momentOf(asked.at),
            checks: await checksOf(terminal, asked),
            photos: attachments.map(({ digest }) => digest),
            returned: momentOf(asked.returned),
          },
          ...(emergency === undefined ? {} : { emergency }),
          attachments,
          out: asked.out,
        });
      },
    );
}

/** Photographs as they go with a statement: each encrypted, named by its digest. */
export async function photosOf(
  context: Context,
  paths: readonly string[],
): Promise<readonly Attachment[]> {
  return Promise.all(paths.map(async (path) => fileAttachment(path, await context.readFile(path))));
}

interface Here {
  readonly serial: string;
  readonly account: string;
  readonly place: string;
  readonly version: number;
}

/** The envelope, as the emergency's own record has it. */
async function there(
  device: Device,
  text: string,
  prefix: string | undefined,
): Promise<Here & { readonly emergency: Emergency }> {
  const { proven, emergency } = await look(device, prefix);
  const serial = serialOf(text);
  const one = proven.state.accounts[emergency.account]?.envelopes[serial];
  if (one === undefined)
    throw new HalliganError(
      'cli.envelope',
      `“${emergency.account}” has no envelope “${text}”.`,
      'See halligan emergency show for the ways that there are.',
    );
  return {
    serial,
    account: emergency.account,
    place: one.place,
    version: one.version,
    emergency,
  };
}

async function found(
  device: Device,
  text: string,
  prefix: string | undefined,
): Promise<Here & { readonly emergency?: Emergency }> {
  if (prefix !== undefined) return there(device, text, prefix);
  const { account, envelope: one } = await findEnvelope(device, text);
  const { serial, place, version } = one;
  return { serial, account: account.document.id, place, version };
}
