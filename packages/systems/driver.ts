/**
 * What every driver promises. The rotator, a short-lived child with a standing credential of its own, inspects and
 * sets; a person's device only proves. A driver holds no state between calls except its own credential.
 *
 * Errors are `HalliganError`s with a code `systems.…`; none of them, nor their `cause`, carries a password or
 * anything the other side said freely: a hostile system could echo the password that it was just sent.
 */
export interface Driver {
  /** What the system tells about an account. @throws when it gave no answer (`systems.unreachable`, `systems.timeout`, …) */
  inspect(account: string): Promise<Inspection>;

  /**
   * Gives the account this password (UTF-8 bytes, copied before the first `await`). When it resolves, the system
   * said that it did so: only `prove` shows that it is true. After a `systems.timeout` or a `systems.unreachable`
   * the password may or may not have been set.
   * @param old the present one, where the account changes its own and nobody else may
   * @throws `systems.account-unknown`, `systems.constraint`, `systems.insufficient-access`, …; `systems.old-missing`,
   * `systems.old-rejected` where the account changes its own
   */
  setPassword(account: string, password: Uint8Array, old?: Uint8Array): Promise<void>;

  /**
   * Signs in and immediately out. `rejected` only when the system itself refused this password; an account that
   * does not exist is refused alike, as systems do not tell the two apart.
   * @throws when the system gave neither answer: `systems.unreachable`, `systems.timeout`, `systems.tls`; also
   * `systems.account-locked` and `systems.password-expired`, where the refusal says nothing about the password
   */
  prove(account: string, password: Uint8Array): Promise<Proof>;

  /**
   * What stands in the way of an emergency beyond what `inspect` tells: rights that the rotator lacks or has too many
   * of, expiry, lockout. Changes nothing and tries no password. Absent where the driver knows no more.
   * @throws as `inspect`
   */
  shortcomings?(account: string): Promise<readonly Shortcoming[]>;

  /** Lets go of connections and overwrites the driver's credential. May be called twice. */
  close(): Promise<void>;
}

export type Proof = 'accepted' | 'rejected';

/** Something that would not do in an emergency (`fail`), or might not (`warn`), in words of ours. */
export interface Shortcoming {
  readonly level: 'fail' | 'warn';
  readonly found: string;
  /** What to do, as a command where there is one. */
  readonly fix: string;
}

/** `unknown` is an answer of its own: a system that does not tell is not a system that says no. */
export type Inspection =
  | { readonly exists: false }
  | {
      readonly exists: true;
      /** The system's own name of the account, for example a DN. */
      readonly name: string;
      readonly locked: boolean | 'unknown';
      /** Where it is locked, and the system tells by what: somebody, failed sign-ins, or a date that has passed. */
      readonly lockedBy?: 'somebody' | 'failures' | 'expiry';
      /** Whether the next sign-in is let in only to choose another password, which makes the account useless in an emergency. */
      readonly mustChangePassword: boolean | 'unknown';
      /** Names of the groups the account is a direct member of, sorted. */
      readonly groups: readonly string[] | 'unknown';
      /** RFC 3339 in UTC. */
      readonly passwordChangedAt: string | 'unknown';
      /** Other ways in, and what is still in use: a new password evicts nobody. */
      readonly access: Access;
    };

/**
 * What lets somebody in, or still does, besides the password: compared before and after use. Each list is sorted, each
 * entry one line of printable ASCII.
 */
export interface Access {
  /** Ways to sign in: `password`, `publickey`, `cron` … */
  readonly methods: readonly string[] | 'unknown';
  /** Fingerprints of keys that sign in. */
  readonly keys: readonly string[] | 'unknown';
  /** Sessions and processes that live. */
  readonly sessions: readonly string[] | 'unknown';
  /** Rights besides groups. */
  readonly grants: readonly string[] | 'unknown';
}

/** Of a system that does not tell. */
export const NOTHING_KNOWN: Access = {
  methods: 'unknown',
  keys: 'unknown',
  sessions: 'unknown',
  grants: 'unknown',
};
