import { HalliganError, type Json } from '@halligan/format';
import { type Departure, departureOf, removalOf } from '@halligan/procedure';
import { linkDigest } from '@halligan/statement';
import { Command } from 'commander';
import { type Context, show } from '../commands.ts';
import { wholeStateAndEmergencies } from '../whole-state.ts';
import { send } from './proposal.ts';

/** `halligan person remove`: somebody leaves. What follows is shown before anything is signed. */
export function removalCommand(context: Context): Command {
  return new Command('remove')
    .description('take somebody off the roster, after looking at what follows from it')
    .argument('<person>', 'their id')
    .option('--dry-run', 'show what follows; sign nothing', false)
    .option('--yes', 'do not ask', false)
    .option('--proposal <file>', 'write it for another admin to sign, instead of sending it')
    .action(async (person: string, asked: { dryRun: boolean; yes: boolean; proposal?: string }) => {
      const { terminal } = context;
      const device = await context.device();
      const proven = await device.prove();
      const { roster } = proven.state;
      const now = new Date().toISOString();
      const departure = departureOf(
        await wholeStateAndEmergencies(device),
        person,
        [device.person],
        now,
      );
      if ('refusal' in departure)
        throw new HalliganError(
          departure.refusal.rule,
          departure.refusal.why,
          departure.refusal.next,
        );
      const lines = linesOf(departure);
      if (asked.dryRun) return show(terminal, departure, lines);
      for (const line of lines) terminal.say(line);
      if (!asked.yes) {
        const typed = await terminal.ask(`Type ${person} to take them off the roster (--yes):`);
        if (typed !== person)
          throw new HalliganError('cli.cancelled', 'Cancelled.', 'Nothing was changed.');
      }
      if (roster === undefined) return;
      const link = removalOf(roster, person);
      const subject = linkDigest(link);
      const signed = [await device.sign(proven, 'roster.change', { subject, purpose: 'real' })];
      await send(
        context,
        { kind: 'roster.change', document: link as unknown as Json, signed },
        asked.proposal,
      );
      terminal.say(nextOf(departure, subject, asked.proposal !== undefined));
    });
}

/** What a person reads before they sign. */
function linesOf(departure: Departure): readonly string[] {
  const { person, roles, groups, lost, rotate, emergencies, places, named, duties, missing } =
    departure;
  const list = (title: string, items: readonly string[]) =>
    items.length === 0 ? [] : [`  ${title}: ${items.join(', ')}`];
  return [
    `${person} (${roles.join(', ') || 'no role'}) leaves:`,
    ...groups.map(
      ({ name, need, left }) =>
        `  group ${name}: ${left.length} left (${left.join(', ') || 'nobody'})${need === 0 ? '' : `, ${need} needed`}${need > 0 && left.length === need ? ': everybody left must be there' : ''}`,
    ),
    ...lost.map(
      ({ tier, path }) =>
        `  warning: nobody can open ${tier} by its path “${path}” any more, once it is sealed anew. Put others into the groups: halligan person group`,
    ),
    ...list('to be rotated, because they hold a share', rotate),
    ...list('emergencies in which they take part', emergencies.map(short)),
    ...list(
      'places that they can get into (halligan place access, and change the combination)',
      places,
    ),
    ...list('named as', named),
    ...list(
      'due from nobody else',
      duties.map(({ what, about }) => `${what} (${short(about)})`),
    ),
    missing.length === 0
      ? '  It takes effect at once.'
      : `  It takes effect after 48 h, or when these have signed: ${missing
          .map(
            ({ from, group, need, have }) =>
              `${need - have} more of ${from}${group === undefined ? '' : ` of ${group}`}`,
          )
          .join(', ')}.`,
  ];
}

function nextOf({ missing, rotate }: Departure, digest: string, proposed: boolean): string {
  if (proposed) return 'Next: whoever is missing signs the file, one after the other.';
  if (missing.length > 0)
    return `Next: they agree with halligan policy consent ${digest.slice(0, 12)}.`;
  return rotate.length === 0 ? 'Next: halligan findings.' : 'Next: halligan obligations.';
}

/** An emergency’s digest as people type it. */
function short(id: string): string {
  return /^[0-9a-f]{64}$/.test(id) ? id.slice(0, 12) : id;
}
