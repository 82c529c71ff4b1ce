import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { HalliganError } from '@halligan/format';

/**
 * The path of a program that drills and tests start. Debian keeps servers where not everybody's PATH leads.
 * @param elsewhere further folders
 * @throws `systems.component-missing`
 */
export function findProgram(
  name: string,
  debianPackage: string,
  elsewhere: readonly string[] = [],
): string {
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    ...['/usr/sbin', '/usr/local/sbin'],
    ...elsewhere,
  ];
  // Without a PATH, or with a relative one, a program of that name in the present folder would be started.
  const whole = folders.filter((folder) => folder.startsWith('/'));
  const found = whole.map((folder) => join(folder, name)).find(isExecutable);
  if (found !== undefined) return found;
  throw componentMissing(name, debianPackage);
}

export function componentMissing(what: string, debianPackage: string): HalliganError {
  return new HalliganError(
    'systems.component-missing',
    `The system to practise on needs ${what}, which is not installed here.`,
    `Install Debian's package ${debianPackage}: apt-get install ${debianPackage}`,
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
