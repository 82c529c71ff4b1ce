import type { Block } from '@halligan/document';
import { timerOf } from '@halligan/procedure';
import {
  facts,
  heading,
  liveAccounts,
  type Organisation,
  people,
  placeFacts,
  steps,
  timerFacts,
} from './routine.ts';

/** Routine 3: PINs of hardware keys, and the credentials themselves. */
export function pinRotation(one: Organisation): readonly Block[] {
  const { state, policy } = one;
  const keys = liveAccounts(one).flatMap(({ document }) =>
    (document.keys ?? []).map((key) => ({ key, document })),
  );
  return [
    heading('Who'),
    facts(
      ...Object.values(state.systems).map(({ id, owner }) => ({
        label: `Owner of ${id}`,
        value: [people([owner])],
      })),
    ),
    heading('Which keys'),
    keys.length === 0
      ? { type: 'paragraph', content: ['No account has a hardware key in the inventory.'] }
      : {
          type: 'table',
          columns: ['Account', 'Key', 'PIN', 'Key lies in', 'PIN lies in'],
          rows: keys.map(({ key, document }) => [
            [document.id],
            [key.model ?? 'key', ' ', key.serial],
            [key.pin ? 'yes' : 'none'],
            [key.key_place],
            [key.pin_place ?? document.pin_copy ?? 'NOT SAID'],
          ]),
        },
    heading('How'),
    steps(
      'Two people take key and PIN envelope, and sign that the envelope is intact.',
      'Set a new PIN on the key, without a camera and without a network.',
      'Write it on paper, seal it in a new envelope: halligan envelope register.',
      'Destroy the old paper together: halligan envelope destroy.',
      'Say so: halligan duty done pin-rotation ACCOUNT. The PIN itself stands nowhere in Halligan.',
      `A PIN that somebody saw, or a holder who leaves, is rotated at once, and not after ${timerOf(policy, 'pin_rotation')}.`,
    ),
    heading('When'),
    facts(
      ...timerFacts(one, {
        pin_rotation: 'PINs are rotated every',
        credential_rotation: 'Credentials are rotated every',
        envelope_inspection: 'Envelopes are inspected every',
      }),
    ),
    heading('Where'),
    Object.keys(state.places).length === 0
      ? { type: 'paragraph', content: ['No place is kept in the inventory.'] }
      : facts(...placeFacts(one)),
  ];
}
