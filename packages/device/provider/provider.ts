import type { UserKind } from '../access/access.ts';
import type { Conversation } from '../conversation/conversation.ts';

/** What a provider says to a name and a password. */
export type ProviderAnswer =
  /** All factors that it asks for were completed. `keep` is false where the password did not take part. */
  | {
      readonly answer: 'signed-in';
      /** Their id, which nobody else is ever given, where the provider has one; else their name. */
      readonly subject: string;
      /** What earlier releases took for their id: what is kept under it here is theirs. */
      readonly formerly?: string;
      readonly kind: UserKind;
      readonly keep: boolean;
    }
  /**
   * The password is right, and that is not enough: another factor was not completed, or `due` says what else is missing.
   * Nothing may be kept of it.
   */
  | { readonly answer: 'unfinished'; readonly due?: 'new-password' | 'permission' }
  | { readonly answer: 'wrong' }
  /** The provider says that it knows nobody of that name: whoever was known here is gone. Most do not say so. */
  | { readonly answer: 'unknown' }
  /** The provider itself holds guessing up: none of our business, and no failure of the person's. */
  | { readonly answer: 'held-up' }
  /** Disabled, locked by an administrator, expired, or gone. */
  | { readonly answer: 'disabled' }
  /**
   * The provider answered, and decided nothing about the person: it does not know this machine's client, or said what
   * nobody wrote down. No outage, so it opens nothing; `what` is for the record and holds no word of the provider's but
   * a code.
   */
  | { readonly answer: 'fault'; readonly what: string }
  /** Nobody answered, or nobody who is the provider. */
  | { readonly answer: 'unreachable' };

/** Who knows people while the network is there. */
export interface Provider {
  /** Whether the provider itself, and not just somebody, can be reached. Never throws. */
  probe(signal: AbortSignal): Promise<boolean>;
  /**
   * Never throws for what the network or the provider does. Whoever waits for the network alone waits a few seconds and
   * no more (`unreachable`); a person who is shown a code, or asked something, is given the minutes that people need.
   * @param password as it was typed, not kept; empty where none was
   * @param signal ends it, also while the person is waited for
   */
  signIn(
    name: string,
    password: Uint8Array,
    conversation: Conversation,
    signal: AbortSignal,
  ): Promise<ProviderAnswer>;
}
