/**
 * Loaded before a program (`--import`): every Argon2id and scrypt call of it, and of the programs that it starts, is
 * noted in the file that HALLIGAN_BENCH_KEYS names, a JSON line each. With HALLIGAN_BENCH_KEYS_CHEAP they are asked for
 * the least memory and work instead: the check words of all devices still agree, only quickly.
 *
 * A run loads a copy without its types (`practice-run.ts`), and it imports nothing: an import evaluates every member of a
 * module of Node's, which the program itself does not.
 */
import type child_process from 'node:child_process';
import type crypto from 'node:crypto';

const platform = process.getBuiltinModule('node:crypto');
const processes = process.getBuiltinModule('node:child_process');
const { appendFileSync } = process.getBuiltinModule('node:fs');
const { HALLIGAN_BENCH_KEYS: file = '', HALLIGAN_BENCH_KEYS_CHEAP: cheap } = process.env;
const { argon2, scrypt } = platform;
const { spawn } = processes;

function noted<Answer extends readonly unknown[]>(
  what: string,
  callback: (...answer: Answer) => void,
): (...answer: Answer) => void {
  const started = performance.now();
  return (...answer) => {
    appendFileSync(file, `${JSON.stringify({ what, ms: performance.now() - started })}\n`);
    callback(...answer);
  };
}

const countedArgon2: typeof argon2 = (algorithm, parameters, callback) =>
  argon2(
    algorithm,
    cheap === undefined ? parameters : { ...parameters, memory: 8, passes: 1 },
    noted(algorithm, callback),
  );

function countedScrypt(
  password: crypto.BinaryLike,
  salt: crypto.BinaryLike,
  size: number,
  options: crypto.ScryptOptions,
  callback: (error: Error | null, key: Buffer) => void,
): void {
  const asked = cheap === undefined ? options : { ...options, N: 2 };
  scrypt(password, salt, size, asked, noted('scrypt', callback));
}

function spawnCounted(
  program: string,
  parameters: readonly string[],
  options: child_process.SpawnOptions,
): child_process.ChildProcess {
  if (program !== process.execPath) return spawn(program, parameters, options);
  return spawn(program, ['--import', import.meta.filename, ...parameters], {
    ...options,
    env: {
      ...(options.env ?? process.env),
      HALLIGAN_BENCH_KEYS: file,
      ...(cheap === undefined ? {} : { HALLIGAN_BENCH_KEYS_CHEAP: cheap }),
    },
  });
}

Object.assign(platform, { argon2: countedArgon2, scrypt: countedScrypt });
Object.assign(processes, { spawn: spawnCounted });
process.getBuiltinModule('node:module').syncBuiltinESMExports();
