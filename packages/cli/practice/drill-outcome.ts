/** What a drill ran on, and its emergency's id. */
export interface DrillOutcome {
  readonly emergency: string;
  readonly account: string;
}
