import { HalliganError } from '@halligan/format';

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400, y: 31_536_000 } as const;
const SIMPLE = /^([1-9]\d{0,5})(s|m|h|d|y)$/;
/** A hundred years: beyond, instants run out of the calendar. */
const LONGEST = 100 * SECONDS.y;
const BUSINESS = /^([1-9]\d{0,2}) business days?$/;

/** Whether a text is a duration as policies write them: `30s`, `15m`, `4h`, `90d`, `7y`, `5 business days`. */
export function isDuration(text: string): boolean {
  return secondsOf(text) <= LONGEST || BUSINESS.test(text);
}

/** Infinity where it is none of the simple durations. */
function secondsOf(text: string): number {
  const [, count, unit] = SIMPLE.exec(text) ?? [];
  return count !== undefined && isUnit(unit) ? Number(count) * SECONDS[unit] : Infinity;
}

/** A duration's length, for comparing two of them: a business day counts as the calendar days that it takes on average. */
export function roughSeconds(duration: string): number {
  const [, days] = BUSINESS.exec(duration) ?? [];
  return days === undefined ? secondsOf(duration) : (Number(days) * 7 * SECONDS.d) / 5;
}

function isUnit(unit: string | undefined): unit is keyof typeof SECONDS {
  return unit !== undefined && Object.hasOwn(SECONDS, unit);
}

/**
 * The instant that lies a duration after another one.
 * @param at RFC 3339 instant
 * @param duration as {@link isDuration}; business days end at the same wall-clock time, Saturdays and Sundays skipped
 * @param timeZone IANA name, in which days are counted
 * @param holidays dates there that are no business days either, as `working_days.holidays` of a policy
 * @throws `procedure.duration`
 */
export function after(
  at: string,
  duration: string,
  timeZone: string,
  holidays: readonly string[] = [],
): string {
  const seconds = secondsOf(duration);
  if (seconds <= LONGEST) return new Date(Date.parse(at) + seconds * 1000).toISOString();
  const [, days] = BUSINESS.exec(duration) ?? [];
  if (days === undefined) {
    throw new HalliganError(
      'procedure.duration',
      `“${duration}” is not a duration.`,
      'Write 30s, 15m, 4h, 90d, 7y or 5 business days.',
    );
  }
  const start = Temporal.Instant.from(at).toZonedDateTimeISO(timeZone);
  let day = start.toPlainDate();
  for (let left = Number(days); left > 0; ) {
    day = day.add({ days: 1 });
    if (isWorkingDay(day, holidays)) left -= 1;
  }
  // By the date: a time that a day on the way lacks must not shift those after it.
  const end = day.toZonedDateTime({ timeZone, plainTime: start.toPlainTime() });
  return new Date(end.epochMilliseconds).toISOString();
}

/** When offices close, by the wall's clock: what is due on a day is due then. */
const CLOSING_HOUR = 17;

/**
 * The last closing hour of a business day that is not after an instant: a duty of months is due while people are at
 * work, and never later than its timer says.
 */
export function lastClosing(
  at: string,
  timeZone: string,
  holidays: readonly string[] = NO_HOLIDAYS,
): string {
  const known = closings.get(holidays) ?? new Map<string, string>();
  closings.set(holidays, known);
  const key = `${at} ${timeZone}`;
  const closing = known.get(key) ?? closingBefore(at, timeZone, holidays);
  if (known.size >= MOST_CLOSINGS) known.clear();
  known.set(key, closing);
  return closing;
}

const NO_HOLIDAYS: readonly string[] = [];

/** Calendars are slow, and whoever looks at what is due asks for the same instants each time. */
const closings = new WeakMap<readonly string[], Map<string, string>>();
const MOST_CLOSINGS = 10_000;

function closingBefore(at: string, timeZone: string, holidays: readonly string[]): string {
  const latest = Temporal.Instant.from(at);
  let day = latest.toZonedDateTimeISO(timeZone).toPlainDate();
  for (;;) {
    if (isWorkingDay(day, holidays)) {
      const closing = day.toZonedDateTime({ timeZone, plainTime: { hour: CLOSING_HOUR } });
      if (closing.epochMilliseconds <= latest.epochMilliseconds)
        return new Date(closing.epochMilliseconds).toISOString();
    }
    day = day.subtract({ days: 1 });
  }
}

function isWorkingDay(day: Temporal.PlainDate, holidays: readonly string[]): boolean {
  return day.dayOfWeek <= 5 && !holidays.includes(day.toString());
}

/** Whether `instant` lies after `other`; both RFC 3339, of any precision. */
export function isAfter(instant: string, other: string): boolean {
  return Date.parse(instant) > Date.parse(other);
}
