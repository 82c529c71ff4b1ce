import { HalliganError, ID, type Json } from '@halligan/format';
import {
  type SignedStatement,
  signedStatementOf,
  verifyGenesis,
  verifyLink,
  verifyStatement,
} from '@halligan/statement';
import { z } from 'zod';
import type { SealHeader } from './account/events.ts';
import type { Input } from './input.ts';
import type { State } from './state.ts';

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const id = z.string().regex(ID);

const observation = z.discriminatedUnion('saw', [
  z.strictObject({
    saw: z.literal('sealed'),
    account: id,
    version: z.int().min(1),
    digest,
    header: z.custom<SealHeader>(isSealHeader),
  }),
  z.strictObject({
    saw: z.literal('kitted'),
    account: id,
    version: z.int().min(1),
    kit: digest,
    places: z
      .array(
        z.strictObject({
          name: id,
          offServer: z.boolean(),
          offline: z.boolean().exactOptional(),
          idpFree: z.boolean().exactOptional(),
          vault: z
            .strictObject({
              kind: z.enum(['onepassword', 'bitwarden']).exactOptional(),
              entry: z.string().max(500),
              version: z.int().min(1),
              request: z.string().max(64),
              rules: z.enum(['kept', 'loose']),
              audit: z.enum(['on', 'off', 'unknown']),
            })
            .exactOptional(),
        }),
      )
      .max(16),
  }),
  z.strictObject({
    saw: z.literal('rotation-failed'),
    account: id,
    version: z.int().min(1),
    code: z.string().max(100),
  }),
  z.strictObject({
    saw: z.literal('contacted'),
    emergency: digest,
    person: id,
    channel: z.enum(['phone', 'message', 'email']),
    at: z.iso.datetime(),
    what: z.enum(['approval-request', 'summary', 'notice']),
  }),
  z.strictObject({
    saw: z.literal('submitted'),
    emergency: digest,
    record: digest,
    via: z.enum(['webhook', 'folder', 'email']),
  }),
  z.strictObject({
    saw: z.literal('machine-forked'),
    machine: id,
    logKey: z.string().max(500),
    size: z.int().min(1),
    ours: z.string().max(2048),
    theirs: z.string().max(2048),
  }),
  z.strictObject({ saw: z.literal('reports-log'), logKey: z.string().max(500) }),
  z.strictObject({ saw: z.literal('erased'), emergency: digest, blobs: z.int().min(0) }),
]);

/**
 * An attachment's place: the statement's salted digest of it, and the blob that holds its ciphertext. `bytes` of content
 * where it was too large for JSON and lies there in its plain form.
 */
const attached = z.strictObject({ digest, blob: digest, bytes: z.int().min(0).exactOptional() });

const storedInput = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('statements'),
    signed: z.array(z.unknown().transform(signedStatementOf)).min(1).max(16),
    document: z.json().optional(),
    attachments: z.array(attached).max(64).optional(),
  }),
  z.strictObject({ type: z.literal('observation'), observation }),
  z.strictObject({ type: z.literal('tick') }),
]);

/** An input as the journal keeps it beside its events, so that anyone can verify and decide again. */
export type StoredInput =
  | {
      readonly type: 'statements';
      readonly signed: readonly SignedStatement[];
      readonly document?: Json | undefined;
      readonly attachments?:
        | readonly { readonly digest: string; readonly blob: string; readonly bytes?: number }[]
        | undefined;
    }
  | Extract<Input, { readonly type: 'observation' | 'tick' }>;

/** Parses a stored input from outside. @throws `procedure.input` */
export function storedInputOf(json: unknown): StoredInput {
  const parsed = storedInput.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new HalliganError(
    'procedure.input',
    `This input is not valid at ${parsed.error.issues[0]?.path.join('.') || 'the document'}.`,
    'It was altered, or written by another version.',
  );
}

/**
 * Verifies an input under the state before it: every signature under the roster in force; a roster link with all
 * that it carries; the genesis under its own keys, because nothing can come before it.
 * @throws `statement.signature`, `statement.unknown-person` and what the roster's links throw
 */
export async function verifyInput(state: State, stored: StoredInput): Promise<Input> {
  if (stored.type !== 'statements') return stored;
  const { signed, document } = stored;
  const roster = state.roster ?? (await verifyGenesis({ link: document, statements: signed }));
  const link =
    signed[0]?.statement.kind === 'roster.change' ? await verifyLink(document) : undefined;
  const statements = await Promise.all(signed.map((one) => verifyStatement(one, roster)));
  return {
    type: 'statements',
    statements,
    ...(document === undefined ? {} : { document }),
    ...(link === undefined ? {} : { link }),
  };
}

/** Whether a value is what seal.json says, as far as the rules read it. */
export function isSealHeader(value: unknown): value is SealHeader {
  return sealHeader.safeParse(value).success;
}

const sealHeader = z.looseObject({
  id: z.string().regex(/^[0-9a-f]{32}$/),
  organisation: id,
  account: id,
  version: z.int().min(1),
  policy: digest,
  roster: digest,
  paths: z
    .array(
      z.strictObject({
        name: id,
        groups: z
          .array(
            z.strictObject({
              name: id,
              need: z.int().min(1).max(16),
              holders: z.array(id).min(1).max(16),
            }),
          )
          .min(1)
          .max(16),
      }),
    )
    .min(1)
    .max(16),
  shares: z
    .array(z.strictObject({ path: id, group: id, holder: id, commitment: digest }))
    .max(1024),
});
