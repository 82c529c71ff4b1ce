import { HalliganError } from '@halligan/format';
import type { ResultCodeError } from 'ldapts';
import { BY_ITS_WORD } from '../its-word.ts';
import { explainResult } from '../ldap/answer.ts';

const INVALID_CREDENTIALS = 49;
const INSUFFICIENT_ACCESS = 50;

/**
 * A domain controller's refusal in our own words. Windows and Samba begin what they say with a Win32 error of eight
 * hexadecimal digits (MS-ERREF section 2.2), which tells more than the result code; nothing else of it is repeated.
 */
export function explainAdResult(error: ResultCodeError): HalliganError {
  const number = `LDAP result code ${error.code}`;
  switch (win32Of(error.message)) {
    case 0x1f:
      return new HalliganError(
        'systems.confidentiality-required',
        `The domain controller does not take a password over this connection (${number}, 0000001F): it is not encrypted enough.`,
        'Passwords go over ldaps:// with at least 128 bits only; something between here and the domain controller ends TLS.',
      );
    case 0x52d:
      return new HalliganError(
        'systems.constraint',
        `The domain’s password policy refused this password: ${spokenReason(error.message) ?? 'the domain controller does not say which rule'} (${number}, 0000052D).`,
        `Compare length, complexity, history and minimum age with docs/systems/active-directory.md. ${BY_ITS_WORD}`,
      );
    case 0x56:
      return new HalliganError(
        'systems.old-rejected',
        `The password that the account should have is not its present one (${number}, 00000056), so it cannot change itself.`,
        'Look at the account in the directory; set it by hand if need be.',
      );
    case 0x775:
      return signInRefused(0x775) ?? explainResult(error, undefined);
  }
  if (error.code === INSUFFICIENT_ACCESS)
    return new HalliganError(
      'systems.insufficient-access',
      `The directory does not allow the rotator to do this (${number}).`,
      'Delegate the rights in docs/systems/active-directory.md on the accounts’ OU, then: halligan system check.',
    );
  return explainResult(error, undefined);
}

/**
 * Why a refused sign-in says nothing about the password; `undefined` when it was the name or the password. With result
 * code 49 comes a sub-code, `data 52e`: the Win32 error of the sign-in.
 */
export function explainAdBind(error: ResultCodeError): HalliganError | undefined {
  if (error.code !== INVALID_CREDENTIALS) return explainAdResult(error);
  const told = /\bdata ([0-9a-f]{1,8}),/i.exec(error.message)?.[1];
  if (told === undefined) return undefined;
  return signInRefused(Number.parseInt(told, 16));
}

function signInRefused(number: number): HalliganError | undefined {
  const sub = `sub-code ${number.toString(16)}`;
  switch (number) {
    // The password, or the name: the two are not told apart, by us neither.
    case 0x525:
    case 0x52e:
      return undefined;
    case 0x775:
      return new HalliganError(
        'systems.account-locked',
        `The account is locked: it is refused whatever the password (${sub}).`,
        'Unlock it (Unlock-ADAccount), and give it a password policy without lockout; a reset alone does not unlock.',
      );
    case 0x532:
      return new HalliganError(
        'systems.password-expired',
        `The password has expired (${sub}).`,
        'Rotate, and give the account “password never expires” or a policy of its own.',
      );
    case 0x773:
      return new HalliganError(
        'systems.password-expired',
        `The password must be changed before it signs in (${sub}).`,
        'Take “must change password at next logon” off the account; a rotation does so too.',
      );
    case 0x533:
      return new HalliganError(
        'systems.account-disabled',
        `The account is disabled (${sub}).`,
        'Enable it: Enable-ADAccount.',
      );
    case 0x701:
      return new HalliganError(
        'systems.account-expired',
        `The account has expired (${sub}).`,
        'Take the end date off the account: Clear-ADAccountExpiration.',
      );
    case 0x530:
      return restricted('it may not sign in at this hour', 'Clear its logon hours', sub);
    case 0x531:
      return restricted(
        'it may not sign in from this machine',
        'Clear “Log On To” (userWorkstations), which an emergency does not know beforehand',
        sub,
      );
    case 0x52f:
      return restricted(
        'a restriction of the account forbids it',
        'Look at Protected Users, authentication policies and the smart card flag',
        sub,
      );
    case 0x569:
      return restricted(
        'it lacks the right to sign in this way',
        'Look at “Access this computer from the network” and its Deny twin in the domain controllers’ policy',
        sub,
      );
    default:
      return new HalliganError(
        'systems.refused',
        `The domain controller refused the sign-in for a reason of its own (${sub}).`,
        'The number is a Win32 error: net helpmsg says what it means, in decimal.',
      );
  }
}

function restricted(why: string, next: string, sub: string): HalliganError {
  return new HalliganError(
    'systems.sign-in-restricted',
    `The account may not sign in: ${why} (${sub}).`,
    `${next}.`,
  );
}

function win32Of(text: string): number | undefined {
  const told = /^([0-9A-Fa-f]{8}): /.exec(text)?.[1];
  return told === undefined ? undefined : Number.parseInt(told, 16);
}

/** Samba says which rule; Windows never does. */
const phrases: readonly (readonly [RegExp, string])[] = [
  [/too short/i, 'it is too short'],
  [/complexity/i, 'it is not complex enough'],
  [/history/i, 'it was used before'],
  [/too young/i, 'the last one is too young to be changed (minimum password age)'],
];

function spokenReason(text: string): string | undefined {
  return phrases.find(([phrase]) => phrase.test(text))?.[1];
}
