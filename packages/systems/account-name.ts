import { HalliganError } from '@halligan/format';

/** Characters: longer than any directory's names, shorter than what would make a log line a weapon. */
const LONGEST = 1024;

/**
 * Checks an account's name at the border. Names come from people and imports, so they are the adversary's: control
 * characters would forge log lines, unpaired surrogates would change when encoded, and a blank name would turn a
 * bind into an anonymous one. What else a name may hold is each driver's to escape.
 * @throws `systems.account-name`
 */
export function checkAccountName(account: string): string {
  const sound =
    account.trim() !== '' &&
    account.length <= LONGEST &&
    account.isWellFormed() &&
    !/\p{Cc}/u.test(account);
  if (!sound) {
    throw new HalliganError(
      'systems.account-name',
      'This is not the name of an account.',
      `A name has 1 to ${LONGEST} characters and no control characters: correct it in the inventory.`,
    );
  }
  return account;
}
