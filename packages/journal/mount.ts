/**
 * For tests: file systems that are read-only, or full. Permissions do not stop root, so they are mounted, in a
 * mount namespace that ends with the process in it.
 */
import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';

/** Ways to a mount namespace: as root, as a user who may become root, as a user where the kernel lets them. */
const WAYS: readonly (readonly [string, ...string[]])[] = [
  ['unshare', '-m'],
  ['sudo', '-n', 'unshare', '-m'],
  ['unshare', '-rm'],
];

const way = WAYS.find(
  ([program, ...before]) =>
    spawnSync(program, [...before, 'sh', '-c', 'mount -t tmpfs tmpfs /mnt']).status === 0,
);

/** Why tests with mounts cannot run here; false where they can. */
export const cannotMount: false | string =
  way === undefined ? 'mounting needs Linux and root, or user namespaces' : false;

/**
 * Runs a program text (an ECMAScript module in which `import`s from `./` mean this folder) after a piece of shell,
 * both with `$folder` (`process.env.folder`). Returns what it printed, parsed as JSON. @throws with its complaints
 */
export function runMounted(folder: string, shell: string, program: string): unknown {
  const [command = '', ...before] = way ?? [];
  const here = pathToFileURL(`${import.meta.dirname}/`).href;
  const text = program.replaceAll("from './", `from '${here}`);
  // As arguments, because sudo forgets the environment.
  const script = `export folder="$1"; shift; ${shell}\nexec "$@"`;
  const node = [process.execPath, '--input-type=module', '-e', text];
  const done = spawnSync(command, [...before, 'sh', '-ec', script, 'sh', folder, ...node], {
    encoding: 'utf8',
  });
  if (done.status !== 0) throw new Error(`${done.stderr}${done.stdout}`);
  return JSON.parse(done.stdout);
}
