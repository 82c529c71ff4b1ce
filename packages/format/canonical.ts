import { sha256 } from '#sha2';
import { hex, utf8, utf8Text } from './encoding.ts';
import { HalliganError } from './error.ts';

/** Plain JSON, as a value. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [name: string]: Json | undefined };

/** Nesting beyond this is refused: an attacker's document must not exhaust the stack. */
const MAX_DEPTH = 64;

/**
 * Canonical JSON (RFC 8785): one value, one text. Members are sorted by UTF-16 code units, numbers are written
 * as ECMAScript writes them, members whose value is undefined are left out.
 * @throws `format.json` for lone surrogates, numbers that are not finite, and nesting beyond 64.
 */
export function canonicalText(value: Json, depth = 0): string {
  if (depth > MAX_DEPTH) throw notCanonical('it is nested too deeply');
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw notCanonical('it holds a number that JSON cannot carry');
    return JSON.stringify(value);
  }
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw notCanonical('it holds a lone surrogate');
    return JSON.stringify(value);
  }
  // One text that grows: every commit and every digest comes through here.
  let text = '';
  if (isArray(value)) {
    for (const item of value) text += `${text === '' ? '' : ','}${canonicalText(item, depth + 1)}`;
    return `[${text}]`;
  }
  for (const name of Object.keys(value).sort()) {
    const member = value[name];
    if (member === undefined) continue;
    const quoted = canonicalText(name, depth + 1);
    text += `${text === '' ? '' : ','}${quoted}:${canonicalText(member, depth + 1)}`;
  }
  return `{${text}}`;
}

/** UTF-8 bytes of {@link canonicalText}. */
export function canonicalBytes(value: Json): Uint8Array {
  return utf8(canonicalText(value));
}

/** SHA-256 of the canonical bytes, lower-case hexadecimal: how documents name each other. */
export function digestOf(value: Json): string {
  return hex(sha256(canonicalBytes(value)));
}

/**
 * Parses JSON that must already be canonical: bytes that differ from their re-canonicalisation are refused, so
 * duplicate members, other spellings and trailing bytes cannot make two readers see two documents.
 * @param limit the most bytes accepted
 * @throws `format.json`, `format.too-large`
 */
export function parseCanonical(bytes: Uint8Array, limit = 1 << 20): Json {
  if (bytes.length > limit) {
    throw new HalliganError(
      'format.too-large',
      `This document has ${bytes.length} bytes; ${limit} is the limit.`,
      'Put large things into attachments.',
    );
  }
  const text = utf8Text(bytes);
  const value = parseJson(text);
  if (canonicalText(value) !== text) throw notCanonical('it is not in canonical form (RFC 8785)');
  return value;
}

function parseJson(text: string): Json {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HalliganError(
      'format.json',
      'This is not JSON.',
      'The file is damaged or of another kind.',
      { cause },
    );
  }
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function notCanonical(why: string): HalliganError {
  return new HalliganError(
    'format.json',
    `This JSON is refused: ${why}.`,
    'It was altered, or written by a program that does not keep the format.',
  );
}
