import type { Command } from 'commander';
import type { Context } from './commands.ts';
import { accountCommands } from './organisation/account-commands.ts';
import { dutyCommands, obligationsCommand } from './organisation/duty-commands.ts';
import { findingsCommand } from './organisation/finding-commands.ts';
import { personCommands } from './organisation/person-commands.ts';
import { policyCommands } from './organisation/policy-commands.ts';
import { systemCommands } from './system-commands.ts';

/**
 * `halligan person`, `policy`, `system`, `account`, `obligations`, `duty`, `findings`: what an admin sets up and
 * everybody reads.
 * @param exits takes the exit code of a check that found something
 */
export function organisationCommands(
  context: Context,
  exits: (code: number) => void,
): readonly Command[] {
  return [
    personCommands(context),
    policyCommands(context),
    systemCommands(context, exits),
    accountCommands(context),
    obligationsCommand(context),
    dutyCommands(context),
    findingsCommand(context),
  ];
}
