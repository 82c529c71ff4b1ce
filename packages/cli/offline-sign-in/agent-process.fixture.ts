import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Ended, program } from '../run.fixture.ts';

/** A machine's agent as the process that systemd starts, in a folder of a test's own. */
export interface AgentProcess {
  readonly pid: number;
  readonly socket: string;
  /** The agent's folder. */
  readonly folder: string;
  /** What it said on standard error, so far. */
  readonly said: readonly string[];
  /** Resolves once it says it, or has. */
  readonly saying: (what: RegExp) => Promise<void>;
  readonly kill: (signal: 'SIGKILL' | 'SIGTERM' | 'SIGHUP') => void;
  /** Resolves when it has ended, however. */
  readonly ended: Promise<void>;
  /** Runs `halligan device …` on this agent. */
  readonly device: (...parameters: readonly string[]) => Promise<Ended>;
}

/** How `halligan device agent` is started from its source. */
const FROM_SOURCE = [join(import.meta.dirname, '..', 'halligan.ts'), 'device', 'agent'];

/**
 * Starts `halligan device agent`; resolves when it listens.
 * @param root holds `device.conf`, and the agent's things after it
 * @param start what Node is given to start it
 * @throws where it ends before
 */
export async function startAgentProcess(
  root: string,
  environment: Readonly<Record<string, string>> = {},
  start: readonly string[] = FROM_SOURCE,
): Promise<AgentProcess> {
  const places = ['--folder', join(root, 'kept'), '--socket', join(root, 'run', 'agent.sock')];
  const child = spawn(
    process.execPath,
    [...start, '--config', join(root, 'device.conf'), ...places],
    { env: { PATH: process.env.PATH, ...environment }, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const orphaned = () => child.kill('SIGKILL');
  process.once('exit', orphaned);
  child.once('close', () => process.off('exit', orphaned));
  const said: string[] = [];
  const lines = createInterface({ input: child.stderr });
  lines.on('line', (line) => said.push(line));
  const saying = async (what: RegExp) => {
    while (!said.some((line) => what.test(line))) {
      await Promise.race([once(lines, 'line'), ended]);
      if (child.exitCode !== null || child.signalCode !== null) break;
    }
    if (!said.some((line) => what.test(line)))
      throw new Error(`the agent ended: ${said.join(' ')}`);
  };
  await saying(/^Ready at /);
  const { pid } = child;
  if (pid === undefined) throw new Error('a process that listens has an id');
  return {
    ...{ pid, said, saying, ended },
    ...{ folder: join(root, 'kept'), socket: join(root, 'run', 'agent.sock') },
    kill: (signal) => void child.kill(signal),
    device: (...parameters) =>
      program('halligan.ts', ['device', ...parameters, ...places], environment),
  };
}
