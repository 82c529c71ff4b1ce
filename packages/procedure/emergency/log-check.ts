import type { Json } from '@halligan/format';
import { z } from 'zod';
import { happened } from '../events.ts';
import type { Decision, Said } from '../input.ts';
import { isPerson } from '../quorum.ts';
import { refuse } from '../refusal.ts';
import { entryOf, type State } from '../state.ts';
import { attestedAtHand } from './attested-at-hand.ts';
import { closersOf } from './stand-ins.ts';
import type { Emergency } from './state.ts';

/** Who looks the three events up in the provider's log: those who close emergencies, and the system's owner. */
export function logCheckersOf(state: State, emergency: Emergency): readonly string[] {
  const owner = entryOf(state.systems, emergency.system)?.owner;
  return [
    ...new Set([
      ...closersOf(state),
      ...(owner !== undefined && isPerson(state.roster, owner) ? [owner] : []),
    ]),
  ];
}

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const sought = z.union([
  z.strictObject({ at: z.iso.datetime(), reference: digest }),
  z.strictObject({ missing: digest }),
]);
const verification = z.lazy(() =>
  z.strictObject({
    v: z.literal('halligan/verification/v1'),
    emergency: z.string(),
    version: z.int().min(1),
    original: sought,
    test: sought,
    change: sought,
    /** Whoever may open it can, nobody else, and it is logged. */
    access: z.boolean(),
    audit: z.boolean(),
  }),
);

/**
 * The last look before the close: the original sign-in, the test sign-in and the password change are in the provider's
 * log, each with its reference, or it is said why one is not; and whoever may open the new version can, nobody else, and
 * the store logs it.
 */
export function decideLogCheck(
  state: State,
  said: Said<'attest'>,
  document: Json | undefined,
): Decision {
  const otherwise = refuse(
    'verification.document',
    'The verification does not fit what was signed.',
    'Write it again: halligan emergency check-log.',
  );
  const found = attestedAtHand(state, said, { shape: verification, document, otherwise });
  if ('refusal' in found) return found;
  const { emergency, attested } = found;
  const { version, original, test, change, access, audit } = attested;
  const eligible = logCheckersOf(state, emergency);
  if (!eligible.includes(said.by))
    return refuse(
      'verification.person',
      'Security, an auditor or the system’s owner looks into the provider’s log.',
      'Ask one of them.',
      eligible,
    );
  if (emergency.exercised === undefined || emergency.exercised.version !== version)
    return refuse(
      'verification.not-exercised',
      'That version has not been exercised.',
      'Exercise the new version first: halligan emergency exercise.',
    );
  if (emergency.verified !== undefined)
    return refuse('verification.done', 'This was verified already.', 'Close the emergency.');
  if (!access || !audit)
    return refuse(
      'verification.store',
      access ? 'What is opened is not logged.' : 'Who may open it is not as it should be.',
      'Put it right first, then verify again.',
    );
  const times = [original, test, change].flatMap((one) => ('at' in one ? [one.at] : []));
  if (times.some((at) => Date.parse(at) < Date.parse(emergency.at)))
    return refuse(
      'verification.times',
      'One of these events lies before the declaration.',
      'Look for the events of this emergency.',
    );
  return {
    events: [
      happened('EmergencyVerified', {
        emergency: emergency.id,
        by: said.by,
        version,
        original,
        test,
        change,
      }),
    ],
  };
}
