import { execFile } from 'node:child_process';
import type { Configuration } from '../configuration/configuration.ts';

type Lists = Pick<Configuration, 'allowUsers' | 'allowGroups'>;

/**
 * Whether somebody may sign in offline by the configuration's lists: by name, or by a group; everybody where there is
 * none. Names are compared as providers do, without case.
 * @param groupsOf what the machine itself says (NSS), asked only where it matters
 */
export async function isListed(
  name: string,
  { allowUsers, allowGroups }: Lists,
  groupsOf: (name: string) => Promise<readonly string[]>,
): Promise<boolean> {
  if (allowUsers === undefined && allowGroups === undefined) return true;
  const has = (list: readonly string[] = [], one: string) =>
    list.some((other) => other.toLowerCase() === one.toLowerCase());
  if (has(allowUsers, name)) return true;
  if (allowGroups === undefined) return false;
  return (await groupsOf(name)).some((group) => has(allowGroups, group));
}

/** The groups of a name, as NSS has them: local ones, SSSD's, whoever's. None where the name is not known, or nothing answers. */
export function machineGroupsOf(name: string): Promise<readonly string[]> {
  return new Promise((resolve) => {
    // `-z`: names of groups may hold spaces.
    execFile('id', ['-Gnz', '--', name], { timeout: 5000 }, (error, printed) =>
      resolve(error === null ? printed.split('\0').filter((group) => group !== '') : []),
    );
  });
}
