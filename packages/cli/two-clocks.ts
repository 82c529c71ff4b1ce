/**
 * An instant as people read it: in UTC, which the record speaks, and by the organisation's own clock, where that is
 * another one.
 * @param at RFC 3339
 * @param zone IANA name
 */
export function twoClocks(at: string, zone: string): string {
  const utc = `${at.slice(0, 16).replace('T', ' ')} UTC`;
  const there = Temporal.Instant.from(at).toZonedDateTimeISO(zone);
  const shown = `${there.toPlainDate()} ${there.toPlainTime().toString({ smallestUnit: 'minute' })}`;
  return shown === utc.slice(0, 16) ? utc : `${utc} (${shown} ${zone})`;
}
