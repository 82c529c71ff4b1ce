import { HalliganError } from '@halligan/format';
import { Command } from 'commander';
import { backupCommands } from '../backup/commands.ts';
import type { Context } from '../commands.ts';
import { contextOf } from '../context.ts';
import { cosignCommands } from '../cosign-commands.ts';
import { envelopeCommands } from '../custody/envelope-commands.ts';
import { placeCommands } from '../custody/place-commands.ts';
import { doctorCommand } from '../doctor/doctor-command.ts';
import { emergencyCommands } from '../emergency/commands.ts';
import { evidenceCommands } from '../evidence/commands.ts';
import { genesisCommand } from '../first-run/genesis-command.ts';
import { initCommand } from '../first-run/init-command.ts';
import { joinCommand } from '../first-run/join-command.ts';
import { keyCommand } from '../first-run/key-command.ts';
import { journalCommands } from '../journal-commands.ts';
import { kitCommand } from '../kit/kit-commands.ts';
import { alertCommands } from '../organisation/alert-commands.ts';
import { organisationCommands } from '../organisation-commands.ts';
import { routinesCommand } from '../routines/routines-command.ts';
import { sealCommands } from '../seal-commands.ts';
import { serverCommands } from '../server-commands.ts';
import type { Terminal } from '../terminal.ts';
import { vaultCommands } from '../vault/commands.ts';
import { verifyCommand } from '../verify-command.ts';
import { exampleOf } from './examples.ts';
import { treeCommands } from './tree-commands.ts';
import { versionCommand } from './version-command.ts';
import { everyCommand, placed } from './walk.ts';

/** The groups of the help, each with its commands in the order of use. What no group names stands last. */
export const GROUPS: readonly (readonly [heading: string, commands: readonly string[]])[] = [
  ['In an emergency:', ['emergency', 'kit', 'envelope', 'vault', 'review']],
  ['Day by day:', ['obligations', 'findings', 'duty', 'drill', 'routines']],
  ['What is kept:', ['person', 'policy', 'system', 'account', 'seal', 'place', 'alert']],
  ['Proof:', ['evidence', 'verify', 'journal', 'cosign']],
  ['This device:', ['join', 'key', 'doctor', 'completion', 'man', 'version']],
  ['The server:', ['init', 'genesis', 'server', 'backup']],
];

/**
 * Every command there is, with its place in the help and an example.
 * @param exits takes the exit code of a command that ends well but has something to say by it
 */
export function commandTree(root: Command, known: Context, exits: (code: number) => void): Command {
  const commands = [
    ...emergencyCommands(known),
    evidenceCommands(known, exits),
    ...organisationCommands(known, exits),
    routinesCommand(known),
    sealCommands(known),
    placeCommands(known),
    envelopeCommands(known),
    vaultCommands(known, exits),
    initCommand(known),
    genesisCommand(known),
    joinCommand(known),
    ...serverCommands(known),
    backupCommands(known),
    alertCommands(known, exits),
    ...cosignCommands(known),
    ...journalCommands(known),
    keyCommand(known),
    doctorCommand(known, exits),
    kitCommand(known),
    verifyCommand(known, exits),
    ...treeCommands(known, root),
    versionCommand(known),
  ];
  const order = GROUPS.flatMap(([, names]) => names);
  const rank = (command: Command) => {
    const at = order.indexOf(command.name());
    return at < 0 ? order.length : at;
  };
  for (const command of commands.toSorted((a, b) => rank(a) - rank(b))) {
    const [heading] = GROUPS.find(([, names]) => names.includes(command.name())) ?? [];
    if (heading !== undefined) command.helpGroup(heading);
    root.addCommand(command);
  }
  for (const { path, command, children } of everyCommand(placed(root))) {
    // Added commands know nothing of their parent’s settings: how to fail, and where to write.
    if (command.parent !== null) command.copyInheritedSettings(command.parent);
    const example = exampleOf(path, children[0]?.path);
    if (example !== undefined) command.addHelpText('after', `\nExample:\n  halligan ${example}`);
  }
  return root;
}

/** The whole tree, to look at: its commands have nothing to work with. */
export function wholeTree(): Command {
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
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.say(text.trimEnd()),
    })
    .showSuggestionAfterError()
    .showHelpAfterError('hint: see --help.');
}
