import { after, isAfter } from '../duration.ts';

/** How far the clocks and watches of people may be from the record's. */
const SKEW = '5m';

/** Whether a stated instant lies in the future, whatever clocks differ. */
export function isAhead(instant: string, now: string): boolean {
  return isAfter(instant, after(now, SKEW, 'UTC'));
}

/** Whether a stated instant lies before another one, whatever clocks differ. */
export function isBefore(instant: string, other: string): boolean {
  return isAfter(other, after(instant, SKEW, 'UTC'));
}
