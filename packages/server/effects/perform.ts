import { existsSync } from 'node:fs';
import type { Effect } from '@halligan/procedure';
import { hasIncidentSystem } from '../alerts/settings.ts';
import { keepByHand } from '../by-hand.ts';
import type { ServerParts } from '../parts.ts';
import type { Means } from './effects.ts';
import { erase } from './erasure.ts';
import { exercise } from './exercise.ts';
import { submitRecord } from './incident-system.ts';
import { keepPack, packFile } from './packing.ts';
import { releaseServerShare } from './release.ts';
import { rotate } from './rotation.ts';

/** How a server does what its record says is to be done. */
export function meansOf(parts: ServerParts): Means {
  // Shown again after a restart, which is harmless.
  const shown = new Set<string>();
  return {
    state: () => parts.leader.state,
    now: () => parts.leader.now(),
    perform: async (effect) => {
      await perform(parts, effect);
      if (effect.do === 'watch') shown.add(effect.change);
    },
    isDone: (effect) =>
      // Words to approvers go through the alerts' outbox, which looks at what is due by itself.
      effect.do === 'send-summary' ||
      effect.do === 'send-notice' ||
      (effect.do === 'submit' && !hasIncidentSystem(parts.home)) ||
      (effect.do === 'watch' && shown.has(effect.change)) ||
      (effect.do === 'pack' && existsSync(packFile(parts, effect.emergency))),
    log: parts.log,
  };
}

const ORGANISATION = ['organisation'];

/** Each program sees the organisation as it stands. */
async function showChanges(parts: ServerParts): Promise<void> {
  for (const program of ['releaser', 'rotator'] as const)
    await parts.programs.talk(program, async (conversation) => {
      const view = await conversation.view(ORGANISATION);
      await conversation.ask({ do: 'watch', view, streams: ORGANISATION });
    });
}

async function perform(parts: ServerParts, effect: Effect): Promise<void> {
  switch (effect.do) {
    case 'release':
      return releaseServerShare(parts, effect.emergency, effect.request);
    case 'rotate':
      return rotate(parts, effect.account);
    case 'kit':
      return keepByHand(parts, effect.account, effect.version);
    case 'exercise':
      return exercise(parts, effect.emergency, effect.request);
    case 'send-summary':
    case 'send-notice':
      return;
    case 'submit':
      return submitRecord(parts, effect.emergency);
    case 'pack':
      return keepPack(parts, effect.emergency);
    case 'watch':
      return showChanges(parts);
    case 'erase':
      return erase(parts, effect.emergency);
  }
}
