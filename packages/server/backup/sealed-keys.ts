import { chmod, mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HalliganError, openContainer, packContainer } from '@halligan/format';
import { writeFileDurably } from '@halligan/journal';
import { pathsOf, SERVER_GROUP, type State } from '@halligan/procedure';
import {
  decryptWith,
  encryptTo,
  generateIdentity,
  parseCredential,
  recipientOf,
  type Seal,
  sealCredential,
} from '@halligan/seal';

/** What the seal of a backup's keys is called where an account stands. */
export const BACKUP_ACCOUNT = 'halligan-backup';
/** Bytes of all keys of a server: a few kilobytes for each emergency that has texts. */
const MOST = 256 << 20;

/**
 * The keys of a server, sealed to the custodians: whoever finds a backup has no key of the log, no share of the
 * server's and no driver's credential. One age identity opens them; it is the credential of a seal like any other, so
 * that the same quorum, the same check words and the same way by hand apply.
 * @param version counts backups: the size of the log that they are of
 * @throws `backup.no-path` where every path needs the server, which is what is gone
 */
export async function sealKeys(
  folders: ReadonlyMap<string, string>,
  state: State,
  facts: { readonly version: number; readonly created: string },
): Promise<{ readonly seal: Seal; readonly ciphertext: Uint8Array }> {
  const { roster, policy: digest } = state;
  const paths = pathsWithoutServer(state);
  if (roster === undefined || digest === undefined || paths.length === 0)
    throw new HalliganError(
      'backup.no-path',
      'No path of the policy opens without the server, and a backup is for when it is gone.',
      'Adopt a policy with such a path, as offline: [2 of keyholders, 1 of executives].',
    );
  const identity = generateIdentity(roster.recipients);
  const seal = await sealCredential({
    credential: { kind: 'private-key', username: BACKUP_ACCOUNT, password: identity },
    organisation: roster.organisation,
    account: BACKUP_ACCOUNT,
    version: Math.max(1, facts.version),
    created: facts.created,
    policy: digest,
    roster: roster.digest,
    paths,
    recipients: new Map(roster.members.map((member) => [member.id, member.recipient])),
    kind: roster.recipients,
  });
  const packed = packContainer('keys', await keyFiles(folders));
  try {
    return { seal, ciphertext: await encryptTo([await recipientOf(identity)], packed) };
  } finally {
    packed.fill(0);
  }
}

/**
 * Writes a server's keys into a new home. @param credential of the backup's seal, opened by a quorum
 * @throws `backup.damaged`, `seal.wrong-key`
 */
export async function unsealKeys(
  ciphertext: Uint8Array,
  credential: Uint8Array,
  keysFolder: string,
): Promise<void> {
  const { password: identity } = parseCredential(credential);
  const packed = await decryptWith(identity, ciphertext, 'The backup’s keys', MOST);
  const { files } = openContainer('keys', packed);
  for (const [name, bytes] of files) {
    const path = join(keysFolder, name);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFileDurably(path, bytes);
    await chmod(path, 0o600);
    bytes.fill(0);
  }
  packed.fill(0);
}

/** Paths of every tier that people can satisfy, by names that stay distinct. */
function pathsWithoutServer(state: State) {
  const { roster, policy: digest } = state;
  const policy = digest === undefined ? undefined : state.policies[digest];
  if (roster === undefined || policy === undefined) return [];
  const tiers = Object.keys(policy.quorums).sort();
  // The strictest way would be lost in many: the first tier by name that has one decides.
  for (const tier of tiers) {
    const paths = pathsOf(policy, tier)
      .filter(({ groups }) => groups.every(({ name }) => name !== SERVER_GROUP))
      .map(({ name, groups }) => ({
        name,
        groups: groups.map((group) => ({
          ...group,
          holders: [...(roster.groups[group.name] ?? [])],
        })),
      }))
      .filter(({ groups }) => groups.every(({ need, holders }) => holders.length >= need));
    if (paths.length > 0) return paths;
  }
  return [];
}

/**
 * Everything in the folders of keys but what is made again by itself.
 * @param folders by the prefix that their files get, such as `rotator/`
 * @throws `backup.keys` where one cannot be read
 */
async function keyFiles(
  folders: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const [prefix, folder] of folders) await addFiles(files, prefix, folder);
  return files;
}

async function addFiles(
  files: Map<string, Uint8Array>,
  prefix: string,
  folder: string,
): Promise<void> {
  try {
    await collect(files, prefix, folder);
  } catch (cause) {
    throw new HalliganError(
      'backup.keys',
      `The keys in ${folder} cannot be read.`,
      'Back up as root where releaser and rotator run under users of their own: without their keys a backup is none.',
      { cause },
    );
  }
}

async function collect(
  files: Map<string, Uint8Array>,
  prefix: string,
  folder: string,
): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const name = join(entry.parentPath, entry.name).slice(folder.length + 1);
    if (!entry.isFile() || name.startsWith('compiled/') || entry.name.startsWith('.')) continue;
    files.set(`${prefix}${name}`, await readFile(join(folder, name)));
  }
}
