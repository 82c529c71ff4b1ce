import { type ChildProcess, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { HalliganError } from '@halligan/format';

/** What a program did. What it printed is its word: parsed, never shown. */
export interface ProgramRan {
  readonly exit: number | undefined;
  readonly out: string;
}

/** Most bytes of standard output that are read. */
const LIMIT = 256 << 10;

/** The whole environment: what this process was started with is nobody else's business. */
const ENVIRONMENT = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };

/**
 * Runs a program with secrets on its standard input and on descriptors 3, 4, …; standard error is dropped, because it
 * could quote them. A program that outlives its time is killed with all that it started.
 * @param descriptors written whole and ended, in order
 * @throws `systems.program-missing`, `systems.timeout`
 */
export async function runProgram(
  program: string,
  parameters: readonly string[],
  input: Uint8Array | undefined,
  descriptors: readonly Uint8Array[],
  timeout: number,
): Promise<ProgramRan> {
  const [file, argv] = throughPipes(program, parameters, descriptors.length);
  const child = spawn(file, argv, {
    cwd: '/',
    env: ENVIRONMENT,
    // A group of its own, so that ending it ends what it started.
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore', ...descriptors.map(() => 'pipe' as const)],
  });
  const timer = setTimeout(() => endGroup(child), timeout);
  try {
    return await new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let size = 0;
      child.once('error', () => reject(programMissing(program)));
      child.once('close', (exit, signal) => {
        if (signal === 'SIGKILL') return reject(tooLate(timeout));
        resolve({ exit: exit ?? undefined, out: Buffer.concat(chunks).toString('utf8') });
      });
      child.stdout?.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size <= LIMIT) chunks.push(chunk);
      });
      for (const [at, bytes] of [input, undefined, undefined, ...descriptors].entries())
        give(child.stdio[at], at === 1 || at === 2 ? undefined : (bytes ?? new Uint8Array()));
    });
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Node's own pipes are sockets, which programs can read but not reopen as `/dev/fd/3`. A shell of fixed text puts
 * real pipes in their place; it sees no secret in its arguments, and the program's are passed through untouched.
 */
function throughPipes(
  program: string,
  parameters: readonly string[],
  descriptors: number,
): readonly [file: string, argv: readonly string[]] {
  if (descriptors === 0) return [program, [...parameters]];
  const last = 2 + descriptors;
  let script = 'exec 0<&9 9<&-; exec "$@"';
  for (let fd = last; fd >= 3; fd -= 1) script = `cat <&${fd} | { exec ${fd}<&0; ${script}; }`;
  return ['/bin/sh', ['-c', `exec 9<&0; ${script}`, 'halligan', program, ...parameters]];
}

/** A program need not read what it is given. */
function give(stream: unknown, bytes: Uint8Array | undefined): void {
  if (bytes === undefined || !isWritable(stream)) return;
  stream.on('error', () => undefined);
  const copy = Buffer.from(bytes);
  stream.end(copy, () => copy.fill(0));
}

function isWritable(stream: unknown): stream is Writable {
  return typeof stream === 'object' && stream !== null && 'end' in stream;
}

function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself meanwhile.
  }
}

export function programMissing(program: string): HalliganError {
  return new HalliganError(
    'systems.program-missing',
    `${program} is not there, or cannot be run.`,
    'Install it on the server’s machine, for the rotator to run.',
  );
}

function tooLate(timeout: number): HalliganError {
  return new HalliganError(
    'systems.timeout',
    `The program did not end within ${timeout} ms and was killed.`,
    'What was asked may or may not have been done: prove which password works.',
  );
}
