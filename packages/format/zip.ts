import { sameBytes, utf8, utf8Text } from './encoding.ts';
import { HalliganError } from './error.ts';

/** Files by name. Names are lower-case paths with `/`; contents are whole. */
export type Files = ReadonlyMap<string, Uint8Array>;

/** How much a container may hold before it is refused unread. */
export interface ContainerLimits {
  /** The most bytes of the whole container. */
  readonly bytes: number;
  /** The most files in it, its manifest included. */
  readonly files: number;
}

/** 256 MiB and 65,534 files: below the sizes from which ZIP needs its 64-bit fields. */
export const DEFAULT_LIMITS: ContainerLimits = { bytes: 256 << 20, files: 65_534 };

/** Longest name, in bytes: a share of a seal in a kit, with every id at its longest, has less than 300. */
const MAX_NAME = 511;

/**
 * Lower case only: two names that differ in case are one file on some disks, and an unpacking tool would let
 * the second replace the first. No part begins with a dot, so no name climbs out of its folder.
 */
const NAME = /^[a-z0-9][a-z0-9._-]*(\/[a-z0-9][a-z0-9._-]*)*$/;

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const LOCAL_SIZE = 30;
const CENTRAL_SIZE = 46;
const END_SIZE = 22;
/** "Version needed to extract" 1.0: a stored file (APPNOTE 4.4.3.2). Also "made by", host 0. */
const VERSION = 10;
/** Bit 11, names are UTF-8 (APPNOTE 4.4.4). No other bit is ever set: no encryption, no data descriptor. */
const FLAGS = 0x0800;
/** 1980-01-01 00:00:00, the first instant of MS-DOS (APPNOTE 4.4.6): a container says nothing of when it was packed. */
const DOS_DATE = 0x0021;

interface Entry {
  readonly name: string;
  readonly content: Uint8Array;
  readonly crc: number;
}

/**
 * Writes the one ZIP file that these files make (APPNOTE.TXT 6.3.10): stored, sorted by name, fixed times, no
 * extra fields, no comments. Equal files give equal bytes on every machine.
 * @throws `format.container-name` for a name that is not a safe lower-case path, `format.too-large`
 */
export function writeContainer(
  files: Files | Readonly<Record<string, Uint8Array>>,
  limits: ContainerLimits = DEFAULT_LIMITS,
): Uint8Array {
  const named: Files = isMap(files) ? files : new Map(Object.entries(files));
  checkNames([...named.keys()]);
  const entries = [...named]
    .map(([name, content]) => ({ name, content, crc: crc32(content) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const bytes = serialise(entries);
  checkSize(bytes.length, entries.length, limits);
  return bytes;
}

/**
 * Reads a container, strictly: what was read is written again and must give the same bytes. ZIP readers differ
 * on which of two headers to believe, on what may lie between files and on duplicate names, and an attacker who
 * shows two readers two contents uses exactly that; here there is nothing left to differ on.
 * @returns the files, in the order of their names; copies, so that later changes to `bytes` do not reach them
 * @throws `format.container`, `format.container-name`, `format.too-large`
 */
export function readContainer(
  bytes: Uint8Array,
  limits: ContainerLimits = DEFAULT_LIMITS,
): ReadonlyMap<string, Uint8Array> {
  checkSize(bytes.length, 0, limits);
  const entries = parse(bytes, limits);
  checkNames(entries.map((entry) => entry.name));
  for (const entry of entries) {
    if (crc32(entry.content) !== entry.crc)
      throw damaged(`the file ${entry.name} has another CRC-32`);
  }
  if (!sameBytes(serialise(entries), bytes)) {
    throw damaged('it is not spelled in the one way that a container may be');
  }
  return new Map(entries.map(({ name, content }) => [name, content]));
}

/** Walks the local headers. Everything that is not a name, a size or a content is compared later, as a whole. */
function parse(bytes: Uint8Array, limits: ContainerLimits): Entry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: Entry[] = [];
  let at = 0;
  while (at + LOCAL_SIZE <= bytes.length && view.getUint32(at, true) === LOCAL) {
    const size = view.getUint32(at + 22, true);
    const nameEnd = at + LOCAL_SIZE + view.getUint16(at + 26, true);
    if (nameEnd + size > bytes.length) throw damaged('it ends in the middle of a file');
    const name = parseName(bytes.subarray(at + LOCAL_SIZE, nameEnd));
    const last = entries.at(-1);
    if (last !== undefined && last.name >= name) throw damaged('its names are not in order');
    const content = bytes.slice(nameEnd, nameEnd + size);
    entries.push({ name, content, crc: view.getUint32(at + 14, true) });
    checkSize(bytes.length, entries.length, limits);
    at = nameEnd + size;
  }
  return entries;
}

function parseName(bytes: Uint8Array): string {
  if (bytes.length > MAX_NAME || bytes.some((byte) => byte >= 0x80)) throw unsafeName();
  return utf8Text(bytes);
}

function serialise(entries: readonly Entry[]): Uint8Array {
  const named = entries.map((entry) => ({ ...entry, spelled: utf8(entry.name) }));
  const size = named.reduce(
    (sum, { content, spelled }) =>
      sum + LOCAL_SIZE + CENTRAL_SIZE + 2 * spelled.length + content.length,
    END_SIZE,
  );
  const bytes = new Uint8Array(size);
  let at = 0;
  const put = (part: Uint8Array) => {
    bytes.set(part, at);
    at += part.length;
  };
  const offsets: number[] = [];
  for (const { content, crc, spelled } of named) {
    offsets.push(at);
    put(localHeader(crc, content.length, spelled));
    put(spelled);
    put(content);
  }
  const directory = at;
  for (const [index, { content, crc, spelled }] of named.entries()) {
    put(centralHeader(crc, content.length, spelled, offsets[index] ?? 0));
    put(spelled);
  }
  put(endRecord(entries.length, at - directory, directory));
  return bytes;
}

/** APPNOTE 4.3.7. */
function localHeader(crc: number, size: number, name: Uint8Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(LOCAL_SIZE));
  view.setUint32(0, LOCAL, true);
  view.setUint16(4, VERSION, true);
  writeFile(view, 6, crc, size, name);
  return new Uint8Array(view.buffer);
}

/** APPNOTE 4.3.12. */
function centralHeader(crc: number, size: number, name: Uint8Array, offset: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(CENTRAL_SIZE));
  view.setUint32(0, CENTRAL, true);
  view.setUint16(4, VERSION, true);
  view.setUint16(6, VERSION, true);
  writeFile(view, 8, crc, size, name);
  view.setUint32(42, offset, true);
  return new Uint8Array(view.buffer);
}

