import {
  canonicalBytes,
  HalliganError,
  hex,
  openContainer,
  packContainer,
  sha256,
} from '@halligan/format';
import type { Random } from '@halligan/slip39';
import { damaged, encryptTo } from './age.ts';
import { type Credential, credentialBytes } from './credential.ts';
import {
  CREDENTIAL_FILE,
  HEADER_FILE,
  parseHeader,
  SEAL_VERSION,
  SealFactsSchema,
  type SealHeader,
  shareFile,
} from './header.ts';
import {
  identityOfBytes,
  platformRandom,
  type RecipientKind,
  recipientOf,
  requireOneKind,
} from './identity.ts';
import { checkPaths, type Path } from './paths.ts';
import { commitmentTo, shareText } from './share.ts';
import { type SeedShare, splitSeed } from './split-seed.ts';

/** Where the shares lie in a seal. */
const SHARES = 'shares/';

/** One version of a credential, sealed. Nothing in it is secret to anyone who holds no quorum. */
export interface Seal {
  readonly header: SealHeader;
  /** SHA-256 of seal.json, lower-case hexadecimal. It is journaled, and names every byte of the seal. */
  readonly digest: string;
  /** All files, seal.json among them, by name. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

export interface SealRequest {
  readonly credential: Credential;
  /** Ids. */
  readonly organisation: string;
  readonly account: string;
  /** Counts the account's credentials, from 1. */
  readonly version: number;
  /** RFC 3339, UTC. */
  readonly created: string;
  /** Digests (SHA-256, hexadecimal) of the policy and the roster in force. */
  readonly policy: string;
  readonly roster: string;
  readonly paths: readonly Path[];
  /** The age recipient of every holder, by id. */
  readonly recipients: ReadonlyMap<string, string>;
  /** The organisation's kind of key: of the holders, and of the seal itself. */
  readonly kind: RecipientKind;
  /** For the seed, its split and the seal's id; default: the platform's. Tests pass their own; nothing else should. */
  readonly random?: Random;
}

/**
 * Seals a credential: a fresh 32-byte seed is an age identity, the credential is encrypted to its recipient, and
 * the seed is split along the paths into shares, each encrypted to its holder. Only public recipients are
 * needed: no holder is present, and whoever seals keeps nothing that opens.
 * @throws `seal.credential`, `seal.facts` (an id, version, instant or digest that is none), what `checkPaths`
 *   throws, `seal.no-recipient`, `seal.same-recipient`, `seal.mixed-recipients`, `seal.recipient`
 */
export async function sealCredential(request: SealRequest): Promise<Seal> {
  const credential = credentialBytes(request.credential);
  const facts = checkFacts(request);
  const recipientsOf = checkRecipients(request);
  const { kind, random = platformRandom } = request;

  const name = { ...facts, id: hex(random(16)) };
  const seed = random(32);
  try {
    const recipient = await recipientOf(identityOfBytes(kind, seed));
    const files = new Map([[CREDENTIAL_FILE, await encryptTo([recipient], credential)]]);
    const shares: SealHeader['shares'][number][] = [];
    for (const share of splitSeed(facts.paths, seed, random)) {
      const plaintext = shareText(name, share);
      const { path, group, holder } = share;
      shares.push({ path, group, holder, commitment: commitmentTo(plaintext) });
      files.set(shareFile(share), await encryptTo([recipientsOf(share)], plaintext));
      plaintext.fill(0);
    }
    const digests = Object.fromEntries(
      [...files].map(([file, bytes]) => [file, hex(sha256(bytes))]),
    );
    const header = canonicalBytes({ v: SEAL_VERSION, ...name, recipient, shares, digests });
    return parseSeal(new Map([[HEADER_FILE, header], ...files]));
  } finally {
    seed.fill(0);
    credential.fill(0);
  }
}

/**
 * Reads the files of a seal and checks every digest, so that damage shows before anyone is asked for a share.
 * @param files by name; kept, not copied
 * @param digest of seal.json, as journaled: without it, a seal that someone else made passes for this one
 * @throws `seal.version`, `seal.damaged` (names the file)
 */
