import { isRotatedByPeople } from './account/rotated-by.ts';
import { openEmergencies } from './emergency/register.ts';
import { type Emergency, isTouched, isUnderWay } from './emergency/state.ts';
import { isReset } from './emergency/version-to-verify.ts';
import type { State } from './state.ts';

/** What a program of the server will be shown of the record: an account, with the emergency or without. */
export interface AboutSoon {
  readonly account: string;
  readonly emergency?: string;
}

/**
 * Which programs of the server an emergency that is open will ask for something: the releaser from the beginning, the
 * rotator from when a share has left its holder; both until the version that was reset is exercised.
 */
export function neededSoon(state: State): ReadonlyMap<'releaser' | 'rotator', AboutSoon> {
  const needed = new Map<'releaser' | 'rotator', AboutSoon>();
  for (const emergency of openEmergencies(state)) {
    if (!asksPrograms(state, emergency)) continue;
    const { id, account } = emergency;
    if (isUnderWay(emergency) || isTouched(emergency))
      needed.set('releaser', { account, emergency: id });
    if (isTouched(emergency))
      needed.set('rotator', isReset(state, emergency) ? { account, emergency: id } : { account });
  }
  return needed;
}

function asksPrograms(state: State, { system, exercised, scenario }: Emergency): boolean {
  return (
    exercised === undefined && scenario?.form !== 'tabletop' && !isRotatedByPeople(state, system)
  );
}
