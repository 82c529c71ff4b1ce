import type { UserKind } from '../access/access.ts';
import type { Conversation } from '../conversation/conversation.ts';

/** What a provider says to a name and a password. */
export type ProviderAnswer =
  /** All factors that it asks for were completed. `keep` is false where the password did not take part. */
  | {
      readonly answer: 'signed-in';
      readonly subject: string;
      readonly kind: UserKind;
      readonly keep: boolean;
    }
  /** The password is right, and that is not enough; nothing is known of the other factors. */
  | { readonly answer: 'unfinished' }
  | { readonly answer: 'wrong' }
  /** The provider itself holds guessing up: none of our business, and no failure of the person's. */
  | { readonly answer: 'held-up' }
  /** Disabled, locked by an administrator, expired, or gone. */
  | { readonly answer: 'disabled' }
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
