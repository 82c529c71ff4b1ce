import { compiledFolder } from './compile-cache.ts';

/**
 * Room for young objects, MB: Node sets aside three times as much, and keeps it. By itself it takes 16, a third of what
 * a server has in memory in all, for the sake of work that makes more garbage than a server's.
 */
const YOUNG = '--max-semi-space-size=2';

/**
 * Runs `halligan server` again in this very process, so with its id, as a program that stays: with less room for
 * garbage, and with what strips types never loaded, once everything is compiled. Returns for every other command, and
 * where the room was chosen already, by us or by who started it.
 * @param argv what follows the script
 */
export function becomeLean(argv: readonly string[], environment: NodeJS.ProcessEnv): void {
  const flags = [...process.execArgv, environment.NODE_OPTIONS ?? ''].join(' ');
  // Not on Windows.
  if (argv.at(-1) !== 'server' || process.execve === undefined || flags.includes('semi-space'))
    return;
  const compiled = compiledFolder(environment);
  process.execve(
    process.execPath,
    [process.execPath, ...process.execArgv, YOUNG, ...process.argv.slice(1)],
    { ...environment, ...(compiled === undefined ? {} : { NODE_COMPILE_CACHE: compiled }) },
  );
}