export function parseSeal(files: ReadonlyMap<string, Uint8Array>, digest?: string): Seal {
  return parsed(files, digest, () => false);
}

/**
 * As {@link parseSeal}, for an opening: share files that are damaged or missing are left out instead of refused, because
 * a quorum of the others still opens it. Whoever needs one that is not there is told so, by its name, by `openShare`.
 * @throws `seal.version`, `seal.damaged` where anything but a share is damaged
 */
export function parseSealToOpen(files: ReadonlyMap<string, Uint8Array>, digest: string): Seal {
  return parsed(files, digest, (name) => name.startsWith(SHARES));
}

/** @param mayLack which files an opening can go without */
function parsed(
  files: ReadonlyMap<string, Uint8Array>,
  digest: string | undefined,
  mayLack: (name: string) => boolean,
): Seal {
  const sound = new Map(files);
  const bytes = files.get(HEADER_FILE);
  if (bytes === undefined) throw damaged(HEADER_FILE, 'it is missing');
  const header = parseHeader(bytes);
  const found = hex(sha256(bytes));
  if (digest !== undefined && digest !== found) {
    throw damaged(HEADER_FILE, 'it is not the one that is on record');
  }
  for (const [name, expected] of Object.entries(header.digests)) {
    const content = files.get(name);
    if (content !== undefined && hex(sha256(content)) === expected) continue;
    if (!mayLack(name))
      throw damaged(
        name,
        content === undefined ? 'it is missing' : 'it is not the file that was sealed',
      );
    sound.delete(name);
  }
  for (const name of files.keys()) {
    if (name !== HEADER_FILE && !Object.hasOwn(header.digests, name)) {
      throw damaged('The seal', 'it holds a file that is not part of it');
    }
  }
  return { header, digest: found, files: sound };
}

/** A seal as one file that travels. */
export function packSeal(seal: Seal): Uint8Array {
  return packContainer('seal', seal.files);
}

/** @throws what `openContainer` of `@halligan/format` and {@link parseSeal} throw */
export function unpackSeal(bytes: Uint8Array, digest?: string): Seal {
  return parseSeal(openContainer('seal', bytes).files, digest);
}

/** As {@link unpackSeal}, with {@link parseSealToOpen}. */
export function unpackSealToOpen(bytes: Uint8Array, digest: string): Seal {
  return parseSealToOpen(openContainer('seal', bytes).files, digest);
}

function checkFacts(request: SealRequest) {
  checkPaths(request.paths);
  const { organisation, account, version, created, policy, roster, paths } = request;
  const facts = { organisation, account, version, created, policy, roster, paths };
  const checked = SealFactsSchema.safeParse(facts);
  if (checked.success) return checked.data;
  throw new HalliganError(
    'seal.facts',
    `This cannot be sealed: look at ${checked.error.issues.map((issue) => String(issue.path[0])).join(', ')}.`,
    'Ids have a-z, 0-9 and dash; versions count from 1; instants end in Z; digests are 64 hexadecimal digits.',
  );
}

/** Every holder has a recipient, none has another's: one key counted as two people would be a quorum of one. */
function checkRecipients(request: SealRequest): (share: SeedShare) => string {
  const found = new Map<string, string>();
  const owners = new Map<string, string>();
  const holders = request.paths.flatMap((path) => path.groups.flatMap((group) => group.holders));
  for (const holder of new Set(holders)) {
    const recipient = request.recipients.get(holder);
    if (recipient === undefined) throw noRecipient(holder);
    const owner = owners.get(recipient);
    if (owner !== undefined) {
      throw new HalliganError(
        'seal.same-recipient',
        `${owner} and ${holder} have the same recipient.`,
        'Each holder makes a key of their own: a person counted twice is not a quorum.',
      );
    }
    found.set(holder, recipient);
    owners.set(recipient, holder);
  }
  requireOneKind(found.values(), request.kind);
  return ({ holder }) => {
    const recipient = found.get(holder);
    if (recipient === undefined) throw noRecipient(holder);
    return recipient;
  };
}

function noRecipient(holder: string): HalliganError {
  return new HalliganError(
    'seal.no-recipient',
    `${holder} has no recipient to seal to.`,
    'Let this person make a key, or take them out of the group.',
  );
}
