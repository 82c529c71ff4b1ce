import { digestOf, HalliganError } from '@halligan/format';
import { kindOfRecipient } from '@halligan/seal';
import { type Member, memberById, memberSchema, verifyRecipient } from '@halligan/statement';
import type { Leader } from './leader.ts';

/** People who ask to join and wait for an admin. Anybody may ask: few are kept, and nothing is promised. */
const MOST_WAITING = 64;

/**
 * Where people who join leave their card: their id, keys and self-signed recipient. It is no part of the record until
 * an admin, who compared the genesis words and the card's words with them, admits them by a signed roster change.
 */
export class JoinDesk {
  readonly #waiting = new Map<string, Member>();
  readonly #leader: Leader;

  constructor(leader: Leader) {
    this.#leader = leader;
  }

  /** @throws `server.join`, `statement.signature`, `server.busy` */
  async apply(card: unknown): Promise<{ readonly person: string }> {
    const parsed = memberSchema.safeParse(card);
    if (!parsed.success || parsed.data.kind !== 'person') {
      throw new HalliganError('server.join', 'This is not a person’s card.', 'Use halligan join.');
    }
    const member = parsed.data;
    const { roster } = this.#leader.state;
    if (
      roster === undefined ||
      memberById(roster, member.id) !== undefined ||
      roster.former.includes(member.id)
    ) {
      throw new HalliganError(
        'server.join',
        `The id “${member.id}” is taken.`,
        'Choose another id.',
      );
    }
    await verifyRecipient({ ...member, person: member.id });
    if (kindOfRecipient(member.recipient) !== roster.recipients) {
      throw new HalliganError(
        'server.join',
        `This organisation’s recipients are ${roster.recipients}.`,
        'Make a key of that kind: halligan join does.',
      );
    }
    if (this.#waiting.size >= MOST_WAITING && !this.#waiting.has(member.id)) {
      throw new HalliganError(
        'server.busy',
        'Too many people wait to be admitted.',
        'Ask an admin to look at halligan person list.',
      );
    }
    // A second card under the same id does not replace the first: whoever came later could be somebody else.
    const first = this.#waiting.get(member.id) ?? member;
    if (digestOf(first) !== digestOf(member)) {
      throw new HalliganError(
        'server.join',
        `Another card waits as “${member.id}” already.`,
        'If it is not yours, tell an admin: somebody took your id. The server forgets who waits when it is started again.',
      );
    }
    this.#waiting.set(member.id, member);
    return { person: member.id };
  }

  /** Cards of those who are not on the roster yet. */
  waiting(): readonly Member[] {
    const { roster } = this.#leader.state;
    return [...this.#waiting.values()].filter(
      (member) => roster === undefined || memberById(roster, member.id) === undefined,
    );
  }
}
