import { existsSync } from 'node:fs';
import type { Effect } from '@halligan/procedure';
import type { Means } from './effects.ts';
import { erase } from './erasure.ts';
import { exercise } from './exercise.ts';
import { keepPack, packFile } from './packing.ts';
import type { ServerParts } from './parts.ts';
import { releaseServerShare } from './release.ts';
import { rotate } from './rotation.ts';

/** How a server does what its record says is to be done. */
export function meansOf(parts: ServerParts): Means {
  return {
    state: () => parts.leader.state,
    now: () => parts.leader.now(),
    perform: (effect) => perform(parts, effect),
    isDone: (effect) =>
      // Words to approvers go through the alerts' outbox, which looks at what is due by itself.
      effect.do === 'send-summary' ||
      effect.do === 'send-notice' ||
      (effect.do === 'pack' && existsSync(packFile(parts, effect.emergency))),
    log: parts.log,
  };
}

async function perform(parts: ServerParts, effect: Effect): Promise<void> {
  switch (effect.do) {
    case 'release':
      return releaseServerShare(parts, effect.emergency, effect.request);
    case 'rotate':
      return rotate(parts, effect.account);
    case 'exercise':
      return exercise(parts, effect.emergency, effect.request);
    case 'send-summary':
    case 'send-notice':
      return;
    case 'pack':
      return keepPack(parts, effect.emergency);
    case 'erase':
      return erase(parts, effect.emergency);
  }
}
