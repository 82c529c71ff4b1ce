import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** Milliseconds for a server of ours to listen, and to end when asked, on a loaded machine. */
const PATIENCE = 30_000;

/** A server that ends with this process, whatever ends it. */
export function endsWithUs(child: ChildProcess): void {
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  child.once('exit', () => process.off('exit', end));
}

/** Ends this child and no other. May be called twice. @param signal how this program is asked to end */
export async function endChild(
  child: ChildProcess,
  signal: 'SIGTERM' | 'SIGINT' = 'SIGTERM',
): Promise<void> {
  if (hasEnded(child)) return;
  const exit = once(child, 'exit');
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
  await exit;
  clearTimeout(timer);
}

/** Tries to connect until it works, the child ends, or patience does. */
export async function listens(
  child: ChildProcess,
  port: number,
  host = '127.0.0.1',
): Promise<boolean> {
  const giveUp = performance.now() + PATIENCE;
  while (!hasEnded(child) && performance.now() < giveUp) {
    if (await answers(port, host)) return true;
    await pause(5);
  }
  return false;
}

/** Waits until the log of a server that listens says that it is ready. @returns whether it ever did */
export async function says(log: string, words: string): Promise<boolean> {
  const giveUp = performance.now() + PATIENCE;
  while (performance.now() < giveUp) {
    if ((await readFile(log, 'utf8')).includes(words)) return true;
    await pause(10);
  }
  return false;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
}

function answers(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once('connect', () => socket.end(() => resolve(true)));
    socket.once('error', () => resolve(false));
  });
}
