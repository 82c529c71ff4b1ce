import { digestOf, HalliganError, utf8, visible } from '@halligan/format';
import { ATTESTED_DUTIES, type DutyDocument } from '@halligan/procedure';
import { subjectOf } from '@halligan/statement';
import { Command, Option } from 'commander';
import { z } from 'zod';
import { type Context, show } from '../commands.ts';
import type { Device } from '../device.ts';
import { commandFor } from '../due-command.ts';
import { calendarOf } from '../routines/calendar.ts';
import { twoClocks } from '../two-clocks.ts';

const obligationSchema = z.looseObject({
  id: z.string(),
  what: z.string(),
  about: z.string(),
  owners: z.array(z.string()),
  due: z.string(),
  late: z.boolean(),
  why: z.string().optional(),
});

type Obligation = z.infer<typeof obligationSchema>;

/** `halligan obligations`: what is due, from whom, by when, and the command that does it. */
export function obligationsCommand(context: Context): Command {
  return new Command('obligations')
    .description('what is due, from whom, by when')
    .addOption(new Option('--mine', 'mine only, as without a flag').conflicts('all'))
    .option('--all', 'everybody’s, not only mine', false)
    .option('--late', 'only what is late', false)
    .option('--calendar <file>', 'write their dates as a calendar file (iCalendar)')
    .action(async (wanted: { all: boolean; late: boolean; calendar?: string }) => {
      const { all, late, calendar } = wanted;
      const device = await context.device();
      const asked = (await dutiesOf(device))
        .filter((one) => all || one.owners.includes(device.person))
        .filter((one) => !late || one.late);
      if (calendar !== undefined) {
        const dates = calendarOf(asked, device.home.pins.origin, new Date().toISOString());
        await context.writeFile(calendar, utf8(dates));
        show(context.terminal, { calendar, dates: asked.length }, [
          `Written: ${calendar}, ${asked.length} dates. Import it again when they have moved: dates that are known move.`,
        ]);
        return;
      }
      const { state } = await device.prove();
      const zone = state.policies[state.policy ?? '']?.time_zone ?? 'UTC';
      show(
        context.terminal,
        { obligations: asked },
        asked.length === 0
          ? [
              all
                ? 'Nothing is due.'
                : 'Nothing is due from you. Everybody’s: halligan obligations --all',
            ]
          : asked.flatMap((one) => linesOf(one, zone)),
      );
    });
}

/** Everything that is due, as the server says, with the command that does it. */
export async function dutiesOf(
  device: Device,
): Promise<readonly (Obligation & { readonly command: string })[]> {
  await device.signIn();
  const { obligations } = z
    .object({ obligations: z.array(obligationSchema) })
    .parse(await device.api.get('/v1/obligations'));
  return obligations.map((one) => ({ ...one, command: commandFor(one) }));
}

function linesOf(one: Obligation & { readonly command: string }, zone: string): readonly string[] {
  const when = `${one.late ? 'LATE ' : '     '}${twoClocks(one.due, zone)}`;
  const why = one.why === undefined ? '' : ` (${visible(one.why)})`;
  return [
    `${when}  ${one.what.padEnd(14)} ${one.about.slice(0, 24).padEnd(24)} ${one.owners.join(', ')}${why}`,
    `      ${one.command}`,
  ];
}

function isAttested(what: string): what is DutyDocument['duty'] {
  return ATTESTED_DUTIES.some((duty) => duty === what);
}

/** `halligan duty done`: the owner of a standing duty says that it was done. */
export function dutyCommands(context: Context): Command {
  const duty = new Command('duty').description('standing duties: reviews, checks, PINs');
  duty
    .command('done')
    .description(`say that a standing duty was done: ${ATTESTED_DUTIES.join(', ')}`)
    .argument('<what>', 'which duty')
    .argument('[about]', 'a system, an account or a person; your own kit check needs none')
    .action((what: string, about?: string) => attestDuty(context, what, about));
  return duty;
}

/** @throws `cli.duty` where it is none that an attestation clears */
async function attestDuty(context: Context, what: string, about?: string): Promise<void> {
  if (!isAttested(what))
    throw new HalliganError(
      'cli.duty',
      `“${visible(what)}” is no duty that is attested.`,
      `One of ${ATTESTED_DUTIES.join(', ')}; the others are done by their own command.`,
    );
  const device = await context.device();
  const subject =
    about ??
    (what === 'kit-check'
      ? device.person
      : what === 'policy-review' || what === 'access-review'
        ? 'policy'
        : undefined);
  if (subject === undefined)
    throw new HalliganError(
      'cli.usage',
      'About which system or account?',
      'See halligan obligations.',
    );
  const proven = await device.prove(what === 'pin-rotation' ? { account: subject } : {});
  const last = proven.state.standing.duties[`${what}:${subject}`]?.at ?? null;
  const document = { v: 'halligan/duty/v1', duty: what, about: subject, last } as const;
  await device.say(
    proven,
    'attest',
    {
      subject: subjectOf(what, subject),
      purpose: 'real',
      what: 'duty',
      digest: digestOf(document),
    },
    { document },
  );
  show(context.terminal, { duty: what, about: subject }, [
    `Noted: ${what} of ${subject} was done. What is due next: halligan obligations.`,
  ]);
}
