import { isOpen } from '@halligan/procedure';
import type { ServerParts } from '../parts.ts';
import { programOf } from '../programs/place.ts';
import { standBy, standDown } from '../programs/standby.ts';

const PROGRAMS = ['releaser', 'rotator'] as const;

/** While something happens in an emergency, its programs stand by: people wait for what comes next, not for a start. */
export function foresee(parts: Pick<ServerParts, 'leader' | 'home' | 'settings'>): void {
  if (!Object.values(parts.leader.state.emergencies).some(isOpen)) return;
  for (const program of PROGRAMS) standBy(program, programOf(parts, program));
}

/** Lets go those that stand by. */
export async function foreseeNothing(parts: Pick<ServerParts, 'home' | 'settings'>): Promise<void> {
  for (const program of PROGRAMS) await standDown(programOf(parts, program));
}
