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

/**
 * That the agent of the machine is root's alone; one in a folder of somebody's own, for a trial, is theirs.
 * @throws `device.root`
 */
export function requireRoot({ folder, socket }: Places): void {
  if (process.getuid?.() === 0 || (folder !== FOLDER && socket !== SOCKET)) return;
  throw new HalliganError(
    'device.root',
    'The agent of this machine is root’s alone.',
    'Run this as root: sudo halligan device ….',
  );
}
