import { stat } from 'node:fs/promises';
import { HalliganError } from '@halligan/format';

/** What the doctor found of one thing. */
export interface Check {
  readonly check: string;
  readonly level: 'ok' | 'warn' | 'fail';
  readonly found: string;
  /** What to do; nothing where it is well. */
  readonly fix?: string;
}

export function ok(check: string, found: string): Check {
  return { check, level: 'ok', found };
}

export function warn(check: string, found: string, fix: string): Check {
  return { check, level: 'warn', found, fix };
}

export function fail(check: string, found: string, fix: string): Check {
  return { check, level: 'fail', found, fix };
}

/** An error of ours as what it is: something failed, with its own next step. */
export function failed(check: string, error: unknown): Check {
  if (error instanceof HalliganError)
    return fail(check, `${error.message} [${error.code}]`, error.hint);
  throw error;
}

/** That nobody but the owner reads a file of keys. */
export async function privateFile(
  check: string,
  path: string,
  restore = 'Restore it from a backup, or: halligan key restore.',
): Promise<Check> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return fail(check, `${path} is missing.`, restore);
  const mode = (found.mode & 0o777).toString(8).padStart(4, '0');
  return (found.mode & 0o077) === 0
    ? ok(check, `${path}, mode ${mode}`)
    : fail(check, `${path} has mode ${mode}: others read it.`, `chmod go= ${path}`);
}

/** @param seconds by which this clock is before (−) or after the server’s */
export function clockCheck(seconds: number): Check {
  const off = Math.abs(seconds);
  const found = `${apart(off)} ${seconds < 0 ? 'behind' : 'ahead of'} the server`;
  const fix =
    'Compare both with a clock that you trust, and set the wrong one: statements carry this one’s time, and the rules judge by the server’s. If it is the server’s and it cannot be set now, use the kit.';
  if (off > 300) return fail('clock', found, fix);
  return off > 30 ? warn('clock', found, fix) : ok('clock', found);
}

/**
 * A server's own machine, where no other clock is at hand: the record's last entry cannot lie in the future.
 * @param last when it was written, by the record, RFC 3339
 * @param now the machine's clock, milliseconds
 */
export function recordClockCheck(last: string, now: number): Check {
  const ahead = (Date.parse(last) - now) / 1000;
  const machine = new Date(now).toISOString();
  if (ahead <= 300) return ok('clock', `${machine}, not before the record’s last entry`);
  return fail(
    'clock',
    `${machine}, ${apart(ahead)} before the record’s last entry of ${last}`,
    'Compare this machine’s clock with one that you trust, and set it (timedatectl). Is it right, it was wrong then: until that time the record’s clock stands still, and requests from right clocks may look expired. In an emergency, work from a kit.',
  );
}

function apart(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

const SIGN = { ok: 'OK  ', warn: 'WARN', fail: 'FAIL' } as const;

export function checkLines(checks: readonly Check[]): readonly string[] {
  return checks.flatMap(({ check, level, found, fix }) => [
    `${SIGN[level]} ${check}: ${found}`,
    ...(fix === undefined ? [] : [`     ${fix}`]),
  ]);
}
