import { homedir } from 'node:os';
import { join } from 'node:path';

/** The server's data folder: HALLIGAN_HOME, or by XDG. */
export function dataFolder(environment: Readonly<Record<string, string | undefined>>): string {
  return (
    environment.HALLIGAN_HOME ??
    join(
      environment.XDG_DATA_HOME ?? join(environment.HOME ?? homedir(), '.local', 'share'),
      'halligan',
    )
  );
}
