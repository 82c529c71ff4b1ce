import { z } from 'zod';
import {
  digestField,
  hex16Field,
  idField,
  instantField,
  originField,
  recipientField,
} from './fields.ts';

/** The only version that this program reads and writes. */
export const STATEMENT_VERSION = 'halligan/statement/v1';

/** Why normal access failed, as policies list it. */
export const CAUSES = [
  'idp-outage',
  'mfa-outage',
  'sole-admin-unavailable',
  'lockout',
  'security-incident',
  'credential-loss',
] as const;

/** How a drill is run: told beforehand or not, and how far it goes. */
export const DRILL_NOTICES = ['scheduled', 'surprise'] as const;
/** A tabletop reveals nothing; a technical drill reveals, uses and resets; in an adversarial one a step is sabotaged. */
export const DRILL_FORMS = ['tabletop', 'technical', 'adversarial'] as const;
/** What an adversarial drill sabotages. */
export const SABOTAGES = [
  'approver-silent',
  'envelope-tampered',
  'vault-down',
  'custodian-missing',
  'server-stopped',
] as const;

/** What every statement says besides its kind. All digests are SHA-256, all instants RFC 3339 in UTC. */
const header = {
  v: z.literal(STATEMENT_VERSION),
  /** The log that the statement is for: a signature is worth nothing in another organisation. */
  origin: originField,
  /** What is decided about: an account ({@link subjectOf}), an emergency, a policy, a roster link … */
  subject: digestField,
  /** Id of the one who signs. */
  by: idField,
  /** When, by the signer's own clock. */
  at: instantField,
  /** 16 random bytes: no two statements are the same, and a replayed one is recognised. */
  nonce: hex16Field,
  /** A drill's signatures can never be shown as an emergency's. */
  purpose: z.enum(['real', 'drill', 'exercise']),
  /** Policy in force; null only before the first. */
  policy: digestField.nullable(),
  /** Digest of the roster's last link; null only before the first. */
  roster: digestField.nullable(),
  /** The last checkpoint that the signer's device saw: the statement was made after it. */
  journal: z.strictObject({ size: z.int().min(0), root: digestField }).readonly(),
  /**
   * Only where it was made without the server, from a kit whose checkpoint is `journal`: the statements that the
   * signer's device had seen and nothing followed yet, by their digests; none for the first.
   */
  offline: z
    .strictObject({ after: z.array(digestField).max(64).readonly() })
    .readonly()
    .exactOptional(),
};

const declare = z
  .strictObject({
    ...header,
    kind: z.literal('declare'),
    account: idField,
    system: idField,
    reason: digestField,
    cause: z.enum(CAUSES),
    evidence: z.array(digestField).max(32).readonly(),
    attestation: digestField.exactOptional(),
    /** Nobody where the policy lets one person go with an executive (its path `solo`). */
    second: idField.exactOptional(),
    witness: idField.exactOptional(),
    approver: idField,
    incident: digestField,
    /** Titles of the people named, in the requester's words: digest of an attachment. */
    titles: digestField.exactOptional(),
    /** How a drill is run; only where the purpose is `drill`. */
    scenario: z
      .strictObject({
        notice: z.enum(DRILL_NOTICES),
        form: z.enum(DRILL_FORMS),
        sabotage: z.array(z.enum(SABOTAGES)).max(5).readonly(),
      })
      .readonly()
      .exactOptional(),
  })
  .readonly()
  .refine(
    (statement) => statement.evidence.length > 0 || statement.attestation !== undefined,
    'give evidence that normal access failed, or a written attestation',
  );

const approve = z
  .strictObject({
    ...header,
    kind: z.literal('approve'),
    method: z.enum(['app', 'phone', 'message', 'email', 'in-person']),
    conditions: digestField.exactOptional(),
    /** By other means than the app: who approved, and when. Whoever heard it signs. */
    approver: idField.exactOptional(),
    given: instantField.exactOptional(),
    /** The approver's one-time spoken code: its number on their sheet, and what the words were stretched to. */
    code: z
      .strictObject({ number: z.int().min(1).max(32), preimage: digestField })
      .readonly()
      .exactOptional(),
  })
  .readonly();

const refuse = z
  .strictObject({ ...header, kind: z.literal('refuse'), reason: digestField })
  .readonly();

const takePart = z
  .strictObject({
    ...header,
    kind: z.literal('take-part'),
    role: z.enum(['second', 'witness', 'executive']),
    together: z.enum(['in-person', 'video']),
    /** One's own title: digest of an attachment. */
    title: digestField.exactOptional(),
  })
  .readonly();

