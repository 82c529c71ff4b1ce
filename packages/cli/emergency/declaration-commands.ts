import { HalliganError } from '@halligan/format';
import {
  CAUSES,
  DRILL_FORMS,
  DRILL_NOTICES,
  SABOTAGES,
  type StatementOf,
} from '@halligan/statement';
import { Command, Option } from 'commander';
import type { Context } from '../commands.ts';
import { convert } from './convert.ts';
import { declare } from './declare.ts';
import { attestationText, evidenceOf, type GivenEvidence } from './evidence-of-failure.ts';
import { type EmergencyGroup, ID, ID_HELP } from './group.ts';
import { spokenRequest } from './spoken-request.ts';

interface Asked extends GivenEvidence {
  readonly account: string;
  readonly reason: string;
  readonly cause: string;
  readonly incident?: string;
  readonly openTicket?: string;
  readonly second?: string;
  readonly alone: boolean;
  readonly approver: string;
  readonly witness?: string;
  readonly title: readonly string[];
}

type Scenario = NonNullable<StatementOf<'declare'>['scenario']>;

interface AskedDrill extends Asked {
  readonly notice: Scenario['notice'];
  readonly form: Scenario['form'];
  readonly sabotage: Scenario['sabotage'];
}

/** `halligan emergency declare` and `convert`. */
export function addDeclaration({ context, add, done }: EmergencyGroup): void {
  declarationOptions(add('declare', 'declare an emergency, or a drill'))
    .option('--drill', 'simulated: the same procedure, marked; see halligan drill start', false)
    .action(async (asked: Asked & { readonly drill: boolean }) => {
      const declared = await declareWith(context, asked, asked.drill);
      done({ emergency: declared.id }, ...declared.lines);
    });
  const converting = add('convert', 'make a drill real: it is approved, joined and opened anew')
    .argument(ID, ID_HELP)
    .requiredOption('--reason <text>', 'what is true now');
  evidenceOptions(converting)
    .option('--cause <cause>', 'why normal access failed, where the drill said otherwise')
    .option('--incident <reference>', 'the ticket, where it is another one')
    .action(
      async (
        id: string | undefined,
        asked: GivenEvidence & { reason: string; cause?: string; incident?: string },
      ) => {
        const now = new Date().toISOString();
        const { attestation, ...rest } = asked;
        const evidence = await evidenceOf(asked, context.readFile, now);
        const attested =
          attestation === undefined ? {} : { attestation: attestationText(attestation, now) };
        const emergency = await convert(await context.device(), id, {
          ...rest,
          evidence,
          ...attested,
        });
        done(
          { emergency, converted: true },
          `REAL now: ${emergency.slice(0, 12)}. Nothing that was decided in the drill counts.`,
          'Next: an approver approves and the second person takes part, again.',
        );
      },
    );
}

/** `halligan drill start`: a declaration that says how the drill is run. */
export function drillCommand(context: Context, done: EmergencyGroup['done']): Command {
  const command = new Command('start').description('declare a drill and say how it is run');
  return declarationOptions(command)
    .addOption(
      new Option('--form <form>', 'how far it goes; a tabletop reveals nothing')
        .choices(DRILL_FORMS)
        .default('technical'),
    )
    .addOption(
      new Option('--notice <notice>', 'whether people were told')
        .choices(DRILL_NOTICES)
        .default('scheduled'),
    )
    .addOption(
      new Option('--sabotage <what...>', 'what an adversarial drill sabotages')
        .choices(SABOTAGES)
        .default([]),
    )
    .action(async ({ form, notice, sabotage, ...asked }: AskedDrill) => {
      const declared = await declareWith(context, asked, true, { form, notice, sabotage });
      done({ emergency: declared.id, scenario: { form, notice, sabotage } }, ...declared.lines);
    });
}

async function declareWith(
  context: Context,
  asked: Asked,
  drill: boolean,
  scenario?: Scenario,
): Promise<{ readonly id: string; readonly lines: readonly string[] }> {
  const now = new Date().toISOString();
  const { second, approver, attestation, openTicket, incident } = asked;
  if ((second === undefined) !== asked.alone)
    throw new HalliganError(
      'cli.usage',
      asked.alone ? 'Alone, or with a second person?' : 'Who is the second person?',
      'Give --second; or --alone, where the policy lets one person go with an executive.',
    );
  const ticket =
    incident ?? (openTicket === undefined ? undefined : `Ticket opened ${now}: ${openTicket}`);
  if (ticket === undefined)
    throw new HalliganError(
      'cli.usage',
      'An incident reference is needed.',
      'Give --incident, or open a ticket now with --open-ticket.',
    );
  const evidence = await evidenceOf(asked, context.readFile, now);
  const id = await declare(await context.device(), {
    account: asked.account,
    reason: asked.reason,
    cause: asked.cause,
    evidence,
    ...(attestation === undefined ? {} : { attestation: attestationText(attestation, now) }),
    incident: ticket,
    ...(second === undefined ? {} : { second }),
    approver,
    ...(asked.witness === undefined ? {} : { witness: asked.witness }),
    ...(asked.title.length === 0 ? {} : { titles: titlesOf(asked.title) }),
    drill,
    ...(scenario === undefined ? {} : { scenario }),
  });
  return {
    id,
    lines: [
      `Declared ${drill ? 'DRILL ' : 'REAL '}${id.slice(0, 12)}.`,
      `Say: ${spokenRequest(asked)}`,
      `Next: ${approver} approves, ${second ?? 'an executive'} takes part. See halligan emergency show.`,
    ],
  };
}

function declarationOptions(command: Command): Command {
  command
    .requiredOption('--account <id>', 'which emergency account')
    .requiredOption('--reason <text>', 'two or three sentences')
    .addOption(
      new Option(
        '--cause <cause>',
        `why normal access failed: ${CAUSES.join(', ')}`,
      ).makeOptionMandatory(),
    );
  return evidenceOptions(command)
    .option('--incident <reference>', 'the ticket')
    .option('--open-ticket <summary>', 'there is no ticket: this is it, opened now')
    .option('--second <person>', 'the second authorised person')
    .option(
      '--alone',
      'without one: only where the policy has the path, and an executive signs first',
      false,
    )
    .requiredOption('--approver <person>', 'whom you ask to approve')
    .option('--witness <person>', 'who observes and holds no share')
    .option(
      '--title <person=title...>',
      'titles of those named, such as ben="database administrator"',
      [],
    );
}

function evidenceOptions(command: Command): Command {
  return command
    .option('--evidence <text...>', 'what shows that normal access failed', [])
    .option('--evidence-file <file...>', 'a log, a screenshot, a saved page', [])
    .option('--status-page <url>', 'the provider’s status page')
    .option('--snapshot <file>', 'the status page as you saw it')
    .option('--attestation <text>', 'your written word, where no evidence can be had');
}

function titlesOf(list: readonly string[]): string {
  return list
    .map((text) => {
      const [, person, title] = /^([a-z0-9-]{1,63})=(.+)$/.exec(text) ?? [];
      if (person === undefined)
        throw new HalliganError(
          'cli.usage',
          `“${text}” is no title.`,
          'Write person=title, such as ben="database administrator".',
        );
      return `${person}: ${title}`;
    })
    .join('\n');
}
