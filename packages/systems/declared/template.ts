import { concat, utf8 } from '@halligan/format';
import { z } from 'zod';

/**
 * What a declared step may name. `account` is the only one that is not a secret; `credential` is the driver's own, `old`
 * the account's present password where it changes itself.
 */
export type Field = 'account' | 'password' | 'old' | 'credential';

const PLACE = /\{(account|password|old|credential)\}/g;
/** In a request that follows an answer: a member of it, by JSON pointer (RFC 6901). */
const ANSWER_PLACE = /\{answer:((?:\/[^{}/]{1,100}){1,8})\}/g;

/** Which fields a text, or any text inside a value, names. */
export function fieldsOf(value: unknown): ReadonlySet<string> {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return new Set([...text.matchAll(PLACE)].map(([, field = '']) => field));
}

/** A text with places for these fields and no others. */
export function template(allowed: readonly Field[], longest = 2048) {
  return z
    .string()
    .max(longest)
    .refine((text) => [...fieldsOf(text)].every((field) => allowed.some((one) => one === field)), {
      message: `may only name ${allowed.join(', ')}`,
    });
}

/** What the fields stand for: UTF-8 bytes, so that they can be overwritten. */
export type Values = Readonly<Partial<Record<Field, Uint8Array>>>;

/** A text with its places filled, as bytes. @param encode how a value is written where this text goes */
export function fillBytes(
  text: string,
  values: Values,
  encode: (value: Uint8Array) => Uint8Array,
): Uint8Array {
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const place of text.matchAll(PLACE)) {
    parts.push(utf8(text.slice(at, place.index)), encode(bytesOf(values, place[1] ?? '')));
    at = place.index + place[0].length;
  }
  return concat(...parts, utf8(text.slice(at)));
}

/** A text with its places filled, as a string, which JavaScript cannot overwrite: only where a library takes no bytes. */
export function fillText(
  text: string,
  values: Values,
  encode: (value: string) => string = (value) => value,
): string {
  return text.replaceAll(PLACE, (_whole, field: string) =>
    encode(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytesOf(values, field))),
  );
}

/** A text with the places of an answer filled. @returns undefined where the answer has no such text */
export function fillAnswer(
  text: string,
  pointed: (pointer: string) => unknown,
  encode: (value: string) => string,
): string | undefined {
  let isWhole = true;
  const filled = text.replaceAll(ANSWER_PLACE, (_whole, pointer: string) => {
    const value = pointed(pointer);
    if (typeof value === 'string' && /^[\x21-\x7e]{1,4096}$/.test(value)) return encode(value);
    isWhole = false;
    return '';
  });
  return isWhole ? filled : undefined;
}

function bytesOf(values: Values, field: string): Uint8Array {
  const value = Object.hasOwn(values, field) ? values[field as Field] : undefined;
  // The schemas let a step name only what it is given.
  if (value === undefined) throw new TypeError(`a step names ${field}, which it is not given`);
  return value;
}
