/** What people may sign and send: statements of every kind, about what there is, rightly or wrongly signed. */
import fc from 'fast-check';
import { z } from 'zod';
import { digestOf, HalliganError, type Json } from '../../../packages/format/index.ts';
import {
  type Attachment,
  type Signer,
  STATEMENT_KINDS,
  STATEMENT_VERSION,
  signStatement,
  statementOf,
  statementSchema,
} from '../../../packages/statement/index.ts';
import { documentNames, documentText, examplesOf } from '../../examples.ts';
import { type Changes, changedBy, changes, changesSeldom } from '../changes.ts';
import type { Schema } from './document.ts';
import { type Ids, known, knownByName, knownByPattern, resolved, resolvedText } from './known.ts';
import { shaped } from './shaped.ts';

/** Statements of one to three people on one thing. */
export interface Said {
  readonly by: readonly number[];
  readonly subject: string;
  /** Mostly what its emergency is. */
  readonly purpose: 'its own' | 'real' | 'drill' | 'exercise';
  /** Kind, and what that kind says. */
  readonly fields: Json;
  /** Minutes by which the signer's clock is off. */
  readonly off: number;
  readonly document: Json | undefined;
  readonly encloses: boolean;
  readonly ciphertext: boolean;
  /** What is wrong with the statement before it is signed. */
  readonly before: Changes;
}

/** What statements are made upon. */
export interface Upon {
  readonly origin: string;
  readonly roster: string | null;
  readonly policy: string | null;
  readonly journal: { readonly size: number; readonly root: string };
  readonly now: string;
  /** Emergencies that are drills. */
  readonly drills: readonly string[];
}

const HEADER = new Set(
  ['v', 'origin', 'subject', 'by', 'at', 'nonce', 'purpose', 'policy', 'roster', 'journal'].concat(
    'offline',
  ),
);

/** The schema of a kind without what every statement says. */
function fieldsOf(kind: Json): fc.Arbitrary<Json> {
  const whole = z.toJSONSchema(statementSchema, { io: 'input', unrepresentable: 'any' });
  const choices: unknown = whole.anyOf ?? whole.oneOf ?? [];
  for (const choice of Array.isArray(choices) ? choices : []) {
    const schema: Schema = choice;
    const properties: Readonly<Record<string, Schema>> = Object(schema.properties);
    if (properties.kind?.const !== kind) continue;
    const own = Object.keys(properties).filter((name) => !HEADER.has(name));
    const required: readonly unknown[] = Array.isArray(schema.required) ? schema.required : [];
    const members = Object.fromEntries(
      own.map((name) => {
        const made = shaped(Object(properties[name]), knownByPattern);
        const byName = knownByName(name);
        return [name, byName === undefined ? made : fc.oneof(byName, byName, byName, made)];
      }),
    );
    return fc
      .record(members, { requiredKeys: own.filter((name) => required.includes(name)) })
      .map((one): Json => ({ ...one }));
  }
  throw new Error(`there is no statement of the kind ${String(kind)}`);
}

/** Documents that statements name, as docs/formats has them, about what there is here. */
const DOCUMENTS: readonly Json[] = documentNames()
  .flatMap((name) => examplesOf(documentText(name)))
  .filter(({ value }) => typeof value === 'object' && value !== null && 'v' in value)
  .map(({ value }) => value);

/** The example with placeholders where it names people and things. */
const document: fc.Arbitrary<Json> = fc.constantFrom(...DOCUMENTS).chain((one) => ofHere(one));

function ofHere(json: Json, name = ''): fc.Arbitrary<Json> {
  const own = typeof json === 'string' ? (knownByName(name) ?? byForm(json)) : undefined;
  if (own !== undefined) return fc.oneof({ weight: 5, arbitrary: own }, fc.constant(json));
  if (Array.isArray(json)) return fc.tuple(...json.map((one) => ofHere(one, name)));
  if (typeof json !== 'object' || json === null) return fc.constant(json);
  return fc
    .record(
      Object.fromEntries(Object.entries(json).map(([key, one]) => [key, ofHere(one ?? null, key)])),
    )
    .map((made): Json => ({ ...made }));
}

