import type { Emergency, State } from '@halligan/procedure';
import type { Claim } from './claim.ts';
import type { Replay } from './replay.ts';
import type { Anchor, Group } from './transcript.ts';

/** What a pack cannot show, said, so that nobody reads more into it than it holds. */
export function limitsOf(
  { state, folded }: Replay,
  emergency: Emergency,
  groups: readonly Group[],
  anchor: Anchor,
): readonly Claim[] {
  return [
    asserted(
      'by the server',
      `the times: declared ${emergency.at}${emergency.closed === undefined ? '' : `, closed ${emergency.closed.at}`}`,
    ),
    completeness(groups.length, anchor.size),
    asserted('by the server', 'no request and no refusal was kept out of the log'),
    asserted('by the server', 'what the rules ask of other accounts and other emergencies held'),
    ...(folded === 0
      ? []
      : [
          asserted(
            'by the server',
            `the rules allowed what ${counted(folded, 'entry', 'entries')} of other emergencies did to the account; their signatures verify`,
          ),
        ]),
    ...(emergency.notes.length === 0
      ? []
      : [
          asserted(
            `by ${[...new Set(emergency.notes.map(({ by }) => by))].join(', ')}`,
            'what was done with the credential is in the notes',
          ),
        ]),
    cosigning(state, emergency, anchor),
  ];
}

/** A pack that holds the whole log leaves nothing out; of a part, only the server says that the rest is of others. */
function completeness(have: number, size: number): Claim {
  return have === size
    ? {
        verdict: 'PASS',
        basis: 'cryptographic',
        about: 'limit',
        claim: `all ${size} entries of the log up to this checkpoint are here`,
      }
    : asserted(
        'by the server',
        `the other ${size - have} entries of the log do not concern this emergency or its account`,
      );
}

function cosigning(state: State, emergency: Emergency, { size }: Anchor): Claim {
  const need = state.policies[emergency.policy]?.cosigners.need ?? 0;
  return {
    verdict: 'NOT PROVEN',
    basis: need > 0 ? 'no cosignature here' : 'no cosigners',
    about: 'limit',
    claim:
      need > 0
        ? `nobody rewrote the ${size} entries: the policy asks for ${counted(need, 'cosigner', 'cosigners')}`
        : `nobody rewrote the ${size} entries: the policy asks for no cosigner`,
  };
}

function asserted(basis: string, claim: string): Claim {
  return { verdict: 'ASSERTED', basis, claim, about: 'limit' };
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
