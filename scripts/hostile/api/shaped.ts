import fc from 'fast-check';
import type { Json } from '../../../packages/format/index.ts';
import type { Schema } from './document.ts';

/** Longest text that is made; what is longer is for the tests of limits. */
const LONGEST = 300;

/**
 * Values that a JSON Schema allows, at its bounds as often as within them.
 * @param known values for texts of some pattern, that are somebody's or something's id
 */
export function shaped(schema: Schema, known: Known, depth = 0): fc.Arbitrary<Json> {
  const of = (one: unknown) => shaped(schemaOf(one), known, depth + 1);
  if ('const' in schema) return fc.constant(jsonOf(schema.const));
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum.map(jsonOf));
  const choice = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(choice) && choice.length > 0) return fc.oneof(...choice.map(of));
  switch (schema.type) {
    case 'object':
      return depth > 8 ? fc.constant({}) : objects(schema, of);
    case 'array': {
      const least = numberOf(schema.minItems, 0);
      const most = Math.min(numberOf(schema.maxItems, 4), least + 4);
      return fc.array(of(schema.items ?? {}), { minLength: least, maxLength: most });
    }
    case 'string':
      return texts(schema, known);
    case 'integer':
      return fc.oneof(
        fc.constantFrom(numberOf(schema.minimum, -1), numberOf(schema.maximum, 2 ** 53 - 1)),
        fc.integer({
          min: Math.max(numberOf(schema.minimum, -1000), -(2 ** 31)),
          max: Math.min(numberOf(schema.maximum, 100_000), 2 ** 31),
        }),
      );
    case 'number':
      return fc.double({ noNaN: true, noDefaultInfinity: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return fc.jsonValue({ maxDepth: 2 }).map((one): Json => JSON.parse(JSON.stringify(one)));
  }
}

/** Ids that mean something to the server, by the pattern that a schema gives them. */
export type Known = (pattern: string) => fc.Arbitrary<string> | undefined;

function objects(schema: Schema, of: (one: unknown) => fc.Arbitrary<Json>): fc.Arbitrary<Json> {
  const properties = Object.entries(schemaOf(schema.properties));
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  const members = Object.fromEntries(properties.map(([name, one]) => [name, of(one)]));
  return fc
    .record(members, {
      requiredKeys: properties.map(([name]) => name).filter((name) => required.has(name)),
    })
    .map((made): Json => ({ ...made }));
}

function texts(schema: Schema, known: Known): fc.Arbitrary<string> {
  const least = numberOf(schema.minLength, 0);
  const most = Math.min(numberOf(schema.maxLength, LONGEST), LONGEST);
  const free = fc.string({ unit: 'grapheme', minLength: least, maxLength: most });
  const { pattern } = schema;
  if (typeof pattern !== 'string') return free;
  const own = known(pattern);
  const made = matching(pattern) ?? free;
  return own === undefined ? made : fc.oneof({ weight: 4, arbitrary: own }, made);
}

/** Texts of a pattern; undefined for one that cannot be made. */
function matching(pattern: string): fc.Arbitrary<string> | undefined {
  if (pattern.includes('\\p{')) return undefined;
  return fc.stringMatching(new RegExp(pattern.replace('(?!constructor$)', '')));
}

function schemaOf(value: unknown): Schema {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function jsonOf(value: unknown): Json {
  return JSON.parse(JSON.stringify(value));
}

function numberOf(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}
