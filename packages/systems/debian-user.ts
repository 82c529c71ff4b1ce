import { spawnSync } from 'node:child_process';
import { componentMissing } from './component.ts';

/** Whom a program runs as; empty: this process's own user. */
export type RunAs = { readonly uid: number; readonly gid: number } | Record<never, never>;

/**
 * Who a database that does not run as root runs as: this process's user, or where that is root the user that Debian's
 * package makes for it. @throws `systems.component-missing`
 */
export function debianUser(name: string, debianPackage: string): RunAs {
  if (process.getuid?.() !== 0) return {};
  const ask = (what: string) => spawnSync('id', [what, name], { encoding: 'utf8' }).stdout;
  const [uid, gid] = [Number.parseInt(ask('-u'), 10), Number.parseInt(ask('-g'), 10)];
  if (Number.isNaN(uid)) throw componentMissing(`the user ${name}`, debianPackage);
  return { uid, gid };
}

/**
 * Runs a program that prepares something, with no environment but the path, and gives what it printed.
 * @param input SQL with verifiers or hashes, never with a password: complaints about it are kept
 * @throws what `failed` makes of its last words
 */
export function runAs(
  user: RunAs,
  program: string,
  parameters: readonly string[],
  { input = '', failed }: { readonly input?: string; readonly failed: (said: string) => Error },
): string {
  const done = spawnSync(program, parameters, {
    ...user,
    input,
    cwd: '/',
    encoding: 'utf8',
    timeout: 120_000,
    env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' },
  });
  if (done.status === 0) return done.stdout.trimEnd();
  throw failed(`${done.stderr ?? done.error?.message}`.slice(-2000));
}
