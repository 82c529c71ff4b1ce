import { HalliganError } from '@halligan/format';
import { BY_ITS_WORD } from '../its-word.ts';

/** How far a connection came before it failed. */
export interface Progress {
  /** `tls`: the server agreed to encrypt; `plain`: it did not; `open`: its certificate was found good. */
  stage: 'reaching' | 'asking' | 'plain' | 'tls' | 'open';
  /** What the server wanted as a proof of who signs in. */
  asked: 'nothing' | 'scram' | 'weaker';
  /** Whether the server showed that it knows the password, RFC 5802 section 7: only then did it check ours too. */
  proven: boolean;
}

/** What a SQLSTATE says in words of ours; PostgreSQL's manual, appendix A. The server's own words are left out. */
export function explainState(state: string, { proven }: Progress): HalliganError {
  switch (state) {
    case '28000':
      return proven ? locked() : notLetIn('its pg_hba.conf has no line for this account from here');
    case '3D000':
      return notLetIn('it has no such database');
    case '42501':
      return insufficient();
    case '42704':
      return unknownRole();
    case '42883':
    case '3F000':
      return new HalliganError(
        'systems.helper',
        'The database has no function halligan.set_verifier.',
        'Install it as docs/systems/postgresql.md says, in the database that the inventory names.',
      );
    case '57014':
      return new HalliganError(
        'systems.timeout',
        'The server gave up on what it was asked.',
        `Look at its statement_timeout and at locks. ${BY_ITS_WORD}`,
      );
    case '25006':
    case '53300':
    case '57P01':
    case '57P03':
      return new HalliganError(
        'systems.unwilling',
        `The server does not do this now (${REASONS[state]}).`,
        'Try again, or name the primary in the inventory.',
      );
    default:
      return new HalliganError(
        'systems.constraint',
        `The server did not do it (SQLSTATE ${/^[0-9A-Z]{5}$/.test(state) ? state : 'unknown'}).`,
        `Look at its log. ${BY_ITS_WORD}`,
      );
  }
}

const REASONS = {
  '25006': 'it is a read-only replica',
  '53300': 'it has no free connection',
  '57P01': 'it is shutting down',
  '57P03': 'it is starting up',
} as const;

export function unknownRole(): HalliganError {
  return new HalliganError(
    'systems.account-unknown',
    'The server has no such role.',
    'Compare the name in the inventory with the roles of the server.',
  );
}

export function insufficient(): HalliganError {
  return new HalliganError(
    'systems.insufficient-access',
    'The server does not let this be done to this role.',
    'Put it into the group: GRANT breakglass TO name; or look at docs/systems/postgresql.md.',
  );
}

/** @param why in words of ours, to follow "The server does not let it in:" */
function notLetIn(why: string): HalliganError {
  return new HalliganError(
    'systems.not-let-in',
    `The server does not let it in: ${why}.`,
    'This says nothing about the password. Correct it on the server, then prove again.',
  );
}

function locked(): HalliganError {
  return new HalliganError(
    'systems.account-locked',
    'The server takes the password, and does not let the role sign in.',
    'ALTER ROLE name LOGIN; then prove again.',
  );
}

/** Accepted without a look at the password: it would have been accepted with any. */
export function nothingAsked(): HalliganError {
  return new HalliganError(
    'systems.no-password-asked',
    'The server lets this account in without a password, so that nothing is proven.',
    'Take trust (and peer, cert) for it out of pg_hba.conf: hostssl all all … scram-sha-256.',
  );
}

/** The server would learn the password, or what is as good as it. */
export function weaklyAsked(): HalliganError {
  return new HalliganError(
    'systems.authentication-method',
    'The server asks for the password in a way that gives it away (cleartext or MD5); it got none.',
    'Write scram-sha-256 into pg_hba.conf. A password that is kept as MD5 must be set once more: rotate.',
  );
}
