import { type Emergency, lintPolicy, type State } from '@halligan/procedure';
import type { Claim } from './claim.ts';
import type { ProvenCosigned } from './cosigned.ts';
import type { Replay } from './replay.ts';
import type { Anchor, Group } from './transcript.ts';

/** What a pack cannot show, said, so that nobody reads more into it than it holds. */
export function limitsOf(
  { state, folded }: Replay,
  emergency: Emergency,
  groups: readonly Group[],
  anchor: Anchor,
  cosigned: ProvenCosigned | undefined,
): readonly Claim[] {
  return [
    ...times(emergency, groups),
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
    ...weaknesses(state, emergency),
    cosigning(state, emergency, groups, anchor, cosigned),
  ];
}

/** What is weak about the policy that it was judged by: one who can open alone, figures looser than the practice. */
function weaknesses({ policies, roster }: State, { policy }: Emergency): readonly Claim[] {
  const found = policies[policy];
  if (found === undefined || roster === undefined) return [];
  return lintPolicy(found, roster)
    .filter(({ severity }) => severity !== 'notice')
    .map(({ severity, what }) => ({
      verdict: 'PASS',
      basis: 'cryptographic',
      about: 'limit',
      claim: `finding of its policy (${severity}): ${what}`,
    }));
}

/** Without the server there is no clock but the signers' own, and no order but what each of them had seen. */
function times({ at, offline, closed }: Emergency, groups: readonly Group[]): readonly Claim[] {
  const end = closed === undefined ? [] : [`closed ${closed.at}`];
  if (offline === undefined)
    return [asserted('by the server', `the times: ${[`declared ${at}`, ...end].join(', ')}`)];
  const signed = groups.flatMap(({ input }) =>
    input.type === 'statements' ? input.signed.map(({ statement }) => statement) : [],
  );
  const apart = signed.filter((one) => one.offline !== undefined);
  const people = [...new Set(apart.map(({ by }) => by))].sort();
  return [
    asserted(
      `by ${people.join(', ')}`,
      `the times and the order from ${at} until ${offline.until}: it was carried on without the server, from the kit of ${apart[0]?.journal.size ?? 0} entries, and taken in afterwards`,
    ),
    asserted('by the server', `the times after that${end.map((text) => `: ${text}`).join('')}`),
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

/** Cosigners that the policy names and the server does not control: only they show that nobody else sees another log. */
function cosigning(
  state: State,
  emergency: Emergency,
  groups: readonly Group[],
  { size }: Anchor,
  cosigned: ProvenCosigned | undefined,
): Claim {
  const need = state.policies[emergency.policy]?.cosigners.need ?? 0;
  const unproven = (basis: string, why: string): Claim => ({
    verdict: 'NOT PROVEN',
    basis,
    about: 'limit',
    claim: `nobody rewrote the ${size} entries: ${why}`,
  });
  if (need === 0) return unproven('no cosigners', 'the policy asks for no cosigner');
  const asked = `the policy asks for ${counted(need, 'cosigner', 'cosigners')}`;
  if (cosigned === undefined) return unproven('no cosignature here', asked);
  if (!cosigned.isEnough)
    return unproven('too few cosignatures', `${asked}, ${cosigned.by.length} signed`);
  const last = groups.at(-1)?.index ?? 0;
  if (cosigned.size <= last)
    return unproven('not cosigned yet', `cosigners signed ${cosigned.size} of them so far`);
  const names = cosigned.by.map(({ name }) => name).join(', ');
  return {
    verdict: 'PASS',
    basis: `cosigned by ${cosigned.by.length}, need ${need}`,
    about: 'limit',
    claim: `nobody rewrote the ${cosigned.size} entries that ${names} cosigned; all that is here is among them`,
  };
}

function asserted(basis: string, claim: string): Claim {
  return { verdict: 'ASSERTED', basis, claim, about: 'limit' };
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