function byForm(text: string): fc.Arbitrary<string> | undefined {
  if (/^[0-9a-f]{64}$/.test(text)) return knownByPattern('^[0-9a-f]{64}$');
  return /^[0-9a-f]{32}$/.test(text) ? known('seal') : undefined;
}

const subject = fc.oneof(
  { weight: 6, arbitrary: known('emergency') },
  { weight: 3, arbitrary: known('subject') },
  { weight: 1, arbitrary: known('link', 'policy', 'digest', 'statement') },
);

const PURPOSES = [
  ...Array.from({ length: 9 }, () => 'its own' as const),
  'real',
  'drill',
  'exercise',
] as const;

/** Mostly one alone: what takes two is refused before anything else is looked at. */
const signers = fc.oneof(
  { weight: 3, arbitrary: fc.nat(63).map((one) => [one]) },
  { weight: 1, arbitrary: fc.uniqueArray(fc.nat(63), { minLength: 2, maxLength: 3 }) },
);

export const said: fc.Arbitrary<Said> = fc.constantFrom(...STATEMENT_KINDS).chain((kind) =>
  fc.record({
    by: signers,
    subject,
    purpose: fc.constantFrom<Said['purpose']>(...PURPOSES),
    fields: fieldsOf(kind),
    off: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.integer({ min: -3000, max: 3000 })),
    document: fc.option(
      fc.oneof(
        { weight: 3, arbitrary: document },
        document.chain((one) => changes.map((all) => changedBy(one, all))),
      ),
      { nil: undefined },
    ),
    encloses: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, fc.constant(false)),
    ciphertext: fc.boolean(),
    before: changesSeldom(8),
  }),
);

/** What one may sign with, by the person's id. */
export type Keys = ReadonlyMap<string, Signer>;

/** The body of a submission. Deterministic but for nonces and signatures. */
export async function submissionOf(
  one: Said,
  ids: Ids,
  upon: Upon,
  keys: Keys,
  attachments: readonly Attachment[],
): Promise<Json> {
  const of = (json: Json) => resolved(json, ids);
  const document = one.document === undefined ? undefined : of(one.document);
  const people = [...keys.keys()];
  const signers = [...new Set(one.by.map((number) => people[number % people.length] ?? ''))];
  const signed: Json[] = [];
  for (const by of signers) {
    const { origin, roster, policy, journal } = upon;
    const fields = Object(of(one.fields));
    const subject = resolvedText(one.subject, ids);
    const own = upon.drills.includes(subject) ? 'drill' : 'real';
    const statement: Json = {
      ...fields,
      v: STATEMENT_VERSION,
      nonce: crypto.randomUUID().replaceAll('-', ''),
      ...{ origin, roster, policy, journal: { ...journal }, by },
      subject,
      at: new Date(Date.parse(upon.now) + one.off * 60_000).toISOString(),
      purpose: one.purpose === 'its own' ? own : one.purpose,
      ...('digest' in fields ? digestOfAny(document) : {}),
    };
    signed.push(await signedBy(changedBy(statement, one.before), by, keys));
  }
  const text = JSON.stringify(signed);
  const enclosed = one.encloses ? attachments.filter(({ digest }) => text.includes(digest)) : [];
  return {
    signed,
    ...(document === undefined ? {} : { document }),
    ...(enclosed.length === 0 ? {} : { attachments: enclosed.map((each) => ({ ...each })) }),
    ...(one.ciphertext && text.includes('"share.release"')
      ? { ciphertexts: [Buffer.from('a ciphertext').toString('base64')] }
      : {}),
  };
}

/** Rightly signed where it is a statement at all. */
async function signedBy(statement: Json, by: string, keys: Keys): Promise<Json> {
  const key = keys.get(by);
  try {
    if (key !== undefined)
      return JSON.parse(JSON.stringify(await signStatement(statementOf(statement), key)));
  } catch (cause) {
    if (!(cause instanceof HalliganError)) throw cause;
  }
  return { statement, signature: 'A'.repeat(100) };
}

/** Of what has one: what is too deep or no JSON is named by none. */
function digestOfAny(document: Json | undefined): { readonly digest?: string } {
  if (document === undefined) return {};
  try {
    return { digest: digestOf(document) };
  } catch (cause) {
    if (cause instanceof HalliganError) return {};
    throw cause;
  }
}
