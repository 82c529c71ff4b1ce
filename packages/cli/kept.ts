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
