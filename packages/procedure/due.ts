/** Something due: from whom, by when. */
export interface Due {
  /** Stable within its emergency or account: `<what>:<about>`. */
  readonly id: string;
  readonly what: string;
  /** The emergency or account that it is about. */
  readonly about: string;
  readonly owners: readonly string[];
  readonly due: string;
  /** What makes it due, where that is not its name. */
  readonly why?: string;
}
