import { ID } from '@halligan/format';
import { CAUSES } from '@halligan/statement';
import { z } from 'zod';
import { isDuration } from '../duration.ts';

const id = z.string().regex(ID, 'an id is 1 to 63 of a-z, 0-9 and -');
/** As {@link isDuration}; the pattern is for editors. */
const duration = z
  .string()
  .regex(
    /^([1-9]\d{0,5}[smhdy]|[1-9]\d{0,2} business days?)$/,
    'write 30s, 15m, 4h, 90d, 7y or 5 business days',
  )
  .refine(isDuration, 'no duration is longer than 100y');
const part = z
  .string()
  .regex(/^([1-9]|1[0-6]) of [a-z0-9-]{1,63}$/, 'write "2 of keyholders", from 1 to 16');

const timers = z.strictObject({
  approver_wait: duration.default('15m'),
  approver_notice: duration.default('1h'),
  solo_sign_off: duration.default('1h'),
  opening_window: duration.default('30m'),
  session: duration.default('4h'),
  documentation: duration.default('2h'),
  reset: duration.default('1h'),
  review: duration.default('5 business days'),
  credential_rotation: duration.default('365d'),
  drill_every: duration.default('90d'),
  envelope_inspection: duration.default('90d'),
  pin_rotation: duration.default('365d'),
  policy_review: duration.default('365d'),
  access_review: duration.default('180d'),
  retention: duration.default('7y'),
  // Added since the first policies were adopted: their digests must not change. See `timerOf`.
  loosening: duration.exactOptional(),
  kit_check: duration.exactOptional(),
  staff_drill: duration.exactOptional(),
  completion: duration.exactOptional(),
});

/** What timers mean that a policy leaves out; a policy that is read from text says all of them. */
export const LATER_TIMERS = {
  loosening: '48h',
  kit_check: '90d',
  staff_drill: '30d',
  completion: '30d',
} as const;

/** The policy as people write it; every default is the seed procedure's figure. */
export const policySchema = z.strictObject({
  v: z.literal('halligan/policy/v1').default('halligan/policy/v1'),
  /**
   * Version of the rules that emergencies under this policy are judged by; absent in policies from before there was a
   * second, and then 1: see `rulesOf`. A default here would change the digest of what was adopted.
   */
  rules: z.union([z.literal(1), z.literal(2), z.literal(3)]).exactOptional(),
  organisation: id,
  owner: id,
  circumstances: z
    .array(z.enum(CAUSES))
    .min(1)
    .default([...CAUSES]),
  time_zone: z
    .string()
    .refine(isTimeZone, 'an IANA time zone, such as Europe/London')
    .default('UTC'),
  working_days: z
    .strictObject({
      country: z.string().regex(/^[A-Z]{2}$/, 'write a country’s two capital letters, such as GB'),
      region: z
        .string()
        .regex(/^[A-Z0-9]{1,3}$/, 'write the region’s code, such as ENG')
        .optional(),
      holidays: z
        .array(z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'write a date such as 2026-12-25'))
        .max(400)
        .optional(),
    })
    .optional(),
  approvers: z.record(id, z.array(id).min(1).max(32)),
  channels: z
    .strictObject({
      out_of_band: z.string().max(200).optional(),
      alert_on: z.array(id).max(32).default([]),
    })
    .default({ alert_on: [] }),
  timers: timers.default(() => timers.parse({})),
  /** Who hears of violations. */
  governance: id.optional(),
  recipients: z.enum(['hybrid', 'x25519']).default('hybrid'),
  quorums: z.record(id, z.record(id, z.array(part).min(1).max(16))),
  allow_one_person: z.boolean().default(false),
  witness: z.enum(['required', 'optional', 'none']).default('optional'),
  may_be_second_person: z.boolean().default(false),
  accounts_per_system: z.int().min(1).max(16).default(2),
  fido2_keys_per_account: z.int().min(0).max(16).default(2),
  cosigners: z
    .strictObject({ need: z.int().min(0).max(16), of: z.array(z.string().max(2400)).max(16) })
    .default({ need: 0, of: [] }),
});

/** The schema of policies for editors, as docs/formats/policy.schema.json has it. */
export function policyJsonSchema(): object {
  const { $schema, ...rest } = z.toJSONSchema(policySchema, { io: 'input' });
  return { $schema, $id: 'halligan/policy/v1', title: 'Halligan policy', ...rest };
}

/** Temporal knows the usual names in a tenth of the time that Intl takes to load; Intl has other spellings, too. */
function isTimeZone(name: string): boolean {
  try {
    const { timeZoneId } = Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    if (timeZoneId.toLowerCase() === name.toLowerCase()) return true;
  } catch {
    // Intl says below what it is.
  }
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
