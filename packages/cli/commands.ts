import { globSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { HalliganError } from '@halligan/format';
import { CommanderError } from 'commander';
import { Api } from './api.ts';
import { Device } from './device.ts';
import { EXIT, exitCodeOfError } from './exit-codes.ts';
import { personId } from './first-run/person-id.ts';
import { KitDesk } from './kit/kit-desk.ts';
import { KitDevice } from './kit/kit-device.ts';
import { PersonHome } from './person-home.ts';
import type { AgentAccess } from './signing-key-file.ts';
import type { Terminal } from './terminal.ts';
import { bareProgram, commandTree } from './tree/tree.ts';

/** What a command gets: the terminal, and the person's device once it is needed. */
export interface Context {
  readonly terminal: Terminal;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The ssh-agent of this session, and how to ask for a touch. */
  readonly agent: AgentAccess;
  /** The person's device for the organisation that --org or HALLIGAN_PERSON_HOME names. */
  readonly device: () => Promise<Device>;
  /** The same person's device as it works from a kit, or is about to. */
  readonly kitDevice: () => Promise<KitDevice>;
  /** The same person's device as it speaks to the server, whatever kit is open. */
  readonly serverDevice: () => Promise<Device>;
  /** The organisation that --org or HALLIGAN_ORG names. @throws `cli.usage`, `cli.id` */
  readonly organisation: () => string;
  /** The person's keys and pins, joined or not. @param organisation where --org names none */
  readonly home: (organisation?: string) => Promise<PersonHome>;
  /** Where the person's keys for an organisation live. */
  readonly personFolder: (organisation: string) => string;
  readonly readFile: (path: string) => Promise<Uint8Array>;
  readonly writeFile: (path: string, bytes: Uint8Array) => Promise<void>;
}

/** Prints a result: as JSON, or as the lines that a person reads. */
export function show(terminal: Terminal, result: unknown, lines: readonly string[]): void {
  terminal.out(terminal.json ? JSON.stringify(result) : lines.join('\n'));
}

/**
 * The whole program. @returns the exit code: 0 ok, 1 failed, 2 usage or cancelled, 3 waiting for a quorum, 4 sign-in
 * needed, 5 verification failed, 6 denied
 */
export async function run(
  argv: readonly string[],
  terminal: Terminal,
  environment: Context['environment'],
): Promise<number> {
  let code: number = EXIT.ok;
  const root = bareProgram(terminal);
  const context = contextOf(terminal, environment, () => root.opts<{ org?: string }>().org);
  commandTree(root, context, (exit) => {
    code = exit;
  });
  try {
    const { operands, unknown } = root.parseOptions([...argv]);
    // Bare halligan shows what is due from me.
    const bare = operands.length === 0 && unknown.length === 0;
    await root.parseAsync(bare ? [...argv, 'obligations'] : [...argv], { from: 'user' });
    return code;
  } catch (error) {
    return report(error, terminal);
  }
}

/** The one organisation that this device has keys for: nobody should have to recall its name at night. */
function onlyFolder(folder: string): string | undefined {
  const homes = globSync('*/person.json', { cwd: folder }).map(dirname);
  return homes.length === 1 ? homes[0] : undefined;
}

/** A home that knows whom it speaks to. @throws `cli.not-joined` */
async function joined(opening: Promise<PersonHome>): Promise<PersonHome> {
  const home = await opening;
  // Reading the pins refuses a home without any.
  void home.pins;
  return home;
}

function report(error: unknown, terminal: Terminal): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.ok;
    // What is wrong was said already, with what was meant perhaps.
    const message = error.message.replace(/^error: /, '').replaceAll('\n', ' ');
    const problem = { code: 'cli.usage', message, hint: 'See --help.' };
    if (terminal.json) terminal.out(JSON.stringify({ error: problem }));
    return EXIT.usage;
  }
  if (error instanceof HalliganError) {
    const { code, message, hint } = error;
    if (terminal.json) terminal.out(JSON.stringify({ error: { code, message, hint } }));
    terminal.say(`error: ${message} [${code}]`);
    terminal.say(`hint: ${hint}`);
  } else {
    const message = 'Something failed that should not.';
    const hint = 'Nothing was changed by this command. Run it again, and report it.';
    if (terminal.json)
      terminal.out(JSON.stringify({ error: { code: 'cli.fault', message, hint } }));
    terminal.say(`error: ${message} [cli.fault] ${error instanceof Error ? error.name : ''}`);
    terminal.say(`hint: ${hint}`);
    if (process.env.HALLIGAN_DEBUG === '1' && error instanceof Error)
      terminal.say(error.stack ?? '');
  }
  return exitCodeOfError(error);
}

/** What commands work with. @param org what --org names, once the arguments are read */
export function contextOf(
  terminal: Terminal,
  environment: Context['environment'],
  org: () => string | undefined,
): Context {
  const base = environment.XDG_CONFIG_HOME ?? join(environment.HOME ?? homedir(), '.config');
  const personFolder = (organisation: string) =>
    environment.HALLIGAN_PERSON_HOME ?? join(base, 'halligan', organisation);
  const named = () => org() ?? environment.HALLIGAN_ORG;
  const organisation = () => {
    const name = named();
    if (name !== undefined) return personId(name);
    throw new HalliganError('cli.usage', 'Which organisation?', 'Give --org, or set HALLIGAN_ORG.');
  };
  const agent = { socket: environment.SSH_AUTH_SOCK, say: terminal.say };
  const home = (otherwise?: string) => {
    const given = environment.HALLIGAN_PERSON_HOME;
    if (given !== undefined) return PersonHome.open(given, agent);
    const known = named() ?? otherwise ?? onlyFolder(join(base, 'halligan'));
    return PersonHome.open(
      personFolder(known === undefined ? organisation() : personId(known)),
      agent,
    );
  };
  const ask = () => terminal.askSecret('Passphrase of your key:');
  const once = <T>(make: () => Promise<T>) => {
    let made: Promise<T> | undefined;
    return () => {
      made ??= make();
      return made;
    };
  };
  const kitDevice = once(async () => new KitDevice(await joined(home()), ask));
  const serverDevice = once(async () => {
    const own = await joined(home());
    const { url, certificate } = own.facts;
    return new Device(own, ask, 'current', new Api(url, certificate, terminal.say));
  });
  return {
    terminal,
    environment,
    agent,
    personFolder,
    organisation,
    home,
    kitDevice,
    serverDevice,
    device: async () => {
      const { home: own } = await serverDevice();
      if (!KitDesk.isOpen(own)) return serverDevice();
      terminal.say(
        'Working from a kit, without the server. What you do here is passed on by hand: halligan kit send.',
      );
      return kitDevice();
    },
    readFile: async (path) => {
      try {
        return await readFile(path);
      } catch (cause) {
        throw new HalliganError(
          'cli.file',
          `${path} cannot be read.`,
          'Check the path and its permissions.',
          { cause },
        );
      }
    },
    writeFile: async (path, bytes) => {
      try {
        await writeFile(path, bytes, { flag: 'wx', mode: 0o600 });
      } catch (cause) {
        throw new HalliganError(
          'cli.file',
          `${path} cannot be written.`,
          'It may exist already: nothing is overwritten. Choose another path.',
          { cause },
        );
      }
    },
  };
}
