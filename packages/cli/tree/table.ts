import type { Command } from 'commander';
import type { Context } from '../commands.ts';

/** Takes the exit code of a command that ends well but has something to say by it. */
export type Exits = (code: number) => void;

/** A command below `halligan`: what the help says of it, and where the rest is. */
export interface Row {
  readonly name: string;
  /** As the command says it of itself; here so that the help loads no command. */
  readonly description: string;
  /** Loads the module of this command, and with it whatever the command needs. */
  readonly load: (context: Context, exits: Exits, root: Command) => Promise<Command>;
}

/**
 * Every command below `halligan`, in the groups of the help, each in the order of use. A command is loaded when it
 * runs: whoever asks for a note does not wait for a PDF library.
 */
export const TABLE: readonly (readonly [heading: string, rows: readonly Row[]])[] = [
  [
    'In an emergency:',
    [
      {
        name: 'emergency',
        description: 'declare, authorise, open, use, end, review and close',
        load: async (context) =>
          (await import('../emergency/commands.ts')).emergencyCommand(context),
      },
      {
        name: 'kit',
        description: 'what is needed when the server is gone',
        load: async (context) => (await import('../kit/kit-commands.ts')).kitCommand(context),
      },
      {
        name: 'envelope',
        description: 'tamper-evident envelopes: one serial, one place',
        load: async (context) =>
          (await import('../custody/envelope-commands.ts')).envelopeCommands(context),
      },
      {
        name: 'vault',
        description:
          'vaults that keep seals (OpenBao, 1Password, Bitwarden); a vault’s own unsealing',
        load: async (context, exits) =>
          (await import('../vault/commands.ts')).vaultCommands(context, exits),
      },
      {
        name: 'review',
        description: 'the review of an emergency: write it, sign it',
        load: async (context) => (await import('../emergency/commands.ts')).reviewCommand(context),
      },
    ],
  ],
  [
    'Day by day:',
    [
      {
        name: 'obligations',
        description: 'what is due, from whom, by when',
        load: async (context) =>
          (await import('../organisation/duty-commands.ts')).obligationsCommand(context),
      },
      {
        name: 'findings',
        description: 'what is not as it should be, gravest first',
        load: async (context) =>
          (await import('../organisation/finding-commands.ts')).findingsCommand(context),
      },
      {
        name: 'duty',
        description: 'standing duties: reviews, checks, PINs',
        load: async (context) =>
          (await import('../organisation/duty-commands.ts')).dutyCommands(context),
      },
      {
        name: 'drill',
        description: 'practise the procedure; what was measured, and last tested',
        load: async (context) => (await import('../emergency/commands.ts')).drillCommands(context),
      },
      {
        name: 'routines',
        description:
          'write the routines from the policy and the inventory, and the dates as a calendar',
        load: async (context) =>
          (await import('../routines/routines-command.ts')).routinesCommand(context),
      },
    ],
  ],
  [
    'What is kept:',
    [
      {
        name: 'person',
        description: 'who people are',
        load: async (context) =>
          (await import('../organisation/person-commands.ts')).personCommands(context),
      },
      {
        name: 'policy',
        description: 'the rules that the organisation adopted',
        load: async (context) =>
          (await import('../organisation/policy-commands.ts')).policyCommands(context),
      },
      {
        name: 'system',
        description: 'the systems whose accounts are kept',
        load: async (context, exits) =>
          (await import('../system-commands.ts')).systemCommands(context, exits),
      },
      {
        name: 'account',
        description: 'emergency accounts',
        load: async (context) =>
          (await import('../organisation/account-commands.ts')).accountCommands(context),
      },
      {
        name: 'machine',
        description: 'machines that report what happens on them',
        load: async (context) => (await import('../machine/commands.ts')).machineCommands(context),
      },
      {
        name: 'seal',
        description: 'what is sealed, to whom, and whether it opens',
        load: async (context) => (await import('../seal-commands.ts')).sealCommands(context),
      },
      {
        name: 'place',
        description: 'where envelopes lie, and who gets in',
        load: async (context) =>
          (await import('../custody/place-commands.ts')).placeCommands(context),
      },
      {
        name: 'alert',
        description: 'who learns of emergencies, and whether they do',
        load: async (context, exits) =>
          (await import('../organisation/alert-commands.ts')).alertCommands(context, exits),
      },
    ],
  ],
  [
    'Proof:',
    [
      {
        name: 'evidence',
        description: 'records: read, print, pack, verify, hold, erase',
        load: async (context, exits) =>
          (await import('../evidence/commands.ts')).evidenceCommands(context, exits),
      },
      {
        name: 'verify',
        description: 'verify an evidence pack, or a .tlog-proof of one entry, offline',
        load: async (context, exits) =>
          (await import('../verify-command.ts')).verifyCommand(context, exits),
      },
      {
        name: 'journal',
        description: 'the log itself: show, prove, export, verify',
        load: async (context) => (await import('../journal-commands.ts')).journalCommands(context),
      },
      {
        name: 'cosign',
        description: 'watch logs, so that nobody rewrites them unseen',
        load: async (context) => (await import('../cosign-commands.ts')).cosignCommands(context),
      },
    ],
  ],
  [
    'This device:',
    [
      {
        name: 'join',
        description: 'join an organisation from this device, or follow its server to a new address',
        load: async (context) =>
          (await import('../first-run/join-command.ts')).joinCommand(context),
      },
      {
        name: 'key',
        description: 'your own key: its recovery words, and the way back',
        load: async (context) => (await import('../first-run/key-command.ts')).keyCommand(context),
      },
      {
        name: 'doctor',
        description:
          'would it work tonight? keys, pins, server, clock, kits, disk; each with its fix',
        load: async (context, exits) =>
          (await import('../doctor/doctor-command.ts')).doctorCommand(context, exits),
      },
      {
        name: 'device',
        description: 'offline sign-in on this Linux machine',
        load: async (context, exits) =>
          (await import('../offline-sign-in/commands.ts')).deviceCommands(context, exits),
      },
      {
        name: 'offline-breakglass',
        description: 'let people sign in offline for a while, or no longer with --ttl 0 (as root)',
        load: async (context) =>
          (await import('../offline-sign-in/breakglass-command.ts')).breakglassCommand(
            context,
            'offline-breakglass',
          ),
      },
      {
        name: 'completion',
        description: 'completions for a shell, to be put where it looks for them',
        load: async (context, _exits, root) =>
          (await import('./tree-commands.ts')).completionCommand(context, root),
      },
      {
        name: 'man',
        description: 'the manual of every command: halligan man > halligan.1',
        load: async (context, _exits, root) =>
          (await import('./tree-commands.ts')).manualCommand(context, root),
      },
      {
        name: 'version',
        description: 'this program’s version, the rules that it knows, and what it runs on',
        load: async (context) => (await import('./version-command.ts')).versionCommand(context),
      },
    ],
  ],
  [
    'The server:',
    [
      {
        name: 'init',
        description: 'found an organisation in HALLIGAN_HOME; two admins sign it, then --finish',
        load: async (context) =>
          (await import('../first-run/init-command.ts')).initCommand(context),
      },
      {
        name: 'genesis',
        description: 'the organisation’s beginning',
        load: async (context) =>
          (await import('../first-run/genesis-command.ts')).genesisCommand(context),
      },
      {
        name: 'server',
        description: 'run the server of HALLIGAN_HOME',
        load: async (context) => (await import('../server-commands.ts')).serverCommands(context),
      },
      {
        name: 'backup',
        description: 'the server’s data, for another machine',
        load: async (context) => (await import('../backup/commands.ts')).backupCommands(context),
      },
    ],
  ],
];
