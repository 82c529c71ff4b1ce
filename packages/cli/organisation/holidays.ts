import { HalliganError } from '@halligan/format';
import type { Policy } from '@halligan/procedure';

/** For how many calendar years holidays are written out: a policy is reviewed every year. */
const YEARS = 3;

/**
 * Writes the public holidays of a policy's country into it, this year's and the next two. The rules never compute
 * holidays: whoever replays a record in ten years must count the same days, whatever a library then knows.
 * @param today RFC 3339
 * @throws `cli.country` where nothing is known of the country or region
 */
export async function withHolidays(policy: Policy, today: string): Promise<Policy> {
  const { working_days: days } = policy;
  if (days === undefined || days.holidays !== undefined) return policy;
  // 12 MB of the world's calendars: loaded when a policy is written, and never in a browser.
  const { default: Holidays } = await import('date-holidays');
  const calendar = new Holidays();
  const known =
    calendar.getCountries()[days.country] !== undefined &&
    (days.region === undefined || calendar.getStates(days.country)?.[days.region] !== undefined);
  if (!known)
    throw new HalliganError(
      'cli.country',
      `No holidays are known of ${days.country}${days.region === undefined ? '' : `, ${days.region}`}.`,
      'Check working_days, or write its holidays yourself: holidays: [2027-01-01, …].',
    );
  if (days.region === undefined) calendar.init(days.country);
  else calendar.init(days.country, days.region);
  const first = Number(today.slice(0, 4));
  const dates = Array.from({ length: YEARS }, (_, at) => calendar.getHolidays(first + at))
    .flat()
    .filter(({ type }) => type === 'public')
    .map(({ date }) => date.slice(0, 10));
  return { ...policy, working_days: { ...days, holidays: [...new Set(dates)].sort() } };
}