/** The fields that both headers share, from the flags to the length of the name. Method 0 and time 0 are zeros. */
function writeFile(view: DataView, at: number, crc: number, size: number, name: Uint8Array): void {
  view.setUint16(at, FLAGS, true);
  view.setUint16(at + 6, DOS_DATE, true);
  view.setUint32(at + 8, crc, true);
  view.setUint32(at + 12, size, true);
  view.setUint32(at + 16, size, true);
  view.setUint16(at + 20, name.length, true);
}

/** APPNOTE 4.3.16. */
function endRecord(count: number, directorySize: number, offset: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(END_SIZE));
  view.setUint32(0, END, true);
  view.setUint16(8, count, true);
  view.setUint16(10, count, true);
  view.setUint32(12, directorySize, true);
  view.setUint32(16, offset, true);
  return new Uint8Array(view.buffer);
}

function checkNames(names: readonly string[]): void {
  const all = new Set(names);
  for (const name of names) {
    if (name.length > MAX_NAME || !NAME.test(name) || name.includes('..')) throw unsafeName();
    // `a` beside `a/b`: no disk can hold both, so an unpacking tool would drop one of them.
    for (let at = name.indexOf('/'); at !== -1; at = name.indexOf('/', at + 1)) {
      if (all.has(name.slice(0, at))) throw unsafeName();
    }
  }
}

function checkSize(bytes: number, files: number, limits: ContainerLimits): void {
  if (bytes <= limits.bytes && files <= limits.files) return;
  throw new HalliganError(
    'format.too-large',
    `This container has more than ${limits.bytes} bytes or ${limits.files} files.`,
    'Check that it is the file you meant; split what you pack.',
  );
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) {
    value = (value & 1) === 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return value;
});

/** CRC-32 (APPNOTE 4.4.7), kept for other ZIP tools: against people there are the manifest's digests. */
function crc32(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of bytes) value = (CRC_TABLE[(value ^ byte) & 0xff] ?? 0) ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}

function isMap(files: Files | Readonly<Record<string, Uint8Array>>): files is Files {
  return files instanceof Map;
}

function damaged(why: string): HalliganError {
  return new HalliganError(
    'format.container',
    `This container is refused: ${why}.`,
    'It is damaged, or of another kind: fetch another copy.',
  );
}

function unsafeName(): HalliganError {
  return new HalliganError(
    'format.container-name',
    'A file in this container has a name that is not a safe lower-case path, or that is also a folder.',
    'Use parts of a-z, 0-9, dot, dash and underscore, joined by a slash.',
  );
}
