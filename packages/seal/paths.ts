import { HalliganError } from '@halligan/format';

/** `need` of `holders`. Holders are ids of people, or of the releaser. */
export interface PathGroup {
  readonly name: string;
  readonly need: number;
  readonly holders: readonly string[];
}

/** One way to open a seal: all its groups together. A seal's paths are alternatives. */
export interface Path {
  readonly name: string;
  readonly groups: readonly PathGroup[];
}

/** Where a share belongs. A holder who is in two groups has two shares. */
export interface SharePlace {
  readonly path: string;
  readonly group: string;
  readonly holder: string;
}

/** Ids in seals are file names too, so they do not begin with a dash. */
export const ID = /^[a-z0-9][a-z0-9-]{0,62}$/;

const MAX_PATHS = 16;
/** SLIP-39 counts groups, and members of a group, in four bits. */
const MAX_SHARES = 16;
/** Where one of a group is enough its holders have copies, which SLIP-39 does not count. */
const MAX_COPIES = 64;

/**
 * Checks that these paths can be sealed and that none lets a holder open alone.
 * @throws `seal.paths` (none, or more than the limits), `seal.name`, `seal.duplicate`, `seal.empty-group`,
 *   `seal.need`, `seal.single-share`, `seal.single-holder`
 */
export function checkPaths(paths: readonly Path[]): void {
  requireCount(paths.length, MAX_PATHS, 'A seal', 'paths');
  requireNames(
    paths.map((path) => path.name),
    'two paths',
  );
  for (const path of paths) {
    requireCount(path.groups.length, MAX_SHARES, `The path ${path.name}`, 'groups');
    requireNames(
      path.groups.map((group) => group.name),
      `two groups of the path ${path.name}`,
    );
    for (const group of path.groups) checkGroup(path, group);
    checkNobodyAlone(path);
  }
}

function checkGroup(path: Path, { name, need, holders }: PathGroup): void {
  const group = `The group ${name} of the path ${path.name}`;
  if (holders.length === 0) {
    throw new HalliganError(
      'seal.empty-group',
      `${group} has no holders.`,
      'Add people to the group, or take it out of the path.',
    );
  }
  requireNames(holders, `two holders of the group ${name}`);
  if (!Number.isInteger(need) || need < 1 || need > holders.length) {
    throw new HalliganError(
      'seal.need',
      `${group} needs ${need} of ${holders.length} holders.`,
      'It needs at least 1 and at most all of them.',
    );
  }
  requireCount(holders.length, need === 1 ? MAX_COPIES : MAX_SHARES, group, 'holders');
}

/** No one alone: not with a path of one share, nor by being in every group of it. */
function checkNobodyAlone({ name, groups }: Path): void {
  if (groups.length === 1 && groups[0]?.need === 1) {
    throw new HalliganError(
      'seal.single-share',
      `The path ${name} would open with a single share.`,
      'Ask for two holders of the group, or add a second group such as the server.',
    );
  }
  const [first, ...others] = groups;
  const alone = first?.holders.find((holder) =>
    [first, ...others].every((group) => group.need === 1 && group.holders.includes(holder)),
  );
  if (alone !== undefined) {
    throw new HalliganError(
      'seal.single-holder',
      `${alone} is in every group of the path ${name} and could open it alone.`,
      'Take this holder out of one of the groups, or ask one of them for two.',
    );
  }
}

function requireNames(names: readonly string[], twice: string): void {
  for (const [at, name] of names.entries()) {
    if (!ID.test(name)) {
      throw new HalliganError(
        'seal.name',
        'A path, group or holder has a name that is not an id.',
        'Ids have 1 to 63 characters of a-z, 0-9 and dash, and do not begin with a dash.',
      );
    }
    if (names.indexOf(name) !== at) {
      throw new HalliganError(
        'seal.duplicate',
        `There are ${twice} called ${name}.`,
        'Name each once: a person counted twice is not a quorum.',
      );
    }
  }
}

function requireCount(count: number, most: number, what: string, of: string): void {
  if (count >= 1 && count <= most) return;
  throw new HalliganError(
    'seal.paths',
    `${what} has ${count} ${of}; it must have 1 to ${most}.`,
    'Change the quorum in the policy.',
  );
}

/** All shares of these paths, in the order in which a seal lists them. */
export function placesOf(paths: readonly Path[]): SharePlace[] {
  return paths.flatMap((path) =>
    path.groups.flatMap((group) =>
      group.holders.map((holder) => ({ path: path.name, group: group.name, holder })),
    ),
  );
}

/** @throws `seal.no-such-path` */
export function pathNamed(paths: readonly Path[], name: string): Path {
  const path = paths.find((one) => one.name === name);
  if (path !== undefined) return path;
  throw new HalliganError(
    'seal.no-such-path',
    'This seal has no such path.',
    `Its paths are: ${paths.map((one) => one.name).join(', ')}.`,
  );
}
