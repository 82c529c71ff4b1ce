import fc from 'fast-check';
import { ID, type Json } from '../../../packages/format/index.ts';

/** What has an id that the server knows. */
export const KNOWN = [
  ...['person', 'account', 'system', 'emergency', 'request', 'digest', 'subject', 'seal'],
  ...['path', 'group', 'statement', 'link', 'policy', 'recipient', 'commitment', 'instant'],
] as const;
export type KnownKind = (typeof KNOWN)[number];

/** The ids that there are, as the record stands. */
export type Ids = Readonly<Record<KnownKind, readonly string[]>>;

/** In the place of an id, until it is known which there are: so a plan is data, and is repeated by its seed. */
export function known(...kinds: readonly KnownKind[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...kinds), fc.nat(31))
    .map(([kind, number]) => `‹${kind} ${number}›`);
}

/** By the name that a parameter or a member has. */
export function knownByName(name: string): fc.Arbitrary<string> | undefined {
  const kinds = BY_NAME[name];
  return kinds === undefined ? undefined : known(...kinds);
}

const PEOPLE = ['by', 'holder', 'second', 'witness', 'approver', 'owner', 'requester'];
const BY_NAME: Readonly<Record<string, readonly KnownKind[]>> = {
  ...Object.fromEntries(KNOWN.map((kind) => [kind, [kind]])),
  ...Object.fromEntries(PEOPLE.map((name): [string, KnownKind[]] => [name, ['person']])),
  digest: ['digest', 'statement', 'request'],
  to: ['statement'],
  ...Object.fromEntries(
    ['at', 'occurred', 'loggedOut', 'given', 'expires'].map((name): [string, KnownKind[]] => [
      name,
      ['instant'],
    ]),
  ),
  sealDigest: ['commitment'],
};

/** By the pattern of its text. */
export function knownByPattern(pattern: string): fc.Arbitrary<string> | undefined {
  if (pattern === ID.source) return known('person', 'account', 'system', 'path', 'group');
  if (pattern === '^[0-9a-f]{64}$')
    return known('digest', 'emergency', 'statement', 'request', 'subject', 'commitment');
  if (pattern === '^[0-9a-f]{32}$') return known('seal');
  return pattern.startsWith('^age1') ? known('recipient') : undefined;
}

/** The text with the ids in it. */
export function resolvedText(text: string, ids: Ids): string {
  return text.replaceAll(/‹([a-z]+) (\d+)›/g, (_, kind: string, number: string) => {
    const all = ids[KNOWN.find((one) => one === kind) ?? 'digest'];
    return all[Number(number) % all.length] ?? 'none';
  });
}

/** The document with the ids in it. */
export function resolved(json: Json, ids: Ids): Json {
  if (typeof json === 'string') return resolvedText(json, ids);
  if (Array.isArray(json)) return json.map((one) => resolved(one, ids));
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(
    Object.entries(json).map(([name, one]) => [name, resolved(one ?? null, ids)]),
  );
}
