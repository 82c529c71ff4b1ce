/**
 * An instant as a clock on the wall of this machine shows it, with the date where it is another day.
 * @param seconds since 1970 @param now since 1970
 * @param zone IANA name; the machine's own where it is left out
 */
export function clockTime(
  seconds: number,
  now: number,
  zone: string = Temporal.Now.timeZoneId(),
): string {
  const at = zoned(seconds, zone);
  const time = at.toPlainTime().toString({ smallestUnit: 'minute' });
  const date = at.toPlainDate();
  return date.equals(zoned(now, zone).toPlainDate()) ? time : `${date} ${time}`;
}

function zoned(seconds: number, zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(Math.floor(seconds * 1000)).toZonedDateTimeISO(
    zone,
  );
}
