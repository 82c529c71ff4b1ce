import { HalliganError } from '@halligan/format';
import type { Command } from 'commander';

/** Where an agent listens and what it keeps, as its own package has it: named here so that help loads none of it. */
export const SOCKET = '/run/halligan-device/agent.sock';
export const FOLDER = '/var/lib/halligan-device';

export interface Places {
  readonly folder: string;
  readonly socket: string;
}

/** Adds the options that say where the agent's things are. */
export function placesOf(command: Command): Command {
  return command
    .option('--folder <folder>', 'what the agent keeps', FOLDER)
    .option('--socket <path>', 'where the agent listens', SOCKET);
}

/** The agent of the machine is root's alone; one in a folder of somebody's own, for a trial, is theirs. */
export function isTheirs({ folder, socket }: Places): boolean {
  return process.getuid?.() === 0 || (folder !== FOLDER && socket !== SOCKET);
}

/** @throws `device.root` where the agent is not theirs who ask */
export function requireRoot(places: Places): void {
  if (isTheirs(places)) return;
  throw new HalliganError(
    'device.root',
    'The agent of this machine is root’s alone.',
    'Run this as root: sudo halligan device ….',
  );
}
