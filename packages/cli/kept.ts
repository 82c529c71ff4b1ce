import { JudgedBefore } from '@halligan/evidence';

/** A session with a server, once there is one. */
export interface Session {
  token?: string;
}

/** What a process that runs several commands keeps between them, in its memory alone: each would do the same again. */
export class Kept {
  /** What was judged of the record. */
  readonly judged = new JudgedBefore();
  readonly #sessions = new Map<string, Session>();
  /** By emergency: the account that it is about never changes. */
  readonly #accounts = new Map<string, string>();

  /** Remembers what was proven of the record. */
  saw({ emergency, account }: { readonly emergency?: string; readonly account?: string }): void {
    if (emergency !== undefined && account !== undefined) this.#accounts.set(emergency, account);
  }

  accountOf(emergency: string): string | undefined {
    return this.#accounts.get(emergency);
  }

  /** The session with the server at an address. */
  session(url: string): Session {
    const known = this.#sessions.get(url) ?? {};
    this.#sessions.set(url, known);
    return known;
  }

  /** Forgets all sessions. @returns whether there were any */
  signOut(): boolean {
    const had = [...this.#sessions.values()].some(({ token }) => token !== undefined);
    this.#sessions.clear();
    return had;
  }
}
