import { HalliganError } from '@halligan/format';
import { storedInputOf } from '@halligan/procedure';
import type { ServerParts } from '../parts.ts';
import type { Alert } from './alert.ts';

/** What was sent to a person, by the alert's type. */
const WHAT: Readonly<Record<string, string>> = {
  'emergency.approval-asked': 'approval-request',
  'emergency.approval-summary': 'summary',
  'emergency.exception-notice': 'notice',
};

/**
 * Tells the rules that a person was turned to, so that requests of the system count as attempts. That a receiver took
 * a message is all that the server knows: not that anybody read it.
 */
export async function reportContact(
  { leader, log }: ServerParts,
  { type, to, data }: Alert,
  at: string,
): Promise<void> {
  const what = Object.hasOwn(WHAT, type) ? WHAT[type] : undefined;
  const { emergency } = data;
  if (to === undefined || what === undefined || typeof emergency !== 'string') return;
  const { person, channel } = to;
  try {
    const observation = { saw: 'contacted', emergency, person, channel, at, what };
    await leader.submit(storedInputOf({ type: 'observation', observation }));
  } catch (cause) {
    const code = cause instanceof HalliganError ? cause.code : 'failed unexpectedly';
    log('error', 'alerts', 'somebody was reached, which is not on the record', {
      person,
      channel,
      code,
    });
  }
}
