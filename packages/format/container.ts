import { sha256 } from '#sha2';
import { canonicalBytes, canonicalText, type Json, parseCanonical } from './canonical.ts';
import { hex, sameBytes } from './encoding.ts';
import { HalliganError } from './error.ts';
import {
  type ContainerLimits,
  DEFAULT_LIMITS,
  type Files,
  readContainer,
  writeContainer,
} from './zip.ts';

const CONTAINER_TYPES = ['seal', 'kit', 'evidence', 'keys'] as const;

/** What a container carries. */
export type ContainerType = (typeof CONTAINER_TYPES)[number];

/** A container that was opened and checked. */
export interface OpenedContainer {
  /** The files, without the manifest, in the order of their names. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** SHA-256 of the manifest, lower-case hexadecimal: names every byte of the container. */
  readonly digest: string;
}

const VERSION = 'halligan/container/v1';
const MANIFEST = 'manifest.json';
/** 65,534 files with names of ordinary length. */
const MANIFEST_LIMIT = 24 << 20;

/**
 * Packs files into a container: the canonical ZIP of them and `manifest.json`, which is
 * `{ "v":"halligan/container/v1", "type", "files":[{ "name", "size", "sha256" }] }` in canonical JSON, sorted by name.
 * @throws `format.container-name` (also for a file called manifest.json), `format.too-large`
 */
export function packContainer(type: ContainerType, files: Files): Uint8Array {
  if (files.has(MANIFEST)) {
    throw new HalliganError(
      'format.container-name',
      'manifest.json is written by the container itself.',
      'Give your file another name.',
    );
  }
  return writeContainer(new Map([...files, [MANIFEST, manifestOf(type, files)]]));
}

/**
 * Opens a container and checks it before anything in it is used: form, version, type, and the size and SHA-256
 * of every file; none may be missing or extra. It says that the files belong together, not who packed them.
 * @throws `format.container`, `format.container-version`, `format.container-type`, `format.container-digest`
 *   (names the file), and what {@link readContainer} throws
 */
export function openContainer(
  type: ContainerType,
  bytes: Uint8Array,
  limits: ContainerLimits = DEFAULT_LIMITS,
): OpenedContainer {
  const files = new Map(readContainer(bytes, limits));
  const manifest = files.get(MANIFEST);
  if (manifest === undefined) {
    throw new HalliganError(
      'format.container',
      'This container has no manifest.json.',
      'This is an ordinary ZIP file, not a Halligan container.',
    );
  }
  files.delete(MANIFEST);
  const claimed = parseCanonical(manifest, MANIFEST_LIMIT);
  checkVersion(claimed);
  checkType(claimed, type);
  // The manifest that these files make is the only acceptable one: no field, order or spelling is left open.
  if (!sameBytes(manifestOf(type, files), manifest)) throw otherDigest(claimed, files);
  return { files, digest: hex(sha256(manifest)) };
}

function manifestOf(type: ContainerType, files: Files): Uint8Array {
  const names = [...files.keys()].sort();
  return canonicalBytes({
    v: VERSION,
    type,
    files: names.map((name) => describe(name, files.get(name) ?? new Uint8Array())),
  });
}

function describe(name: string, content: Uint8Array): Json {
  return { name, size: content.length, sha256: hex(sha256(content)) };
}

function checkVersion(manifest: Json): void {
  if (member(manifest, 'v') === VERSION) return;
  throw new HalliganError(
    'format.container-version',
    `This container is not of the version that this program knows (${VERSION}).`,
    'Open it with the release of Halligan that wrote it, or a newer one.',
  );
}

function checkType(manifest: Json, type: ContainerType): void {
  const found = member(manifest, 'type');
  if (found === type) return;
  const known = CONTAINER_TYPES.some((one) => one === found);
  throw new HalliganError(
    'format.container-type',
    `This container carries ${known ? `a ${found}` : 'something unknown'}; a ${type} was expected.`,
    'Check that it is the file you meant.',
  );
}

/** Says which file disagrees with the manifest, as far as an attacker's manifest allows. */
function otherDigest(manifest: Json, files: Files): HalliganError {
  const listed = member(manifest, 'files');
  const claimed = new Map<Json | undefined, string>();
  if (isArray(listed)) {
    for (const file of listed) claimed.set(member(file, 'name'), canonicalText(file));
  }
  const culprit =
    [...files].find(
      ([name, content]) => claimed.get(name) !== canonicalText(describe(name, content)),
    )?.[0] ?? [...claimed.keys()].find((name) => typeof name === 'string' && !files.has(name));
  return new HalliganError(
    'format.container-digest',
    typeof culprit === 'string'
      ? `The file ${JSON.stringify(culprit.slice(0, 511))} is not the one that this container's manifest lists.`
      : "This container's manifest is not the one that its files make.",
    'It is damaged or was altered: fetch another copy.',
  );
}

function member(value: Json, name: string): Json | undefined {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function isObject(value: Json): value is { readonly [name: string]: Json | undefined } {
  return typeof value === 'object' && value !== null && !isArray(value);
}

function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}
