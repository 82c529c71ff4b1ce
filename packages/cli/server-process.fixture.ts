import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A server as a process of its own. */
export interface ServerProcess {
  readonly url: string;
  readonly pid: number;
  /** What it said on standard error, so far. */
  readonly said: readonly string[];
  /** Resolves when it has ended, however. */
  readonly ended: Promise<void>;
  readonly isRunning: () => boolean;
  /** Ends it like a power cut. */
  readonly kill: () => Promise<void>;
  /** Ends it as an operator does. */
  readonly stop: () => Promise<void>;
}

/** What a server's process is given besides what every one has. */
export interface Given {
  /** Node's own parameters. */
  readonly node: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Starts `halligan server` on a data folder.
 * @param moment when it is to kill itself; see dying-server.fixture.ts
 */
export async function startServerProcess(
  root: string,
  moment?: string,
  given: Given = { node: [], environment: {} },
): Promise<ServerProcess> {
  const script = moment === undefined ? '../../bin/halligan.mjs' : 'dying-server.fixture.ts';
  const parameters = moment === undefined ? ['server'] : [root, ...moment.split(' ')];
  const argv = [...given.node, join(import.meta.dirname, script), ...parameters];
  const child = spawn(process.execPath, argv, {
    env: { HALLIGAN_HOME: root, ...given.environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  // It ends with us, whatever ends us.
  const orphaned = () => child.kill('SIGKILL');
  process.once('exit', orphaned);
  child.once('close', () => process.off('exit', orphaned));
  const said: string[] = [];
  const url = await listening(child, said);
  const { pid } = child;
  if (pid === undefined) throw new Error('a process that listens has an id');
  const end = async (signal: 'SIGKILL' | 'SIGTERM') => {
    child.kill(signal);
    await ended;
  };
  return {
    url,
    pid,
    said,
    ended,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  };
}

function listening(child: ChildProcess, said: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    if (child.stderr === null) throw new Error('standard error is not piped');
    createInterface({ input: child.stderr }).on('line', (line) => {
      said.push(line);
      const url = /Listening on (http[^\s"]+)\./.exec(line)?.[1];
      if (url !== undefined) resolve(url);
    });
    child.once('close', () => reject(new Error(`the server did not start: ${said.join('\n')}`)));
  });
}
