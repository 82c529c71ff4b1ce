import { mkdirSync, statSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Keeps compiled code from one start to the next: it halves the start of every command. What lies there is run as code,
 * so it must be nobody's but this user's; where that is not sure, nothing is kept.
 */
export function keepCompiled(environment: NodeJS.ProcessEnv): void {
  const folder = compiledFolder(environment);
  if (folder !== undefined) enableCompileCache(folder);
}

/** The user's own folder of compiled code; undefined where there cannot be one. */
export function compiledFolder(environment: NodeJS.ProcessEnv): string | undefined {
  const base = environment.XDG_CACHE_HOME ?? join(environment.HOME ?? homedir(), '.cache');
  const folder = join(base, 'halligan', 'compiled');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { uid, mode } = statSync(folder);
    const own = process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0);
    return own ? folder : undefined;
  } catch {
    return undefined;
  }
}
