import type { Command } from 'commander';
import type { Context } from '../commands.ts';
import type { Terminal } from '../terminal.ts';

/** The argument that names an emergency. */
export const ID = '[emergency]';
export const ID_HELP = 'beginning of its id; may be left out while only one is open';

/** What the commands of `halligan emergency` are made with. */
export interface EmergencyGroup {
  readonly context: Context;
  readonly terminal: Terminal;
  readonly add: (name: string, description: string) => Command;
  /** Prints what became of it: as JSON, or as the lines that a person reads. */
  readonly done: (result: object, ...lines: readonly string[]) => void;
}
