import { join } from 'node:path';
import { parseArgs } from 'node:util';
import about from '../package.json' with { type: 'json' };
import { FOLDER, isTheirs, type Places, SOCKET } from './places.ts';

/**
 * How Node is started for an agent, which stays for months in little memory: little room for garbage, of which it makes
 * little, memory before speed, and no inspector by a signal.
 */
export const AGENT_FLAGS = [
  '--max-semi-space-size=1',
  '--optimize-for-size',
  '--disable-sigusr1',
] as const;

/** What starts the agent's program: from its bundle, where that is of these very sources. */
export function agentProgram(): string {
  return join(import.meta.dirname, '..', '..', '..', 'bin', 'device-agent.mjs');
}

/** Replaces this very process, so with its id, by the agent. Returns only where a platform cannot. */
export function becomeAgent({ folder, socket, config }: Places & { config?: string }): void {
  const places = ['--folder', folder, '--socket', socket, '--version', about.version];
  const more = config === undefined ? [] : ['--config', config];
  process.execve?.(
    process.execPath,
    [process.execPath, ...AGENT_FLAGS, agentProgram(), ...places, ...more],
    { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled') },
  );
}

/**
 * Becomes the agent before anything else is loaded, where a command line asks for it and for nothing besides. Returns
 * for every other one, and for what is to be refused: the command itself says why.
 * @param argv what follows the script
 */
export function becomeAgentAtOnce(argv: readonly string[]): void {
  if (argv[0] !== 'device' || argv[1] !== 'agent') return;
  const asked = agentWanted(argv.slice(2));
  if (asked !== undefined && isTheirs(asked)) becomeAgent(asked);
}

function agentWanted(args: readonly string[]): (Places & { config?: string }) | undefined {
  const option = { type: 'string' } as const;
  const options = { config: option, folder: option, socket: option };
  try {
    const {
      folder = FOLDER,
      socket = SOCKET,
      config,
    } = parseArgs({ args: [...args], options }).values;
    return { folder, socket, ...(config === undefined ? {} : { config }) };
  } catch {
    return undefined;
  }
}
