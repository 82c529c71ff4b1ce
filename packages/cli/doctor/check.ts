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
  const found = `${Math.round(off)} s ${seconds < 0 ? 'behind' : 'ahead of'} the server`;
  const fix = 'Set this machine’s clock; statements carry its time.';
  if (off > 300) return fail('clock', found, fix);
  return off > 30 ? warn('clock', found, fix) : ok('clock', found);
}

const SIGN = { ok: 'OK  ', warn: 'WARN', fail: 'FAIL' } as const;

export function checkLines(checks: readonly Check[]): readonly string[] {
  return checks.flatMap(({ check, level, found, fix }) => [
    `${SIGN[level]} ${check}: ${found}`,
    ...(fix === undefined ? [] : [`     ${fix}`]),
  ]);
}
