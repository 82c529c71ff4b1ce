import { isRotatedByPeople } from './account/rotated-by.ts';
import { openEmergencies } from './emergency/register.ts';
import {
  type Emergency,
  isTouched,
  isUnderWay,
  liveOpening,
  revealedAt,
} from './emergency/state.ts';
import { isReset } from './emergency/version-to-verify.ts';
import type { State } from './state.ts';

/** What a program of the server will be shown of the record: an account, with the emergency or without. */
export interface AboutSoon {
  readonly account: string;
  readonly emergency?: string;
}

/**
 * Which programs of the server an emergency that is open will ask for something next. The releaser until people see the
 * credential, and again once the version that was reset is asked for to be exercised; the rotator from when a share has
 * left its holder until that version was exercised.
 */
export function neededSoon(state: State): ReadonlyMap<'releaser' | 'rotator', AboutSoon> {
  const needed = new Map<'releaser' | 'rotator', AboutSoon>();
  for (const emergency of openEmergencies(state)) {
    if (!asksPrograms(state, emergency)) continue;
    const { id, account } = emergency;
    const isOpening = isUnderWay(emergency) && revealedAt(emergency) === undefined;
    if (isOpening || liveOpening(emergency) !== undefined)
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
