import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { HalliganError } from '@halligan/format';
import type { Context } from './commands.ts';
import { personId } from './first-run/person-id.ts';
import type { Kept } from './kept.ts';
import { isKitOpen } from './kit/open-kit.ts';
import type { PersonHome } from './person-home.ts';
import type { Terminal } from './terminal.ts';

/**
 * What commands work with.
 * @param org what --org names, once the arguments are read
 * @param kept from the commands before this one, in the same process
 */
export function contextOf(
  terminal: Terminal,
  environment: Context['environment'],
  org: () => string | undefined,
  kept?: Kept,
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
  // What speaks to a server or opens keys is loaded by whoever needs it: the help and the completions do not.
  const home = async (otherwise?: string) => {
    const { PersonHome } = await import('./person-home.ts');
    const given = environment.HALLIGAN_PERSON_HOME;
    if (given !== undefined) return PersonHome.open(given, agent);
    const known = named() ?? otherwise ?? onlyHome(join(base, 'halligan'));
    return PersonHome.open(personFolder(personId(known)), agent);
  };
  const ask = () => terminal.askSecret('Passphrase of your key:');
  const once = <T>(make: () => Promise<T>) => {
    let made: Promise<T> | undefined;
    return () => {
      made ??= make();
      return made;
    };
  };
  const kitDevice = once(async () => {
    const { KitDevice } = await import('./kit/kit-device.ts');
    return new KitDevice(await joined(home()), ask);
  });
  const serverDevice = once(async () => {
    const own = await joined(home());
    const { Api } = await import('./api.ts');
    const { Device } = await import('./device.ts');
    const { url, certificate } = own.facts;
    const api = new Api(url, certificate, terminal.say, kept?.session(url));
    return new Device(own, ask, 'current', api, kept);
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
      if (!isKitOpen(own)) return serverDevice();
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
        const { writeNewFileDurably } = await import('@halligan/journal');
        await writeNewFileDurably(path, bytes);
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

/**
 * The one organisation that this device has keys for: nobody should have to recall its name at night.
 * @throws `cli.no-home` where it has none, `cli.usage` where it has several
 */
function onlyHome(folder: string): string {
  const [home, ...others] = globSync('*/person.json', { cwd: folder }).map(dirname);
  if (home === undefined)
    throw new HalliganError(
      'cli.no-home',
      'There are no keys of yours on this device.',
      `Join an organisation: halligan join. Are they in another folder than ${folder}, name it in HALLIGAN_PERSON_HOME.`,
    );
  if (others.length === 0) return home;
  throw new HalliganError(
    'cli.usage',
    'Which organisation? You have keys for several.',
    `Give --org, or set HALLIGAN_ORG: ${[home, ...others].join(', ')}.`,
  );
}

/** A home that knows whom it speaks to. @throws `cli.not-joined` */
async function joined(opening: Promise<PersonHome>): Promise<PersonHome> {
  const home = await opening;
  // Reading the pins refuses a home without any.
  void home.pins;
  return home;
}
