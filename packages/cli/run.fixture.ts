import { spawn } from 'node:child_process';
import { join, parse } from 'node:path';
import { text } from 'node:stream/consumers';

/** What a program gave. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Longest that a program of these tests may take, milliseconds. */
const PATIENCE = 480_000;

/** Where the launchers lie: a bundle that is of these very sources starts sooner. */
const LAUNCHERS = join(import.meta.dirname, '../../bin');

/** Runs a program of this package as a process of its own, in an environment that has only what is given. */
export async function program(
  script: 'practice.ts' | 'halligan.ts',
  parameters: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const child = spawn(
    process.execPath,
    [join(LAUNCHERS, `${parse(script).name}.mjs`), ...parameters],
    {
      env: { PATH: process.env.PATH, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: PATIENCE,
    },
  );
  const [out, err, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.once('exit', resolve)),
  ]);
  return { code, out, err };
}