const openRequest = z
  .strictObject({
    ...header,
    kind: z.literal('open.request'),
    account: idField,
    version: z.int().min(1),
    /** The seal's id, 16 bytes. */
    seal: hex16Field,
    sealDigest: digestField,
    path: idField,
    /** The one-time age recipient that holders re-encrypt their shares to. */
    recipient: recipientField,
    expires: instantField,
  })
  .readonly();

const shareRelease = z
  .strictObject({
    ...header,
    kind: z.literal('share.release'),
    /** Digest of the `open.request` statement that this answers. */
    request: digestField,
    path: idField,
    group: idField,
    /** SHA-256 of the share's plaintext, as in seal.json: a false share names its sender. */
    commitment: digestField,
    /** SHA-256 of the share, encrypted to the one-time recipient. */
    ciphertext: digestField,
  })
  .readonly();

const exception = z
  .strictObject({
    ...header,
    kind: z.literal('exception'),
    attempts: z
      .array(
        z
          .strictObject({
            person: idField,
            channel: z.enum(['phone', 'message', 'email']),
            at: instantField,
          })
          .readonly(),
      )
      .max(256)
      .readonly(),
    reason: digestField,
  })
  .readonly();

const note = z
  .strictObject({
    ...header,
    kind: z.literal('note'),
    about: z.enum(['reveal', 'access', 'baseline', 'action', 'post-change', 'observation']),
    occurred: instantField,
    text: digestField,
    /** Justification of an action outside the declared scope. */
    outOfScope: digestField.exactOptional(),
    /** Of established access: whether the address was typed, not followed from a bookmark or link. */
    direct: z.boolean().exactOptional(),
  })
  .readonly();

const addendum = z
  .strictObject({ ...header, kind: z.literal('addendum'), to: digestField, text: digestField })
  .readonly();

const end = z
  .strictObject({
    ...header,
    kind: z.literal('end'),
    loggedOut: instantField,
    surrendered: digestField.exactOptional(),
  })
  .readonly();

const attest = z
  .strictObject({
    ...header,
    kind: z.literal('attest'),
    what: z.enum([
      'record',
      'pages',
      'reconciliation',
      'escalation',
      'action',
      'verification',
      'submission',
      'reset',
      'exercise',
      'destruction',
      'custody',
      'inspection',
      'kit',
      'review',
      'inventory',
      'prover',
      'approval-codes',
      'notification',
      'sign-off',
      'duty',
      'risk',
      'log-key',
      'objection',
      'keeping',
      'offline-use',
      'suspicion',
    ]),
    digest: digestField,
    text: digestField.exactOptional(),
  })
  .readonly();

/** Signed for real, about a drill: what was simulated is true now. */
const convert = z
  .strictObject({
    ...header,
    kind: z.literal('convert'),
    reason: digestField,
    /** What is true now, where it differs from what the drill simulated. */
    cause: z.enum(CAUSES).exactOptional(),
    evidence: z.array(digestField).max(32).readonly().exactOptional(),
    attestation: digestField.exactOptional(),
    incident: digestField.exactOptional(),
  })
  .readonly();

const abort = z
  .strictObject({ ...header, kind: z.literal('abort'), reason: digestField })
  .readonly();

const close = z.strictObject({ ...header, kind: z.literal('close') }).readonly();

/** Its subject is the policy's digest. */
const policyAdopt = z.strictObject({ ...header, kind: z.literal('policy.adopt') }).readonly();

/** Its subject is the roster link's digest. */
const rosterChange = z.strictObject({ ...header, kind: z.literal('roster.change') }).readonly();

/** Every kind of statement; unknown members are refused, so nothing is signed that a reader would overlook. */
export const statementSchema = z.discriminatedUnion('kind', [
  declare,
  approve,
  refuse,
  takePart,
  openRequest,
  shareRelease,
  exception,
  note,
  addendum,
  end,
  attest,
  convert,
  abort,
  close,
  policyAdopt,
  rosterChange,
]);

/** What one human decided. Plain JSON, frozen. Free text and files appear only as digests of attachments. */
export type Statement = z.infer<typeof statementSchema>;

/** `declare`, `approve`, … */
export type StatementKind = Statement['kind'];

/** The statement of one kind. */
export type StatementOf<K extends StatementKind> = Extract<Statement, { readonly kind: K }>;

/** What the author of a statement fills in; version, kind and nonce are the constructor's. */
export type StatementFields<K extends StatementKind> = Omit<StatementOf<K>, 'v' | 'kind' | 'nonce'>;

/** Every kind, in the order of an emergency. */
export const STATEMENT_KINDS: readonly StatementKind[] = [
  'declare',
  'approve',
  'refuse',
  'take-part',
  'open.request',
  'share.release',
  'exception',
  'note',
  'addendum',
  'end',
  'attest',
  'convert',
  'abort',
  'close',
  'policy.adopt',
  'roster.change',
];
