import type { Entry } from 'ldapts';
import { first } from '../ldap/entry.ts';

/** Flags of userAccountControl (MS-ADTS section 2.2.16) and of its computed twin. */
export const FLAG = {
  disabled: 0x2,
  lockedOut: 0x10,
  passwordNotRequired: 0x20,
  reversiblePassword: 0x80,
  passwordNeverExpires: 0x10000,
  smartCardRequired: 0x40000,
  trustedForDelegation: 0x80000,
  notDelegated: 0x100000,
  onlyDes: 0x200000,
  noPreauthentication: 0x400000,
  passwordExpired: 0x800000,
  trustedToDelegate: 0x1000000,
} as const;

/** Whether a flag is set; `unknown` where the directory does not show the attribute. */
export function hasFlag(entry: Entry, attribute: string, flag: number): boolean | 'unknown' {
  const value = first(entry, attribute);
  if (value === undefined || !/^-?\d{1,10}$/.test(value)) return 'unknown';
  return (Number(value) & flag) !== 0;
}

/** A whole number, as attributes spell it. */
export function integerOf(entry: Entry, attribute: string): bigint | undefined {
  const value = first(entry, attribute);
  return value !== undefined && /^-?\d{1,19}$/.test(value) ? BigInt(value) : undefined;
}

/** Milliseconds between 1601, where FILETIME begins, and 1970. */
const EPOCH = 11_644_473_600_000n;
const NEVER = 0x7fffffffffffffffn;

/** The instant of a FILETIME (MS-DTYP section 2.3.3); `never` for both of its spellings, 0 and the largest. */
export function instantOf(filetime: bigint | undefined): Temporal.Instant | 'never' | undefined {
  if (filetime === undefined || filetime < 0n) return undefined;
  if (filetime === 0n || filetime === NEVER) return 'never';
  const milliseconds = filetime / 10_000n - EPOCH;
  // Beyond what Temporal counts, or what anybody means.
  if (milliseconds > 253_402_300_799_999n) return 'never';
  return Temporal.Instant.fromEpochMilliseconds(Number(milliseconds));
}

/** Days of a span, which the directory counts in negative steps of 100 ns; 0 for none. */
export function daysOf(span: bigint | undefined): number | undefined {
  if (span === undefined) return undefined;
  return span === -0x8000000000000000n || span >= 0n ? 0 : Number(-span) / 864_000_000_000;
}
