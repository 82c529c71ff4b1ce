import type { Json } from '@halligan/format';
import type { VerifiedStatement } from '@halligan/statement';
import { emergencyById } from '../emergency/register.ts';
import type { Decision } from '../input.ts';
import { refuse } from '../refusal.ts';
import type { State } from '../state.ts';
import { decideEnvelope } from './decide-envelope.ts';
import { decidePlace } from './decide-place.ts';
import { subjectOfCustody } from './document.ts';
import { jointCustody, keepersOf } from './joint.ts';
import { decideRetrieval } from './retrieval.ts';

/** What two people sign about a place or an envelope, in an emergency or without one. */
export function decideCustody(
  state: State,
  statements: readonly VerifiedStatement[],
  document: Json | undefined,
  now: string,
): Decision {
  const joint = jointCustody(state, statements, document);
  if ('refusal' in joint) return joint;
  const [said] = statements;
  if (said === undefined) return refuse('input.empty', 'Nothing was said.', 'Sign a statement.');
  const { subject } = said.statement;
  if (emergencyById(state, subject) !== undefined) return decideRetrieval(state, said, joint, now);
  if (subject !== subjectOfCustody(joint.document))
    return refuse(
      'custody.subject',
      'The signatures are for something else than the document.',
      'Sign again; in an emergency, name it.',
    );
  if (said.statement.purpose !== 'real')
    return refuse(
      'input.purpose',
      `This was signed for the purpose “${said.statement.purpose}”, but it changes the organisation.`,
      'Sign it for real: envelopes are real in a drill, too.',
    );
  const keepers = keepersOf(state);
  const held = joint.document.do === 'register' ? joint.document.contains : [];
  const holders = held.flatMap((one) => (one.what === 'share' ? [one.holder] : []));
  const other = joint.by.find((one) => !keepers.includes(one) && !holders.includes(one));
  if (other !== undefined)
    return refuse(
      'custody.role',
      `${other} keeps no envelopes: custodians and security do.`,
      'Ask one of them.',
      keepers,
    );
  return joint.document.do === 'place'
    ? decidePlace(state, joint.document, joint, now)
    : decideEnvelope(state, joint.document, joint, now);
}
