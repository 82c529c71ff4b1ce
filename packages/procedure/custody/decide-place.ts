import { isAfter } from '../duration.ts';
import { happened } from '../events.ts';
import type { Decision } from '../input.ts';
import { isPerson } from '../quorum.ts';
import { refuse } from '../refusal.ts';
import { entryOf, type State } from '../state.ts';
import { envelopesOf } from './envelopes.ts';
import type { Joint } from './joint.ts';
import { freeTextsOf, looksLikeCombination, type PlaceDocument } from './place.ts';
import { isAhead } from './times.ts';

/** A place is added or changed: two people say where it is, who gets in and how, and never the combination. */
export function decidePlace(
  state: State,
  place: PlaceDocument,
  { digest, by }: Joint,
  now: string,
): Decision {
  const before = entryOf(state.places, place.id);
  if (freeTextsOf(place).some(looksLikeCombination)) {
    return refuse(
      'custody.combination',
      'One of these texts looks like a combination or an access code. They are never stored: more people read this record than open the safe, and what was written cannot be taken back.',
      'Leave it out; name who knows which portion, and write dates as 2026-01-31.',
    );
  }
  if (place.previous !== (before?.digest ?? null)) {
    return refuse(
      'custody.changed',
      before === undefined
        ? `There is no place “${place.id}” to change.`
        : `“${place.id}” is there already, or was changed since this was signed.`,
      'Look at it and sign again: halligan place show.',
    );
  }
  const stranger = place.access.find((person) => !isPerson(state.roster, person));
  if (stranger !== undefined)
    return refuse(
      'custody.person',
      `“${stranger}” is not a person on the roster.`,
      'Name people on the roster.',
    );
  const portions = place.combination ?? [];
  const outsider = portions.flat().find((person) => !place.access.includes(person));
  if (outsider !== undefined)
    return refuse(
      'custody.access',
      `${outsider} knows a portion of the combination but is not among those with access.`,
      'Name everybody who can get in.',
    );
  const alone = portions[0]?.find((person) => portions.every((one) => one.includes(person)));
  if (alone !== undefined)
    return refuse(
      'custody.alone',
      `${alone} knows every portion: the combination is not split for them.`,
      'Let nobody know all of it.',
    );
  if (place.breakGlassKey?.place === place.id)
    return refuse(
      'custody.key-inside',
      'The break-glass key would lie in the place that it opens.',
      'Keep it somewhere else.',
    );
  if (
    place.breakGlassKey?.place !== undefined &&
    entryOf(state.places, place.breakGlassKey.place) === undefined
  )
    return refuse(
      'custody.place',
      `There is no place “${place.breakGlassKey.place}” for the break-glass key.`,
      'Add that one first: halligan place add.',
    );
  if (isAhead(place.changed, now))
    return refuse(
      'custody.times',
      'The combination or lock was changed in the future.',
      'Give the time when it was changed; check the clock.',
    );
  if (before !== undefined && isAfter(before.document.changed, place.changed))
    return refuse(
      'custody.times',
      'The combination or lock was last changed later than that.',
      `It was changed ${before.document.changed}.`,
    );
  const here = envelopesOf(state).filter(
    ({ envelope }) => envelope.place === place.id && envelope.state !== 'destroyed',
  );
  if (place.retired === true && here[0] !== undefined)
    return refuse(
      'custody.not-empty',
      `Envelopes lie in “${place.id}”: ${here.map(({ envelope }) => envelope.serial).join(', ')}.`,
      'Move them first: halligan envelope move.',
    );
  const type = before === undefined ? 'PlaceAdded' : 'PlaceChanged';
  return { events: [happened(type, { digest, place, by })] };
}
