import type { ProvenState } from '@halligan/evidence';
import { digestOf } from '@halligan/format';
import { Command } from 'commander';
import type { Context } from '../commands.ts';
import { putEntry } from './entry.ts';
import { plainJson } from './signed-entry.ts';

/** `halligan person describe | training`: what somebody's work is, and what they were trained for. */
export function personEntryCommands(context: Context): readonly Command[] {
  const describe = new Command('describe')
    .description('say what somebody’s work is')
    .argument('<person>', 'their id')
    .option('--title <title>', 'their title')
    .option('--daily-admin', 'administers the systems day by day')
    .option('--no-daily-admin', 'does not')
    .action(async (id: string, asked: { title?: string; dailyAdmin?: boolean }) => {
      const proven = await (await context.device()).prove();
      const { title, dailyAdmin } = asked;
      const changes = {
        ...(title === undefined ? {} : { title }),
        ...(dailyAdmin === undefined ? {} : { daily_admin: dailyAdmin }),
      };
      await put(context, proven, id, changes, `${id} is described.`);
    });
  const training = new Command('training')
    .description('note that somebody was trained, and until when that holds')
    .argument('<person>', 'their id')
    .requiredOption('--course <id>', 'which training')
    .requiredOption('--done <date>', 'when it was done: 2026-03-02')
    .requiredOption('--expires <date>', 'until when it holds: 2027-03-02')
    .action(async (id: string, asked: { course: string; done: string; expires: string }) => {
      const proven = await (await context.device()).prove();
      const before = proven.state.standing.people[id]?.training ?? [];
      const { course, done, expires } = asked;
      const others = before.filter((one) => one.course !== course);
      const changes = { training: [...others, { course, done, expires }] };
      await put(context, proven, id, changes, `${id}: ${course} holds until ${expires}.`);
    });
  return [describe, training];
}

/** Puts a person's entry, or a changed one in place of it. */
async function put(
  context: Context,
  proven: ProvenState,
  id: string,
  changes: object,
  done: string,
): Promise<void> {
  const { people } = proven.state.standing;
  const current = Object.hasOwn(people, id) ? people[id] : undefined;
  const entry = {
    v: 'halligan/inventory/v1',
    add: 'person',
    ...current,
    ...changes,
    id,
    ...(current === undefined ? {} : { previous: digestOf(plainJson(current)) }),
  };
  await putEntry(context, proven, entry, { done });
}
