import { spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HalliganError, utf8 } from '@halligan/format';
import { Command } from 'commander';
import { type Context, show } from './commands.ts';
import { dataFolder } from './data-folder.ts';

/** Under systemd the data lies here, and each program's keys beside it. */
const HOME = '/var/lib/halligan/server';
const PROGRAMS = '/var/lib/halligan/programs';

/** `halligan server units`: the units of the server and its programs, for systemd. */
export function unitsCommand({ terminal, writeFile }: Context): Command {
  return new Command('units')
    .description('write systemd units: server, releaser and rotator, each under a user of its own')
    .requiredOption('--out <folder>', 'where to; look at them before you install them')
    .option('--home <folder>', 'the server’s data folder', HOME)
    .option('--programs <folder>', 'the programs’ keys', PROGRAMS)
    .option('--node <path>', 'the Node that runs them', process.execPath)
    .action(async (asked: { out: string; home: string; programs: string; node: string }) => {
      const { systemdUnits } = await import('@halligan/server');
      const { out, home, programs, node } = asked;
      const packages = dirname(import.meta.dirname);
      const units = systemdUnits({ node, packages, home, programs });
      await mkdir(out, { recursive: true });
      for (const [name, text] of units) await writeFile(join(out, name), utf8(text));
      show(terminal, { units: [...units.keys()], folder: out }, [
        `Written to ${out}: ${[...units.keys()].join(', ')}.`,
        'Next: docs/guides/systemd.md. The home must belong to the user halligan, and Node and the packages must lie outside /home and /root.',
      ]);
    });
}

/** `halligan server separate`: releaser and rotator under users of their own. */
export function separateCommand({ terminal, environment }: Context): Command {
  return new Command('separate')
    .description('hand the keys of releaser and rotator over to users of their own (as root)')
    .option('--programs <folder>', 'where to', PROGRAMS)
    .action(async ({ programs }: { programs: string }) => {
      const { separatePrograms, userOf } = await import('@halligan/server');
      const owners = { releaser: owner(userOf('releaser')), rotator: owner(userOf('rotator')) };
      await separatePrograms(dataFolder(environment), programs, owners);
      show(terminal, { separated: true, programs }, [
        `The keys of releaser and rotator lie in ${programs}, each its own user’s.`,
        'Next: systemctl enable --now halligan-releaser.socket halligan-rotator.socket halligan.service.',
      ]);
    });
}

/** @throws `server.user` where the system has no such user */
function owner(user: string): { readonly uid: number; readonly gid: number } {
  const number = (flag: string) => spawnSync('id', [flag, user], { encoding: 'utf8' });
  const [uid, gid] = [number('-u'), number('-g')];
  if (uid.status === 0 && gid.status === 0)
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  throw new HalliganError(
    'server.user',
    `This machine has no user “${user}”.`,
    'Install halligan.sysusers first: systemd-sysusers halligan.sysusers.',
  );
}
