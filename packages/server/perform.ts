import { existsSync } from 'node:fs';
import type { Effect } from '@halligan/procedure';
import type { Means } from './effects.ts';
import { exercise } from './exercise.ts';
import { keepPack, packFile } from './packing.ts';
import type { ServerParts } from './parts.ts';
import { releaseServerShare } from './release.ts';
import { rotate } from './rotation.ts';

/** How a server does what its record says is to be done. */
export function meansOf(parts: ServerParts): Means {
  return {
    state: () => parts.leader.state,
    perform: (effect) => perform(parts, effect),
    isDone: (effect) => effect.do === 'pack' && existsSync(packFile(parts, effect.emergency)),
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
    case 'pack':
      return keepPack(parts, effect.emergency);
  }
}
