import type { HalliganEvent } from '../events.ts';
import type { Emergency } from './state.ts';

/** What an event after the end makes of an emergency. */
export function evolveAftermath(emergency: Emergency, event: HalliganEvent): Emergency {
  const { at } = event;
  switch (event.type) {
    case 'ResetPartAttested': {
      const { emergency: _id, ...part } = event.data;
      return {
        ...emergency,
        resetParts: { ...emergency.resetParts, [part.item]: { ...part, at } },
      };
    }
    case 'ResetFailed': {
      const { emergency: _id, ...failure } = event.data;
      return {
        ...emergency,
        resetFailures: [...(emergency.resetFailures ?? []), { ...failure, at }],
      };
    }
    case 'LogReconciled': {
      const { emergency: _id, ...found } = event.data;
      return { ...emergency, reconciled: { ...found, at } };
    }
    case 'ViolationEscalated': {
      const { emergency: _id, ...escalation } = event.data;
      return {
        ...emergency,
        escalations: [...(emergency.escalations ?? []), { ...escalation, at }],
      };
    }
    case 'ActionCompleted': {
      const { emergency: _id, ...done } = event.data;
      return {
        ...emergency,
        actionsDone: { ...emergency.actionsDone, [done.action]: { ...done, at } },
      };
    }
    case 'EmergencyVerified': {
      const { emergency: _id, ...verified } = event.data;
      return { ...emergency, verified: { ...verified, at } };
    }
    default:
      return emergency;
  }
}
