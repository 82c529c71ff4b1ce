/**
 * Windows' access rules as bytes: MS-DTYP section 2.4. They come from a directory that may be hostile, so that nothing
 * is read beyond what is there.
 */

/** An entry of an access list. */
export interface AccessEntry {
  readonly allows: boolean;
  /** Access mask, MS-ADTS section 5.1.3.2. */
  readonly mask: number;
  /** Applies to what lies below only, not to the object itself. */
  readonly inheritOnly: boolean;
  /** Passes on to what lies below. */
  readonly passedOn: boolean;
  /** The attribute, property set or extended right that it is about, lower case; `undefined` is all of them. */
  readonly objectType: string | undefined;
  readonly sid: string;
}

export const RIGHT = {
  readProperty: 0x10,
  writeProperty: 0x20,
  control: 0x100,
  writeDacl: 0x40000,
  writeOwner: 0x80000,
} as const;

/** User-Force-Change-Password: to set a password without knowing the present one. */
export const RESET_PASSWORD = '00299570-246d-11d0-a768-00aa006e0529';

export const EVERYONE = 'S-1-1-0';
export const AUTHENTICATED_USERS = 'S-1-5-11';

const GENERIC_ALL = 0x10000000;
const EVERY_RIGHT = 0x0f01ff;
const DACL_PRESENT = 0x4;
const CONTAINER_INHERIT = 0x2;
const INHERIT_ONLY = 0x8;

/** The string form of a SID (MS-DTYP section 2.4.2.1), or `undefined` where these bytes are none. */
export function sidOf(bytes: Uint8Array): string | undefined {
  const subAuthorities = bytes[1] ?? 0;
  if (bytes[0] !== 1 || subAuthorities > 15 || bytes.length < 8 + 4 * subAuthorities)
    return undefined;
  const view = viewOf(bytes);
  const authority = view.getUint16(2) * 2 ** 32 + view.getUint32(4);
  const parts = Array.from({ length: subAuthorities }, (_, at) => view.getUint32(8 + 4 * at, true));
  return ['S-1', authority, ...parts].join('-');
}

/**
 * The discretionary access list of a self-relative security descriptor, in its order. Without one everybody may do
 * everything. Entries of a kind that neither allows nor denies are left out.
 * @returns `undefined` where these bytes are no descriptor
 */
export function accessListOf(descriptor: Uint8Array): readonly AccessEntry[] | undefined {
  if (descriptor.length < 20 || descriptor[0] !== 1) return undefined;
  const view = viewOf(descriptor);
  const at = view.getUint32(16, true);
  if ((view.getUint16(2, true) & DACL_PRESENT) === 0 || at === 0)
    return [
      {
        allows: true,
        mask: EVERY_RIGHT,
        inheritOnly: false,
        passedOn: true,
        objectType: undefined,
        sid: EVERYONE,
      },
    ];
  if (at + 8 > descriptor.length) return undefined;
  const entries: AccessEntry[] = [];
  let next = at + 8;
  for (let left = view.getUint16(at + 4, true); left > 0; left -= 1) {
    if (next + 8 > descriptor.length) return undefined;
    const size = view.getUint16(next + 2, true);
    if (size < 8 || next + size > descriptor.length) return undefined;
    const bytes = descriptor.subarray(next, next + size);
    if (KINDS.has(bytes[0] ?? -1)) {
      const entry = entryOf(bytes);
      if (entry === undefined) return undefined;
      entries.push(entry);
    }
    next += size;
  }
  return entries;
}

/** ACCESS_ALLOWED, ACCESS_DENIED and their twins about one object type: MS-DTYP section 2.4.4.1. */
const KINDS: ReadonlyMap<number, { readonly allows: boolean; readonly typed: boolean }> = new Map([
  [0, { allows: true, typed: false }],
  [1, { allows: false, typed: false }],
  [5, { allows: true, typed: true }],
  [6, { allows: false, typed: true }],
]);

function entryOf(bytes: Uint8Array): AccessEntry | undefined {
  const kind = KINDS.get(bytes[0] ?? -1);
  if (kind === undefined) return undefined;
  const view = viewOf(bytes);
  const flags = bytes[1] ?? 0;
  let at = 8;
  let objectType: string | undefined;
  if (kind.typed) {
    if (bytes.length < 12) return undefined;
    const present = view.getUint32(8, true);
    at = 12;
    if ((present & 1) !== 0) {
      if (bytes.length < at + 16) return undefined;
      objectType = guidOf(bytes.subarray(at, at + 16));
      at += 16;
    }
    if ((present & 2) !== 0) at += 16;
  }
  const sid = sidOf(bytes.subarray(at));
  if (sid === undefined) return undefined;
  const mask = view.getUint32(4, true);
  return {
    allows: kind.allows,
    mask: (mask & GENERIC_ALL) === 0 ? mask : mask | EVERY_RIGHT,
    inheritOnly: (flags & INHERIT_ONLY) !== 0,
    passedOn: (flags & CONTAINER_INHERIT) !== 0,
    objectType,
    sid,
  };
}

/**
 * Whether the list gives a right on the object itself: the first entry about it decides (MS-ADTS section 5.1.3.3).
 * @param token the SIDs of who asks
 * @param objectType what the right is about; without it, the right over everything
 */
export function mayDo(
  list: readonly AccessEntry[],
  token: ReadonlySet<string>,
  right: number,
  objectType?: string,
): boolean {
  const decides = list.find(
    (entry) =>
      !entry.inheritOnly &&
      token.has(entry.sid) &&
      (entry.mask & right) !== 0 &&
      (entry.objectType === undefined || entry.objectType === objectType),
  );
  return decides?.allows ?? false;
}

/** Whether the list of a container passes a right on to what lies below. */
export function passesOn(
  list: readonly AccessEntry[],
  token: ReadonlySet<string>,
  right: number,
  objectType: string,
): boolean {
  return list.some(
    (entry) =>
      entry.allows &&
      entry.passedOn &&
      token.has(entry.sid) &&
      (entry.mask & right) !== 0 &&
      (entry.objectType === undefined || entry.objectType === objectType),
  );
}

/** The first three groups of a GUID are little-endian: MS-DTYP section 2.3.4.2. */
function guidOf(bytes: Uint8Array): string {
  const group = (from: number, to: number) => bytes.slice(from, to);
  return [
    group(0, 4).reverse(),
    group(4, 6).reverse(),
    group(6, 8).reverse(),
    group(8, 10),
    group(10, 16),
  ]
    .map((part) => part.toHex())
    .join('-');
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
