import { HalliganError } from '@halligan/format';
import { BY_ITS_WORD } from '../its-word.ts';

/** What an error's number says in words of ours; the server's own words are left out. */
export function explainNumber(number: number): HalliganError {
  switch (number) {
    case 31_001:
      return unknownAccount();
    case 31_002:
      return new HalliganError(
        'systems.insufficient-access',
        'The server lets the rotator change only the accounts in halligan.breakglass, and this is none.',
        "INSERT INTO halligan.breakglass VALUES ('name', '%');",
      );
    // Access denied to a database, a column, a routine; a privilege missing.
    case 1044:
    case 1142:
    case 1227:
    case 1370:
      return new HalliganError(
        'systems.insufficient-access',
        'The server does not let the rotator do this.',
        "Compare its grants with docs/systems/mysql.md: SHOW GRANTS FOR halligan@'…'.",
      );
    case 1305:
    case 1318:
    case 1449:
    case 31_003:
      return new HalliganError(
        'systems.helper',
        'The procedures in the database halligan are not there, or are others.',
        'Install them as docs/systems/mysql.md says.',
      );
    // Locked; by an admin, by too many failures, by MySQL's FAILED_LOGIN_ATTEMPTS.
    case 3118:
    case 3955:
    case 4150:
    case 4151:
      return new HalliganError(
        'systems.account-locked',
        'The account is locked: the server refuses it whatever the password.',
        'ALTER USER … ACCOUNT UNLOCK; then prove again.',
      );
    case 1820:
    case 1862:
      return new HalliganError(
        'systems.password-expired',
        'The server lets this account in only to choose another password.',
        'ALTER USER … PASSWORD EXPIRE NEVER; then rotate.',
      );
    case 1129:
    case 1130:
      return new HalliganError(
        'systems.not-let-in',
        'The server does not take connections from this machine.',
        'This says nothing about the password: look at the accounts’ hosts, and FLUSH HOSTS.',
      );
    case 1040:
    case 1053:
    case 1203:
    case 1226:
    case 1290:
      return new HalliganError(
        'systems.unwilling',
        `The server does not do this now (error ${number}).`,
        'Too many connections, shutting down, or a read-only replica: try again, or name the primary.',
      );
    default:
      return new HalliganError(
        'systems.constraint',
        `The server did not do it (error ${number}).`,
        `Look at its log, and its rules for passwords. ${BY_ITS_WORD}`,
      );
  }
}

export function unknownAccount(): HalliganError {
  return new HalliganError(
    'systems.account-unknown',
    'The server has no such account.',
    'Compare the name, and accountHost, with the server: SELECT user, host FROM mysql.user;',
  );
}

/** The password itself would have to be sent, or something else asks for it. */
export function otherMethod(): HalliganError {
  return new HalliganError(
    'systems.authentication-method',
    'The account signs in by a method that gives the password away, or that takes none; it got none.',
    'Rotate it to the method in the settings; PAM, LDAP and unix_socket are not for emergency accounts.',
  );
}

/** Another entry of mysql.user matched: what was proven is not this account's password. */
export function otherAccount(): HalliganError {
  return new HalliganError(
    'systems.other-account',
    'The server took the name for another account than the one in the settings.',
    'An entry with a narrower host, or an anonymous one, comes first: remove it, or set accountHost to it.',
  );
}
