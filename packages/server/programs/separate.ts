import { chown, mkdir, readdir, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HalliganError } from '@halligan/format';
import { syncFolder, WriterLock } from '@halligan/journal';
import { readSettings, serverHome, writeSettings } from '../home.ts';
import { SOCKETS } from './systemd-units.ts';
import type { Program } from './transport.ts';

/** A user, by number. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

const PROGRAMS: readonly Program[] = ['releaser', 'rotator'];

/**
 * Gives releaser and rotator their keys in folders of their own users, and has the server ask them by socket: from then
 * on a break-in into the server is not one into them. As root, with the server stopped.
 * @param programs the folder that gets a folder for each, on the same file system as the home
 * @param owners the programs' users
 * @param sockets the folder where their units listen
 * @throws `journal.locked` while the server runs, `server.separated` where it was done, `server.separate`
 */
export async function separatePrograms(
  root: string,
  programs: string,
  owners: Readonly<Record<Program, Owner>>,
  sockets: string = SOCKETS,
): Promise<void> {
  const home = serverHome(root);
  const placeOf = (program: Program) => ({
    socket: join(sockets, `${program}.sock`),
    keys: join(programs, program),
  });
  const settings = await readSettings(home);
  if (settings.programs !== undefined)
    throw new HalliganError(
      'server.separated',
      'Releaser and rotator run under users of their own already.',
      'See systemctl status halligan-rotator.socket.',
    );
  const lock = WriterLock.take(home.journal);
  try {
    for (const program of PROGRAMS) {
      const { keys } = placeOf(program);
      await mkdir(dirname(keys), { recursive: true, mode: 0o755 });
      await handOver(join(home.keys, program), keys, owners[program]);
    }
    // Last: until this is written, the server looks for them where they were, and says so.
    await writeSettings(home, {
      ...settings,
      programs: {
        releaser: placeOf('releaser'),
        rotator: placeOf('rotator'),
      },
    });
  } finally {
    lock.release();
  }
}

/** Moves a folder of keys and gives it away. Done twice, it goes on where it was cut short. */
async function handOver(from: string, to: string, { uid, gid }: Owner): Promise<void> {
  try {
    if ((await stat(from).catch(() => undefined)) !== undefined) {
      await rename(from, to);
      syncFolder(dirname(to));
    }
    for (const name of ['', ...(await readdir(to, { recursive: true }))])
      await chown(join(to, name), uid, gid);
  } catch (cause) {
    throw new HalliganError(
      'server.separate',
      `The keys in ${from} cannot be handed over to ${to}.`,
      'Run this as root, with both folders on one file system. Nothing is lost: run it again.',
      { cause },
    );
  }
}
