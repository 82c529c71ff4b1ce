import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { endChild, endsWithUs, listens, says } from './child.ts';
import type { RunAs } from './debian-user.ts';
import { freePort } from './free-port.ts';

/** Another process may take a free port between the look and the start. */
const STARTS = 5;

/** A server program, and how it is seen to be ready. */
interface ServerProgram {
  readonly program: string;
  /** Its parameters, once its files say this port. */
  readonly prepare: (port: number) => Promise<readonly string[]> | readonly string[];
  readonly user: RunAs;
  /** All that it says goes there: it must know no password in the clear. */
  readonly log: string;
  readonly ready: string;
  /** How it is asked to end, at once and in order. */
  readonly signal?: 'SIGTERM' | 'SIGINT';
  readonly failed: (said: string) => Error;
}

/** Starts it as a child that ends with this process. @throws what `failed` makes of where its words are */
export async function startOnPort({
  program,
  prepare,
  user,
  log,
  ready,
  signal = 'SIGTERM',
  failed,
}: ServerProgram): Promise<{ readonly port: number; readonly stop: () => Promise<void> }> {
  for (let start = 1; start <= STARTS; start += 1) {
    const port = await freePort();
    const parameters = await prepare(port);
    const file = openSync(log, 'a', 0o600);
    const child = spawn(program, parameters, { ...user, cwd: '/', stdio: ['ignore', file, file] });
    closeSync(file);
    child.on('error', () => undefined);
    endsWithUs(child);
    if ((await listens(child, port)) && (await says(log, ready)))
      return { port, stop: () => endChild(child, signal) };
    await endChild(child);
  }
  throw failed(`see ${log}`);
}
