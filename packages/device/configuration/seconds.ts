/** Seconds in each unit of a time to live. */
const UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 };

/** How a time to live is written, for messages. */
export const SECONDS_FORMS =
  'a whole number of seconds, or with s, m, h or d behind it: 7200, 90m, 2h, 1d';

/**
 * The seconds that a time to live means: a whole number, with `s`, `m`, `h` or `d` behind it, of either case, white
 * space around it ignored. `0` is one.
 * @returns undefined where it is none; whoever asked says so, and takes nothing in its place
 */
export function parseSeconds(text: string): number | undefined {
  const [, digits = '', unit = ''] = /^(\d{1,12})([smhd]?)$/.exec(text.trim().toLowerCase()) ?? [];
  const factor = UNITS[unit];
  return digits === '' || factor === undefined ? undefined : Number(digits) * factor;
}
