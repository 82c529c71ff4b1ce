import type { Json } from '@halligan/format';
import { z } from 'zod';
import { after, isAfter } from '../duration.ts';
import { happened } from '../events.ts';
import type { Decision, Observation, Said } from '../input.ts';
import { refuse } from '../refusal.ts';
import type { State } from '../state.ts';
import { attestedAtHand } from './attested-at-hand.ts';
import { CLOCK_SKEW } from './emergency-at-hand.ts';
import type { Contact } from './events.ts';
import { emergencyById } from './register.ts';
import { signersOf } from './stand-ins.ts';
import { type Emergency, isOpen } from './state.ts';
import { decidersOf } from './taking-part.ts';

/**
 * The server sent something to a person. What arrives for something unknown, or a second time, changes nothing: an
 * outbox delivers at least once. The server chooses times anyway, so one outside the emergency is taken to its edge.
 */
export function decideContact(
  state: State,
  seen: Extract<Observation, { readonly saw: 'contacted' }>,
  now: string,
): Decision {
  const emergency = emergencyById(state, seen.emergency);
  if (emergency === undefined || !isOpen(emergency)) return { events: [] };
  const { person, channel, what, at } = seen;
  const contacted = isAfter(emergency.at, at) ? emergency.at : isAfter(at, now) ? now : at;
  const contact: Contact = { person, channel, what, contacted };
  if (isKnown(emergency, contact)) return { events: [] };
  return { events: [happened('PersonContacted', { emergency: emergency.id, ...contact })] };
}

const notification = z.strictObject({
  v: z.literal('halligan/notification/v1'),
  emergency: z.string(),
  person: z.string(),
  channel: z.enum(['phone', 'message', 'email', 'in-person']),
  at: z.iso.datetime(),
});

/** Requester or second person attest that they told an approver: with the time, and by which means. */
export function decideNotification(
  state: State,
  said: Said<'attest'>,
  document: Json | undefined,
  now: string,
): Decision {
  const otherwise = refuse(
    'notification.document',
    'The notification does not fit what was signed.',
    'Sign again: halligan emergency notified.',
  );
  const found = attestedAtHand(state, said, { shape: notification, document, otherwise });
  if ('refusal' in found) return found;
  const { emergency, attested } = found;
  const both = [...new Set(signersOf(state, emergency).flat())];
  if (!both.includes(said.by))
    return refuse(
      'notification.by',
      'Requester or second person attest whom they told.',
      `Ask ${both.join(' or ')}.`,
      both,
    );
  const { approval } = emergency;
  if (approval === undefined)
    return refuse(
      'notification.nothing',
      'There is nothing to tell yet: nothing was decided.',
      'Ask the approvers.',
    );
  const { person, channel, at } = attested;
  if (
    isAfter(approval.at, after(at, CLOCK_SKEW, 'UTC')) ||
    isAfter(at, after(now, CLOCK_SKEW, 'UTC'))
  )
    return refuse(
      'notification.times',
      'That time lies before the decision or in the future.',
      'Give the time when they were told; check the clock.',
    );
  const contact: Contact = { person, channel, what: 'notice', contacted: at, by: said.by };
  if (isKnown(emergency, contact))
    return refuse(
      'notification.again',
      'That is on the record already.',
      'Nothing more is needed.',
    );
  return { events: [happened('PersonContacted', { emergency: emergency.id, ...contact })] };
}

/** Approvers and deputies who are still to be told that their silence stood for an approval. */
export function untoldApprovers(state: State, emergency: Emergency): readonly string[] {
  const { approval } = emergency;
  if (approval?.method !== 'silence exception') return [];
  return decidersOf(state, emergency).filter((person) => !wasTold(emergency, person, approval.at));
}

/** The approver to whom the written summary of what they said by other means is still due. */
export function summaryDueTo(emergency: Emergency): string | undefined {
  const { approval } = emergency;
  if (approval?.given === undefined) return undefined;
  return wasTold(emergency, approval.by, approval.at) ? undefined : approval.by;
}

function wasTold(emergency: Emergency, person: string, since: string): boolean {
  return emergency.contacts.some(
    (one) =>
      one.person === person &&
      one.what !== 'approval-request' &&
      // Signers' clocks may be slow; the server's is the record's.
      !isAfter(
        since,
        one.by === undefined ? one.contacted : after(one.contacted, CLOCK_SKEW, 'UTC'),
      ),
  );
}

function isKnown(emergency: Emergency, contact: Contact): boolean {
  return emergency.contacts.some(
    (one) =>
      one.person === contact.person &&
      one.channel === contact.channel &&
      one.what === contact.what &&
      one.contacted === contact.contacted,
  );
}
