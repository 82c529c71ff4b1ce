/** What an adversary makes of a good file: the same with one thing changed, over and over. */
import fc from 'fast-check';
import type { Json } from '../../packages/format/index.ts';

/** Values that parsers stumble over. */
export const strange: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(
    ...[null, true, 0, -0, -1, 1.5, 2 ** 53, 1e308, [], {}, [[]], [null], [{}]],
    ...['', ' ', '\0', '__proto__', 'constructor', '9999-99-99T99:99:99Z', '\u{1F4A5}'],
    ...['\ud800', '=', 'A'.repeat(70_000), '-1', '1e400', 'age1', 'ssh-ed25519 A', '—\n\nx'],
    Array.from({ length: 2000 }, () => 'a'),
    nested(300),
  ),
  fc.jsonValue().map((value): Json => JSON.parse(JSON.stringify(value))),
);

function nested(depth: number): Json {
  let value: Json = 1;
  for (let at = 0; at < depth; at += 1) value = [value];
  return value;
}

/** What is changed in a document that is not known yet: a place of it, by number, and what is done there. */
export type Changes = readonly (readonly [place: number, value: Json, how: Change])[];

export const changes: fc.Arbitrary<Changes> = fc.array(
  fc.tuple(
    fc.nat(),
    strange,
    fc.constantFrom<Change>('replace', 'leave out', 'add', 'repeat', 'alter'),
  ),
  { minLength: 1, maxLength: 3 },
);

/** One time in so many. */
export function changesSeldom(times: number): fc.Arbitrary<Changes> {
  return fc.oneof(
    { weight: times - 1, arbitrary: fc.constant<Changes>([]) },
    { weight: 1, arbitrary: changes },
  );
}

/** A document in which one to three places hold something else, hold it twice, or hold nothing. */
export function changedJson(document: Json): fc.Arbitrary<Json> {
  return changes.map((all) => changedBy(document, all));
}

export function changedBy(document: Json, all: Changes): Json {
  return all.reduce<Json>((json, [place, value, how]) => {
    const places = placesIn(json);
    return changedAt(json, places[place % places.length] ?? [], value, how);
  }, document);
}

type Change = 'replace' | 'leave out' | 'add' | 'repeat' | 'alter';
type Place = readonly (string | number)[];

function placesIn(json: Json, here: Place = []): readonly Place[] {
  if (typeof json !== 'object' || json === null) return [here];
  const entries = Array.isArray(json) ? [...json.entries()] : Object.entries(json);
  return [here, ...entries.flatMap(([key, value]) => placesIn(value, [...here, key]))];
}

function changedAt(json: Json, place: Place, value: Json, how: Change): Json {
  const [key, ...rest] = place;
  if (key === undefined) return changed(json, value, how);
  if (Array.isArray(json)) {
    if (rest.length === 0 && how === 'leave out') return json.toSpliced(Number(key), 1);
    if (rest.length === 0 && how === 'repeat')
      return json.toSpliced(Number(key), 0, json[Number(key)] ?? null);
    return json.with(Number(key), changedAt(json[Number(key)] ?? null, rest, value, how));
  }
  const entries = Object.entries(json ?? {});
  if (rest.length === 0 && how === 'leave out')
    return Object.fromEntries(entries.filter(([name]) => name !== key));
  return Object.fromEntries(
    entries.map(([name, one]) => [name, name === key ? changedAt(one, rest, value, how) : one]),
  );
}

function changed(json: Json, value: Json, how: Change): Json {
  if (how === 'add') {
    if (Array.isArray(json)) return [...json, value];
    if (typeof json === 'object' && json !== null) return { ...json, constructor: value, x: value };
  }
  if (how === 'alter') {
    if (typeof json === 'string') return `${json.slice(1)}${json.slice(0, 1)}`;
    if (typeof json === 'number') return -json;
  }
  return value;
}

/** Bytes in which one to three places are altered, cut out, doubled or filled with something else. */
export function changedBytes(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const change = fc.tuple(
    fc.nat(),
    fc.nat(2000),
    fc.uint8Array({ maxLength: 40 }),
    fc.constantFrom('flip', 'cut', 'double', 'insert', 'end'),
  );
  return fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) =>
    changes.reduce((all, [place, length, some, how]) => {
      const at = all.length === 0 ? 0 : place % all.length;
      const before = all.subarray(0, at);
      if (how === 'end') return before;
      if (how === 'flip')
        return joined(before, [(all[at] ?? 0) ^ (1 << (length % 8))], all.subarray(at + 1));
      if (how === 'cut') return joined(before, all.subarray(at + length));
      return joined(
        before,
        how === 'insert' ? some : all.subarray(at, at + length),
        all.subarray(at),
      );
    }, bytes),
  );
}

function joined(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
