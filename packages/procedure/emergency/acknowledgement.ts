import type { Account, Version } from '../account/state.ts';
import { happened } from '../events.ts';
import type { Decision, Said } from '../input.ts';
import { isPerson } from '../quorum.ts';
import { refuse } from '../refusal.ts';
import { entryOf, type State } from '../state.ts';
import { possibleWitnesses, soloExecutives } from './dual-control.ts';
import { emergencyAtHand } from './emergency-at-hand.ts';
import type { Emergency } from './state.ts';
import { executivesOf } from './taking-part.ts';

type Role = Said<'take-part'>['statement']['role'];

/**
 * The second person and the witness confirm their role, each with their own key, before anything is opened; where
 * there is no second person, an executive signs first. Whoever was named and has left the roster since is replaced by
 * who takes part in their place.
 */
export function decideAcknowledgement(state: State, said: Said<'take-part'>): Decision {
  const found = emergencyAtHand(state, said);
  if ('refusal' in found) return found;
  const { emergency, account } = found;
  const { role, together, title } = said.statement;
  if (emergency.ended !== undefined || emergency.aborted !== undefined) {
    return refuse(
      'acknowledgement.over',
      'This emergency has ended.',
      'Nothing is left to take part in.',
    );
  }
  const eligible = eligibleFor(state, emergency, account, role);
  if (!eligible.includes(said.by)) {
    return refuse(
      'acknowledgement.not-named',
      role === 'executive'
        ? emergency.second === undefined
          ? 'You are no executive with a share of the solo path, or take part already.'
          : 'This emergency has a second person: no executive signs in that place.'
        : `You are not named as ${role} of this emergency.`,
      'The requester names people in the declaration.',
      eligible,
    );
  }
  if (entryOf(emergency.parts, said.by) !== undefined) {
    return refuse('acknowledgement.again', 'You take part already.', 'Nothing more is needed.');
  }
  return {
    events: [
      happened('PartTaken', {
        emergency: emergency.id,
        by: said.by,
        role,
        together,
        ...(title === undefined ? {} : { title }),
      }),
    ],
  };
}

/** Who may take a part: whoever was named; stand-ins only for somebody who has left. */
function eligibleFor(
  state: State,
  emergency: Emergency,
  account: Account,
  role: Role,
): readonly string[] {
  const version = account.versions[account.current];
  const { requester, second, witness, approval } = emergency;
  if (role === 'executive') {
    const signed = executivesOf(emergency).filter((one) => isPerson(state.roster, one));
    if (second !== undefined || signed.length > 0) return signed;
    return soloExecutives(state, version, [requester, witness, approval?.by]);
  }
  const named = role === 'second' ? second : witness;
  if (named === undefined) return [];
  return isPerson(state.roster, named) ? [named] : standInsFor(state, emergency, version, role);
}

/** Who may take the part of one who was named and has left: any other custodian; for a witness, any other observer. */
export function standInsFor(
  state: State,
  emergency: Emergency,
  version: Version | undefined,
  role: 'second' | 'witness',
): readonly string[] {
  const { requester, witness, approval } = emergency;
  if (role === 'witness') return possibleWitnesses(state, emergency, version);
  const members = state.roster?.members ?? [];
  return members
    .filter(({ kind, roles }) => kind === 'person' && roles.includes('custodian'))
    .map(({ id }) => id)
    .filter((id) => ![requester, witness, approval?.by].includes(id));
}
