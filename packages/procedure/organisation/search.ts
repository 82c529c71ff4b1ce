import type { Account } from '../account/state.ts';
import { entryOf, type State } from '../state.ts';

/** An account that may help, with why. */
export interface FoundAccount {
  readonly account: string;
  readonly system: string;
  readonly state: Account['state'];
  /** How many of the words its entry has. */
  readonly matches: number;
}

/**
 * Which account? For somebody who knows what they see, not what it is called: words are looked for in ids, names,
 * purposes, addresses and symptoms; `dead` leaves out what does not work without a system that is down. Armed ones
 * first, then the best match.
 */
export function findAccounts(
  state: State,
  asked: { readonly words: readonly string[]; readonly dead: readonly string[] },
): readonly FoundAccount[] {
  const words = asked.words.map(plain).filter((word) => word !== '');
  return Object.values(state.accounts)
    .filter(
      ({ document, state: now }) => now !== 'retired' && !needs(state, document.system, asked.dead),
    )
    .map(({ document, state: now }): FoundAccount => {
      const system = entryOf(state.systems, document.system);
      const text = plain(
        [
          document.id,
          document.name,
          document.privilege,
          document.justification,
          document.system,
          system?.purpose ?? '',
          system?.address ?? '',
          ...(system?.symptoms ?? []),
        ].join(' '),
      );
      return {
        account: document.id,
        system: document.system,
        state: now,
        matches: words.filter((word) => text.includes(word)).length,
      };
    })
    .filter(({ matches }) => words.length === 0 || matches > 0)
    .sort(
      (a, b) =>
        Number(b.state === 'armed') - Number(a.state === 'armed') ||
        b.matches - a.matches ||
        (a.account < b.account ? -1 : 1),
    );
}

/** Whether signing in to a system needs one that is dead, itself or through what it depends on. */
export function needs(state: State, system: string, dead: readonly string[]): boolean {
  const seen = new Set<string>();
  const look = (id: string): boolean => {
    if (dead.includes(id)) return true;
    if (seen.has(id)) return false;
    seen.add(id);
    return (entryOf(state.systems, id)?.depends_on ?? []).some(look);
  };
  return look(system);
}

function plain(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}
