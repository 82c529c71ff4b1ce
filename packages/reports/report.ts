import {
  canonicalText,
  HalliganError,
  hiddenCharacter,
  type Json,
  utf8Text,
} from '@halligan/format';
import { z } from 'zod';

/** Most bytes of a report: it says what happened and to whom, and holds no free text. */
export const MAX_REPORT_BYTES = 2048;

const code = z
  .string()
  .regex(/^[a-z0-9][a-z0-9.-]{0,62}$/, 'a code is 1 to 63 of a-z, 0-9, . and -');
/** A name as the machine knows it: of a user, or of a PAM service. */
const name = z
  .string()
  .min(1)
  .max(128)
  .refine((value) => hiddenCharacter(value) === undefined && !/\s/.test(value), 'it is no name');
const instant = z.iso.datetime({ precision: 3 });

/** What every report says: when, by the machine's own clock, and how far into which boot, which no clock moves. */
const common = {
  v: z.literal('halligan/report/v1'),
  at: instant,
  boot: z.uuid().exactOptional(),
  /** Whole milliseconds since that boot. */
  up: z.int().min(0).exactOptional(),
  /** Room for what later agents know: short codes. A reader that does not know one shows it. */
  more: z
    .record(code, z.string().max(200))
    .refine((values) => Object.keys(values).length <= 8, 'at most 8')
    .exactOptional(),
};

/** What let somebody in: `password` alone, or with a second factor; a PIN of this machine; a FIDO2 key; a code. */
const method = z.enum([
  'password',
  'password+totp',
  'password+code',
  'password+fido2',
  'pin',
  'fido2',
  'code',
]);

const report = z.discriminatedUnion('kind', [
  /** The agent began, or began again: what lies between two of these and no `stopped` was cut short. */
  z.strictObject({ ...common, kind: z.literal('started'), version: z.string().max(50) }),
  z.strictObject({ ...common, kind: z.literal('stopped') }),
  /** Somebody signed in; `more.by` says how: `provider` while it was there, or what was kept while it was not. */
  z.strictObject({ ...common, kind: z.literal('sign-in'), user: name, service: name, method }),
  z.strictObject({ ...common, kind: z.literal('refusal'), user: name, service: name, why: code }),
  /** A window in which this is possible at all was opened, and why; it ends by itself at `until`. */
  z.strictObject({
    ...common,
    kind: z.literal('window-opened'),
    by: name,
    until: instant,
    why: code.exactOptional(),
  }),
  z.strictObject({ ...common, kind: z.literal('window-ended'), why: code }),
  /** Guesses were too many; without `user`, of the whole machine. */
  z.strictObject({
    ...common,
    kind: z.literal('lockout'),
    user: name.exactOptional(),
    until: instant.exactOptional(),
  }),
  /** What the machine keeps of somebody was changed by its root: `totp-added`, `codes-made`, `forgotten`, …. */
  z.strictObject({ ...common, kind: z.literal('changed'), user: name, what: code }),
  /** The machine itself says that reports are missing here: how many, where it knows, and why. */
  z.strictObject({ ...common, kind: z.literal('gap'), lost: z.int().min(1).nullable(), why: code }),
]);

/** Something that happened on a machine, in its own words. */
export type Report = z.infer<typeof report>;

/**
 * Reads one report: canonical JSON (RFC 8785), at most {@link MAX_REPORT_BYTES} bytes. Whoever wrote it may be the
 * adversary: nothing of it is believed before the machine's checkpoint over it was verified.
 * @throws `reports.report`
 */
export function reportOf(bytes: Uint8Array): Report {
  if (bytes.length > MAX_REPORT_BYTES) throw noReport(`it has more than ${MAX_REPORT_BYTES} bytes`);
  const parsed = report.safeParse(canonicalValue(bytes));
  if (parsed.success) return parsed.data;
  throw noReport(`it is not valid at ${parsed.error.issues[0]?.path.join('.') || 'its members'}`);
}

/** The bytes of a report, which are the leaf data of the machine's tree. @throws `reports.report` */
export function formatReport(value: Report): string {
  const text = canonicalText(value as Json);
  reportOf(new TextEncoder().encode(text));
  return text;
}

function canonicalValue(bytes: Uint8Array): unknown {
  try {
    const text = utf8Text(bytes);
    const value: Json = JSON.parse(text);
    if (canonicalText(value) === text) return value;
  } catch {
    // Said below: what choked on it may quote it.
  }
  throw noReport('it is not canonical JSON');
}

function noReport(why: string): HalliganError {
  return new HalliganError(
    'reports.report',
    `This report is refused: ${why}.`,
    'See docs/formats/machine-reports.md. An agent of another version may know kinds that this server does not: update the server first.',
  );
}
