/** What can be shown to, and asked of, the person at the prompt while a sign-in is under way. */
export interface Conversation {
  /** Shown as it is, a line. */
  say(text: string): void;
  /**
   * Asks, and waits for the answer as it was typed; whoever asked wipes it.
   * @param isHidden not shown while it is typed
   * @returns undefined where the service can show no second prompt, or the person gave up
   */
  ask(prompt: string, isHidden: boolean): Promise<Uint8Array | undefined>;
}

/** Of a service that hands over one password and shows nothing but its refusal. */
export const NO_CONVERSATION: Conversation = {
  say: () => undefined,
  ask: () => Promise.resolve(undefined),
};
