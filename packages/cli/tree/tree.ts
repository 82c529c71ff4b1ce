import { HalliganError } from '@halligan/format';
import { Command } from 'commander';
import type { Context } from '../commands.ts';
import { contextOf } from '../context.ts';
import type { Terminal } from '../terminal.ts';
import { exampleOf } from './examples.ts';
import { type Exits, TABLE } from './table.ts';
import { everyCommand, placed } from './walk.ts';

/** Commands that say something of the whole tree: it is all there when they run. */
const OF_THE_TREE = ['completion', 'man'];

/**
 * The commands with their place in the help and an example.
 * @param wanted the one command that is loaded, `every` for all; the others are a name and a line of help
 * @param exits takes the exit code of a command that ends well but has something to say by it
 */
export async function commandTree(
  root: Command,
  known: Context,
  exits: Exits,
  wanted: string | undefined,
): Promise<Command> {
  const every = wanted === 'every' || OF_THE_TREE.includes(wanted ?? '');
  for (const [heading, rows] of TABLE)
    for (const { name, description, load } of rows) {
      const command =
        every || name === wanted
          ? await load(known, exits, root)
          : new Command(name).description(description);
      root.addCommand(command.helpGroup(heading));
    }
  for (const { path, command, children } of everyCommand(placed(root))) {
    // Added commands know nothing of their parent’s settings: how to fail, and where to write.
    if (command.parent !== null) command.copyInheritedSettings(command.parent);
    const example = exampleOf(path, children[0]?.path);
    if (example !== undefined) command.addHelpText('after', `\nExample:\n  halligan ${example}`);
  }
  return root;
}

/** The command below `halligan` that a command line names; undefined where it names none. */
export function namedCommand(operands: readonly string[]): string | undefined {
  return operands[0] === 'help' ? operands[1] : operands[0];
}

/** The whole tree, to look at: its commands have nothing to work with. */
export function wholeTree(): Promise<Command> {
  const silent = () => undefined;
  const nothing = async () => {
    throw new HalliganError('cli.fault', 'This tree is only looked at.', 'Run halligan.');
  };
  const terminal = {
    ...{ json: false, out: silent, say: silent },
    ...{ ask: nothing, askSecret: nothing, showSecret: nothing },
  };
  const root = bareProgram(terminal);
  return commandTree(
    root,
    contextOf(terminal, {}, () => undefined),
    silent,
    'every',
  );
}

/** The program without any command. */
export function bareProgram(terminal: Pick<Terminal, 'out' | 'say'>): Command {
  return new Command('halligan')
    .description('Emergency access: sealed credentials that only a quorum opens.')
    .option('--org <organisation>', 'which organisation’s keys to use')
    .option('--json', 'print data as JSON')
    .option('--no-input', 'never ask; fail where an answer is missing')
    .option('--passphrase-file <file>', 'read the key’s passphrase from a file')
    .option('--version', 'say which version this is')
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.say(text.trimEnd()),
    })
    .showSuggestionAfterError()
    .showHelpAfterError('hint: see --help.');
}
