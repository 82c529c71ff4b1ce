import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { type Context, show } from '../commands.ts';
import { dataFolder } from '../data-folder.ts';
import { EXIT } from '../exit-codes.ts';
import { type Check, checkLines } from './check.ts';
import { personChecks } from './person-checks.ts';
import { serverChecks } from './server-checks.ts';

/**
 * `halligan doctor`: would it work tonight? The data folder of a server where there is one, and this person's device
 * where it has keys.
 * @param exits 1 where anything fails
 */
export function doctorCommand(context: Context, exits: (code: number) => void): Command {
  return new Command('doctor')
    .description('would it work tonight? keys, pins, server, clock, kits, disk; each with its fix')
    .action(async () => {
      const checks: Check[] = [];
      const root = dataFolder(context.environment);
      if (existsSync(join(root, 'server.json'))) {
        context.terminal.say(`Looking at the server’s data in ${root} …`);
        checks.push(...(await serverChecks(root)));
        // Who runs a server need not be anybody in the organisation.
        if (await hasKeys(context)) checks.push(...(await personChecks(context)));
      } else checks.push(...(await personChecks(context)));
      const ill = checks.some(({ level }) => level === 'fail');
      show(context.terminal, { ok: !ill, checks }, checkLines(checks));
      if (ill) exits(EXIT.failed);
    });
}

async function hasKeys(context: Context): Promise<boolean> {
  try {
    await context.home();
    return true;
  } catch {
    return false;
  }
}
