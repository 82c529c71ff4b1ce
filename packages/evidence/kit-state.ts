import {
  canonicalBytes,
  fromHex,
  HalliganError,
  type Json,
  parseCanonical,
  sameBytes,
} from '@halligan/format';
import type { State } from '@halligan/procedure';
import { parseSeal, type Seal } from '@halligan/seal';
import type { Role } from '@halligan/statement';
import { HASH_SIZE, rootOfHashes } from '@halligan/tlog';
import { claimedSigner, requireInForce } from './log-identity.ts';
import { type DevicePins, genesisOf, type ProvenState } from './proven-state.ts';
import { replay } from './replay.ts';
import { type Group, provenGroups, transcriptOf, verifyCheckpoint } from './transcript.ts';

/** Most bytes of a kit's transcript. */
const TRANSCRIPT_LIMIT = 128 << 20;

/** What a kit proved of itself to a device, with no server. */
export interface ProvenKit extends ProvenState {
  /** Every sealed version that may still open something, by `<account>/<version>`. */
  readonly seals: ReadonlyMap<string, Seal>;
}

/**
 * Proves a kit's content. Whoever wrote or found the kit is the adversary: what counts is the log's signature under
 * the kit's checkpoint, the growth of the log since the device last looked, the genesis that people compared, and that
 * every entry follows the rules. What is in the kit for people to read must say the same.
 * @param files of an opened kit
 * @throws `kit.file`, `kit.history`, `seal.damaged`, `evidence.*`, `tlog.*`, `statement.*`
 */
export async function proveKit(
  files: ReadonlyMap<string, Uint8Array>,
  pins: DevicePins,
): Promise<ProvenKit> {
  const transcript = transcriptOf(
    parseCanonical(fileIn(files, 'transcript.json'), TRANSCRIPT_LIMIT),
  );
  const genesis = { origin: pins.origin, logKey: pins.logKey };
  const log = claimedSigner(transcript, [genesis, ...(pins.log === undefined ? [] : [pins.log])]);
  const anchor = await verifyCheckpoint(transcript.checkpoint, log.logKey, log.origin);
  requireOneHistory(fileIn(files, 'leaves.bin'), anchor, pins);
  const groups = provenGroups(transcript, anchor);
  if (genesisOf(groups) !== pins.genesis)
    throw new HalliganError(
      'evidence.genesis',
      'This kit’s record begins with another roster than the one that was compared.',
      'Sign nothing and release nothing from this kit. Use another copy, and tell security.',
    );
  const { state } = await replay(groups, kitStreams(groups));
  requireInForce(groups, genesis, log, anchor.size, pins.log);
  for (const [name, expected] of readableFiles(state))
    if (!sameBytes(fileIn(files, name), expected))
      throw kitError(`${name} does not say what the record says`);
  return { state, anchor, groups, log, seals: sealsOf(files, state) };
}

/** The streams that a kit holds: the organisation, and every account that it ever had. */
function kitStreams(groups: readonly Group[]): ReadonlySet<string> {
  const accounts = groups.flatMap(({ events }) =>
    events.flatMap(({ type, data }) =>
      type === 'AccountAdded' ? [`account:${data.account}`] : [],
    ),
  );
  return new Set(['organisation', ...accounts]);
}

/** What a kit says of the organisation for people to read: derived from the record, so that it can be held to it. */
export function readableFiles(state: State): ReadonlyMap<string, Uint8Array> {
  const policy = state.policy === undefined ? undefined : state.policies[state.policy];
  const accounts = Object.fromEntries(
    Object.entries(state.accounts).map(([id, { document, current }]) => [
      id,
      { ...document, current },
    ]),
  );
  const inventory = { systems: state.systems, accounts };
  return new Map([
    ['roster.json', canonicalBytes((state.roster ?? null) as unknown as Json)],
    ['policy.json', canonicalBytes((policy ?? null) as unknown as Json)],
    ['inventory.json', canonicalBytes(inventory as unknown as Json)],
  ]);
}

const READERS: readonly Role[] = [
  'custodian',
  'executive',
  'approver',
  'deputy',
  'witness',
  'security',
];

/**
 * The recipients of everybody whom an emergency needs while the server is gone: they can read the kit, and what is
 * passed between devices that work from it.
 */
export function kitReaders({ roster, policy, policies }: State): readonly string[] {
  const inForce = policy === undefined ? undefined : policies[policy];
  const approvers = new Set(Object.values(inForce?.approvers ?? {}).flat());
  const readers = (roster?.members ?? []).filter(
    ({ id, kind, roles }) =>
      kind === 'person' && (approvers.has(id) || roles.some((role) => READERS.includes(role))),
  );
  return [...new Set(readers.map(({ recipient }) => recipient))];
}

/** The versions whose seals a kit holds: what is not retired opens, or is just being set. */
export function sealedVersions(state: State): readonly {
  readonly account: string;
  readonly version: number;
  readonly digest: string;
}[] {
  return Object.entries(state.accounts).flatMap(([account, { versions }]) =>
    Object.entries(versions)
      .filter(([, version]) => !version.retired)
      .map(([version, { digest }]) => ({ account, version: Number(version), digest })),
  );
}

function sealsOf(files: ReadonlyMap<string, Uint8Array>, state: State): ReadonlyMap<string, Seal> {
  return new Map(
    sealedVersions(state).map(({ account, version, digest }) => {
      const folder = `seals/${account}/${version}/`;
      const own = new Map(
        [...files]
          .filter(([name]) => name.startsWith(folder))
          .map(([name, bytes]) => [name.slice(folder.length), bytes]),
      );
      if (own.size === 0) throw kitError(`the seal of ${account}, version ${version}, is missing`);
      return [`${account}/${version}`, parseSeal(own, digest)];
    }),
  );
}

/** The hashes of all leaves prove the kit's tree, and that it grew from the one that this device last saw. */
function requireOneHistory(
  leaves: Uint8Array,
  anchor: { readonly size: number; readonly root: Uint8Array },
  { seen }: DevicePins,
): void {
  if (leaves.length !== anchor.size * HASH_SIZE) throw kitError('leaves.bin has another size');
  const rootAt = (size: number) =>
    rootOfHashes(
      Array.from({ length: size }, (_, at) =>
        leaves.subarray(at * HASH_SIZE, (at + 1) * HASH_SIZE),
      ),
    );
  if (!sameBytes(rootAt(anchor.size), anchor.root))
    throw kitError('leaves.bin are not the leaves of its checkpoint');
  if (seen.size > anchor.size) return;
  if (!sameBytes(rootAt(seen.size), fromHex(seen.root)))
    throw new HalliganError(
      'kit.history',
      'This kit is of another history than your device has seen.',
      'Sign nothing and release nothing from this kit. Use another copy, and tell security.',
    );
}

/** @throws `kit.file` */
function fileIn(files: ReadonlyMap<string, Uint8Array>, name: string): Uint8Array {
  const bytes = files.get(name);
  if (bytes === undefined) throw kitError(`${name} is missing`);
  return bytes;
}

function kitError(why: string): HalliganError {
  return new HalliganError(
    'kit.file',
    `This kit is refused: ${why}.`,
    'Use another copy of the kit. Where all are alike, tell security, and open by hand only among people who know each other.',
  );
}
