import {
  allEmergencies,
  type Emergency,
  isOpen,
  isRotatedByPeople,
  isUnderWay,
  liveOpening,
  type State,
} from '@halligan/procedure';
import type { ServerParts } from '../parts.ts';
import { programOf } from '../programs/place.ts';
import { standBy, standDown } from '../programs/standby.ts';
import type { Program } from '../programs/transport.ts';

const PROGRAMS: readonly Program[] = ['releaser', 'rotator'];

/** While something happens in an emergency, its programs stand by: people wait for what comes next, not for a start. */
export function foresee(parts: Pick<ServerParts, 'leader' | 'home' | 'settings'>): void {
  for (const program of programsAhead(parts.leader.state))
    standBy(program, programOf(parts, program));
}

/** The programs that people will wait for next. */
export function programsAhead(state: State): readonly Program[] {
  const open = allEmergencies(state).filter(isOpen);
  const releaser = open.some(needsReleaser);
  const rotator = open.some((one) => needsRotator(state, one));
  return PROGRAMS.filter((program) => (program === 'releaser' ? releaser : rotator));
}

/** From the declaration until the server's share is released, and from the reset until it is for the exercise. */
function needsReleaser(emergency: Emergency): boolean {
  const { openings, reset, exercised } = emergency;
  const live = liveOpening(emergency);
  if (live !== undefined) return live.releases.every(({ holder }) => holder !== 'releaser');
  const waits = reset !== undefined && exercised === undefined;
  return (
    (isUnderWay(emergency) && openings.length === 0) ||
    (waits && !openings.some(({ exercise }) => exercise))
  );
}

/** From the first opening, through the reset, until the new version was exercised. */
function needsRotator(state: State, emergency: Emergency): boolean {
  return (
    emergency.openings.length > 0 &&
    emergency.exercised === undefined &&
    !isRotatedByPeople(state, emergency.system)
  );
}

/** Lets go those that stand by. */
export async function foreseeNothing(parts: Pick<ServerParts, 'home' | 'settings'>): Promise<void> {
  for (const program of PROGRAMS) await standDown(programOf(parts, program));
}
