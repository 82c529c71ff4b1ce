import { HalliganError, utf8 } from '@halligan/format';

/** A relative distinguished name: one or more attributes with their values, unescaped. */
export type Rdn = readonly { readonly type: string; readonly value: string }[];
/** A distinguished name, the entry first and the root last. */
export type Dn = readonly Rdn[];

const LONGEST = 1024;

/**
 * Reads the string form of a DN (RFC 4514 section 3), also with spaces around separators, as people write it.
 * Values in `#hex` form are refused: they would hide what is compared and shown.
 * @throws `systems.dn`
 */
export function parseDn(text: string): Dn {
  if (text.length === 0 || text.length > LONGEST || !text.isWellFormed()) throw invalid();
  return split(text, ',').map((rdn) => split(rdn, '+').map(parsePair));
}

/** The string form of a DN, RFC 4514 section 2: what `parseDn` reads back to the same. */
export function formatDn(dn: Dn): string {
  return dn
    .map((rdn) => rdn.map(({ type, value }) => `${type}=${escapeValue(value)}`).join('+'))
    .join(',');
}

/**
 * The DN of an account that is given as a DN itself: `dn` must lie below `base`. The answer ends in `base` as it was
 * configured, so that what was checked is what is sent, however the adversary spelled the name.
 * @throws `systems.account-elsewhere`
 */
export function belowBase(dn: Dn, base: Dn): Dn {
  const depth = dn.length - base.length;
  const tail = dn.slice(Math.max(depth, 0));
  if (depth < 1 || comparable(tail) !== comparable(base)) {
    throw new HalliganError(
      'systems.account-elsewhere',
      'This account does not lie below the base that the inventory allows.',
      'Correct the name, or the base of the system in the inventory.',
    );
  }
  return [...dn.slice(0, depth), ...base];
}

const comparable = (dn: Dn) => formatDn(dn).toLowerCase();

/**
 * Escapes a value (RFC 4514 section 2.4), which keeps a name such as `x,ou=admins` from becoming two. Everything that
 * might mean something is written as a hexadecimal pair, control characters included.
 */
function escapeValue(value: string): string {
  return value.replace(/^[ #]| $|[\\"+,;<=>\p{Cc}]/gu, (character) =>
    utf8(character).toHex().replaceAll(/../g, '\\$&'),
  );
}

function parsePair(text: string): Rdn[number] {
  const equals = text.indexOf('=');
  const type = text.slice(0, Math.max(equals, 0)).trim();
  if (!/^(?:[A-Za-z][A-Za-z0-9-]*|[0-9]+(?:\.[0-9]+)*)$/.test(type)) throw invalid();
  const value = unescapeValue(trimUnescaped(text.slice(equals + 1)));
  if (value === '') throw invalid();
  return { type, value };
}

/** Cuts at separators that no backslash escapes. */
function split(text: string, separator: ',' | '+'): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === separator) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}

/** Drops spaces at both ends; a trailing one that a backslash escapes belongs to the value. */
function trimUnescaped(text: string): string {
  const head = text.replace(/^ +/, '');
  const bare = head.replace(/ +$/, '');
  const backslashes = /\\*$/.exec(bare)?.[0].length ?? 0;
  return backslashes % 2 === 1 && bare.length < head.length ? `${bare} ` : bare;
}

function unescapeValue(text: string): string {
  if (text.startsWith('#')) throw invalid();
  const bytes: number[] = [];
  for (let at = 0; at < text.length; ) {
    const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
    if (character !== '\\') {
      if ('"+,;<>\0'.includes(character)) throw invalid();
      bytes.push(...utf8(character));
      at += character.length;
      continue;
    }
    const pair = text.slice(at + 1, at + 3);
    const special = text.slice(at + 1, at + 2);
    if (/^[0-9A-Fa-f]{2}$/.test(pair)) {
      bytes.push(Number.parseInt(pair, 16));
      at += 3;
    } else if (special !== '' && '\\"+,;<=> #'.includes(special)) {
      bytes.push(...utf8(special));
      at += 2;
    } else throw invalid();
  }
  return decode(Uint8Array.from(bytes));
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw invalid();
  }
}

function invalid(): HalliganError {
  return new HalliganError(
    'systems.dn',
    'This is not a distinguished name.',
    'Write it like uid=breakglass-admin,ou=emergency,dc=example,dc=org (RFC 4514).',
  );
}
