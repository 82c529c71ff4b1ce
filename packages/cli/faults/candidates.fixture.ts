import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { proveKit } from '@halligan/evidence';
import { HalliganError, utf8 } from '@halligan/format';
import { openShare, parseCredential, readKit, recoverCredential, type Seal } from '@halligan/seal';
import type { Driver } from '@halligan/systems';
import { PersonHome } from '../person-home.ts';
import { ORGANISATION } from '../practice/organisation.ts';
import { personFolder } from '../practice/people.ts';

/** Three holders of the offline path, who are there when no server is. */
const CAME = [
  ['keyholders', 'ana'],
  ['keyholders', 'ben'],
  ['executives', 'dana'],
] as const;

/** A sealed version of an account, and whether the real system lets it in. */
export interface Candidate {
  readonly version: number;
  readonly signsIn: boolean;
}

/**
 * Opens every version of an account that the kit on the memory stick holds, with three people's keys and no server,
 * and tries each on the real system, as people would: first the versions that Halligan names. A success forgives the
 * failures that systems count; who began with versions that it does not name would lock the account.
 * @param named versions, in the order in which people try them
 */
export async function candidatesOf(
  root: string,
  account: { readonly id: string; readonly name: string },
  driver: Driver,
  named: readonly number[],
): Promise<readonly Candidate[]> {
  const file = join(root, 'practice', 'kits', 'usb-stick', `${ORGANISATION}.halligan-kit`);
  const home = await PersonHome.open(personFolder(root, 'ana'));
  const { identity } = await home.keys(nobodyAsks);
  const { seals } = await proveKit(
    (await readKit(await readFile(file), identity)).files,
    home.pins,
  );
  const found: Candidate[] = [];
  const versions = [...seals]
    .filter(([place]) => place.startsWith(`${account.id}/`))
    .map(([place, seal]) => ({ version: Number(place.split('/')[1]), seal }))
    .sort((a, b) => rank(a.version, named) - rank(b.version, named) || b.version - a.version);
  for (const { version, seal } of versions)
    found.push({ version, signsIn: await signsIn(root, account.name, seal, driver) });
  const alive = versions.find(({ version }) =>
    found.some((one) => one.version === version && one.signsIn),
  );
  // Once more, so that the failures of the others are forgiven.
  if (alive !== undefined) await signsIn(root, account.name, alive.seal, driver);
  return found;
}

function rank(version: number, named: readonly number[]): number {
  const place = named.indexOf(version);
  return place < 0 ? named.length : place;
}

async function signsIn(root: string, name: string, seal: Seal, driver: Driver): Promise<boolean> {
  const shares = await Promise.all(
    CAME.map(async ([group, holder]) => {
      const home = await PersonHome.open(personFolder(root, holder));
      const { identity } = await home.keys(nobodyAsks);
      return openShare({ seal, path: 'offline', group, holder, identity });
    }),
  );
  const credential = await recoverCredential({ seal, path: 'offline', shares });
  const { password } = parseCredential(credential);
  return (await driver.prove(name, utf8(password))) === 'accepted';
}

async function nobodyAsks(): Promise<never> {
  throw new HalliganError('cli.no-terminal', 'Practice keys have no passphrase.', 'Look at why.');
}
