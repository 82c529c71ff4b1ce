import { HalliganError } from '@halligan/format';
import type { Driver, Shortcoming } from './driver.ts';

/**
 * What an account lacks before it is one to rely on. Changes nothing and tries no password, so that it may be run at any
 * time. An empty list means that nothing was seen, not that a sign-in works: only `prove` shows that.
 * @throws as `driver.inspect`
 */
export async function checkAccount(
  driver: Driver,
  account: string,
): Promise<readonly Shortcoming[]> {
  const seen = await driver.inspect(account);
  if (!seen.exists)
    return [
      {
        level: 'fail',
        found: 'The system has no such account, or does not show it to the rotator.',
        fix: 'Make the account, or correct its name in the inventory.',
      },
    ];
  const own = (await driver.shortcomings?.(account)) ?? [];
  const locked = { ...LOCKED, is: LOCKED_BY[seen.lockedBy ?? 'somebody'] };
  return [...usable(seen.locked, locked), ...usable(seen.mustChangePassword, MUST_CHANGE), ...own];
}

/** What was seen of one account: nothing, where nothing stands in the way. */
export interface AccountCheck {
  readonly account: string;
  readonly shortcomings: readonly Shortcoming[];
}

/** Checks one account after the other; a system that gives no answer is a shortcoming too, with its own next step. */
export async function checkAccounts(
  driver: Driver,
  accounts: readonly string[],
): Promise<readonly AccountCheck[]> {
  const checks: AccountCheck[] = [];
  for (const account of accounts)
    checks.push({ account, shortcomings: await shortcomingsOf(driver, account) });
  return checks;
}

async function shortcomingsOf(driver: Driver, account: string): Promise<readonly Shortcoming[]> {
  try {
    return await checkAccount(driver, account);
  } catch (error) {
    if (!(error instanceof HalliganError)) throw error;
    return [{ level: 'fail', found: `${error.message} [${error.code}]`, fix: error.hint }];
  }
}

interface Wording {
  readonly is: string;
  readonly unknown: string;
  readonly fix: string;
}

const LOCKED_BY = {
  somebody: 'The account is locked.',
  failures: 'Failed sign-ins have locked the account.',
  expiry: 'The account has expired.',
} as const;

const LOCKED: Wording = {
  is: 'The account is locked.',
  unknown: 'The system does not tell the rotator whether the account is locked.',
  fix: 'Unlock it, and take it out of what locks accounts by themselves; docs/systems says what the rotator must see.',
};

const MUST_CHANGE: Wording = {
  is: 'The next sign-in would only be let in to choose another password.',
  unknown:
    'The system does not tell the rotator whether the password must be changed at the next sign-in.',
  fix: 'Take the expiry of passwords off this account; docs/systems says what the rotator must see.',
};

function usable(barred: boolean | 'unknown', { is, unknown, fix }: Wording): Shortcoming[] {
  if (barred === false) return [];
  return [
    barred === true ? { level: 'fail', found: is, fix } : { level: 'warn', found: unknown, fix },
  ];
}
