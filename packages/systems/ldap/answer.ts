import { HalliganError } from '@halligan/format';
import { PasswordPolicyError, type ResultCodeError } from 'ldapts';
import { BY_ITS_WORD } from '../its-word.ts';

/** What the server said besides the result code: the error of the password policy control, if it sent one. */
export type PolicyError = number | undefined;

/**
 * A directory's refusal in our own words (result codes: RFC 4511 appendix A). The server's text is only searched for
 * known phrases and never repeated: a hostile or careless server could put the password into it.
 */
export function explainResult(error: ResultCodeError, policy: PolicyError): HalliganError {
  const number = error.code;
  const why = policyReason(policy) ?? spokenReason(error.message);
  switch (number) {
    case 8:
    case 13:
      return refused(
        'systems.confidentiality-required',
        'The directory wants an encrypted connection first',
        'Use ldaps:// or startTls in the inventory.',
        number,
      );
    case 10:
      return refused(
        'systems.referral',
        'This server points to another one, as a read-only replica does',
        'Put the address of a server that takes changes into the inventory.',
        number,
      );
    case 19:
      return refused(
        'systems.constraint',
        `The password policy refused this password: ${why ?? 'the directory does not say why'}`,
        `Compare the policy (length, quality, history, minimum age) with what is generated. ${BY_ITS_WORD}`,
        number,
      );
    case 32:
      return refused(
        'systems.account-unknown',
        'The directory has no such entry, or does not show it to the rotator',
        'Compare the name and the base in the inventory with the directory.',
        number,
      );
    case 34:
      return refused(
        'systems.dn',
        'The directory does not take this as a distinguished name',
        'Correct the account, the base or the rotator in the inventory.',
        number,
      );
    case 50:
      return refused(
        'systems.insufficient-access',
        `The directory does not allow the rotator to do this${why === undefined ? '' : `: ${why}`}`,
        'Compare the access rules with docs/systems/openldap.md.',
        number,
      );
    case 51:
    case 52:
      return refused(
        'systems.busy',
        'The directory is too busy or not available',
        'Try again in a while, or at another server of the directory.',
        number,
      );
    case 53:
      return refused(
        'systems.unwilling',
        `The directory is unwilling to do this${why === undefined ? '' : `: ${why}`}`,
        'Look into its log: a read-only replica, or a policy that forbids this kind of change.',
        number,
      );
    default:
      return refused(
        'systems.refused',
        'The directory refused',
        'RFC 4511 appendix A explains the number; the directory has more in its log.',
        number,
      );
  }
}

/** When a refused bind says nothing about the password, the reason why not; `undefined` when it does. */
export function explainRefusedBind(policy: PolicyError): HalliganError | undefined {
  switch (policy) {
    case PasswordPolicyError.AccountLocked:
      return new HalliganError(
        'systems.account-locked',
        'The account is locked: the directory refuses it whatever the password.',
        'Setting a new password unlocks it in OpenLDAP; then prove again.',
      );
    case PasswordPolicyError.PasswordExpired:
      return new HalliganError(
        'systems.password-expired',
        'The password has expired: the directory refuses it although it may be the right one.',
        'Give emergency accounts a policy without expiry (pwdMaxAge 0), or rotate in time.',
      );
    default:
      return undefined;
  }
}

const refused = (code: string, message: string, hint: string, number: number) =>
  new HalliganError(code, `${message} (LDAP result code ${number}).`, hint);

/** draft-behera-ldap-password-policy section 6.2. */
function policyReason(policy: PolicyError): string | undefined {
  switch (policy) {
    case PasswordPolicyError.PasswordTooShort:
      return 'it is too short';
    case PasswordPolicyError.PasswordInHistory:
      return 'it was used before';
    case PasswordPolicyError.InsufficientPasswordQuality:
      return 'its quality is too low';
    case PasswordPolicyError.PasswordTooYoung:
      return 'the last one is too young to be changed';
    case PasswordPolicyError.PasswordModNotAllowed:
      return 'the account may not change its password';
    case PasswordPolicyError.MustSupplyOldPassword:
      return 'the old password must be given';
    case PasswordPolicyError.AccountLocked:
      return 'the account is locked';
    case PasswordPolicyError.ChangeAfterReset:
      return 'the password must be changed by the account itself first';
    default:
      return undefined;
  }
}

const phrases: readonly (readonly [RegExp, string])[] = [
  [/too (?:short|small)/i, 'it is too short'],
  [/too long/i, 'it is too long'],
  [/history/i, 'it was used before'],
  [/quality/i, 'its quality is too low'],
  [/too young/i, 'the last one is too young to be changed'],
  [/old password/i, 'the old password must be given'],
  [/locked|retry limit/i, 'the account is locked'],
  [/shadow context|read-?only/i, 'this server is a read-only replica'],
  [/restricted to bind/i, 'the rotator must change its own password first'],
];

function spokenReason(text: string): string | undefined {
  return phrases.find(([phrase]) => phrase.test(text))?.[1];
}
