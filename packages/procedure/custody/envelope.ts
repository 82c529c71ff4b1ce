import { z } from 'zod';
import { digestField, idField, instantField, textField } from './fields.ts';

const v = z.literal('halligan/custody/v1');

/** What lies in an envelope. */
const content = z.lazy(() =>
  z.discriminatedUnion('what', [
    z.strictObject({ what: z.literal('credential') }),
    /** A holder's words. `confirmed`: when the holder read them back, so that no slip of a printer is sealed. */
    z.strictObject({
      what: z.literal('share'),
      path: idField,
      group: idField,
      holder: idField,
      confirmed: instantField,
    }),
    z.strictObject({ what: z.literal('recovery-codes') }),
    /** The PIN of a hardware key, which lies elsewhere. */
    z.strictObject({ what: z.literal('pin'), key: textField(64) }),
    z.strictObject({ what: z.literal('hardware-key'), key: textField(64) }),
  ]),
);

export type Content = z.infer<typeof content>;

/** Who signed across the seal, and when: the two people who sign the statement. */
const signatures = z.lazy(() =>
  z.array(z.strictObject({ by: idField, at: instantField })).length(2),
);

export const registerDocument = z.lazy(() =>
  z.strictObject({
    v,
    do: z.literal('register'),
    serial: idField,
    account: idField,
    version: z.int().min(1),
    /** Digest of the version's seal.json. */
    seal: digestField,
    contains: z.array(content).min(1).max(16),
    /** Maker and type of the tamper-evident envelope. */
    tamperEvident: textField(100),
    place: idField,
    signed: signatures,
  }),
);

export const moveDocument = z.lazy(() =>
  z.strictObject({
    v,
    do: z.literal('move'),
    serial: idField,
    account: idField,
    from: idField,
    to: idField,
    taken: instantField,
    placed: instantField,
  }),
);

/** What is looked at; all must hold. */
export const CHECKS = [
  'sealUnbroken',
  'signaturesUndisturbed',
  'noTears',
  'noHoles',
  'noSteaming',
] as const;

const checks = z.lazy(() =>
  z.strictObject({
    sealUnbroken: z.boolean(),
    signaturesUndisturbed: z.boolean(),
    noTears: z.boolean(),
    noHoles: z.boolean(),
    noSteaming: z.boolean(),
  }),
);

export type Checks = z.infer<typeof checks>;

export const inspectDocument = z.lazy(() =>
  z.strictObject({
    v,
    do: z.literal('inspect'),
    serial: idField,
    account: idField,
    place: idField,
    inspected: instantField,
    checks,
    /** Digests of the photographs of the envelope, as attachments. */
    photos: z.array(digestField).max(16),
    /** Whether intact or not, it goes back into storage: when. */
    returned: instantField,
  }),
);

/** Both people at the place, in an emergency. */
export const arriveDocument = z.lazy(() =>
  z.strictObject({
    v,
    do: z.literal('arrive'),
    serial: idField,
    account: idField,
    place: idField,
    arrived: signatures,
  }),
);

/** How storage is opened; combinations and keys are never photographed. */
export const ACCESS_METHODS = [
  'split-combination',
  'combination',
  'key',
  'break-glass-key',
  'bank',
] as const;

/** The envelope opened in the presence of both, after both signed its outside with the time. */
export const openDocument = z.lazy(() =>
  z.strictObject({
    v,
    do: z.literal('open'),
    serial: idField,
    account: idField,
    version: z.int().min(1),
    place: idField,
    /** `by`: who let them in, in the order in which portions were entered. */
    access: z.strictObject({ method: z.enum(ACCESS_METHODS), by: z.array(idField).min(1).max(8) }),
    checks,
    signed: signatures,
    opened: instantField,
    photos: z.array(digestField).max(16),
  }),
);

export const destroyDocument = z.lazy(() =>
  z.strictObject({
    v,
    do: z.literal('destroy'),
    serial: idField,
    account: idField,
    paper: z.enum(['cross-cut-shredded', 'micro-cut-shredded', 'burnt', 'no-paper-inside']),
    /** What became of the files that it was printed from. */
    files: z.enum(['none', 'overwritten', 'disk-destroyed']),
    destroyed: instantField,
  }),
);

/** Whether an account's credential is kept on paper at all. */
export const keepDocument = z.lazy(() =>
  z.strictObject({
    v,
    do: z.literal('keep'),
    account: idField,
    in: z.enum(['vault', 'envelope']),
  }),
);

export type RegisterDocument = z.infer<typeof registerDocument>;
export type MoveDocument = z.infer<typeof moveDocument>;
export type InspectDocument = z.infer<typeof inspectDocument>;
export type ArriveDocument = z.infer<typeof arriveDocument>;
export type OpenDocument = z.infer<typeof openDocument>;
export type DestroyDocument = z.infer<typeof destroyDocument>;
export type KeepDocument = z.infer<typeof keepDocument>;

/** Whether an envelope is as it was sealed. */
export function isIntact(seen: Checks): boolean {
  return CHECKS.every((check) => seen[check]);
}

/** Whether what lies inside is worth nothing once the version is rotated; keys and PINs outlive it. */
export function isOfVersion(contains: readonly Content[]): boolean {
  return contains.some(({ what }) => what !== 'pin' && what !== 'hardware-key');
}
