import { type Emergency, isTouched } from './state.ts';

/** What rules ask of all emergencies that are closed, however many they are. */
export interface Past {
  /** By account: when it was last shown to work after an emergency, and when after one that used it, or tried to. */
  readonly practised: Readonly<
    Record<string, { readonly exercised: string; readonly tested?: string }>
  >;
  /** By requester: when the last few requests were made that came to nothing, by the emergency’s id. */
  readonly givenUp: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Requests of one person that were given up, within the approvers' waiting time, after which that person waits. */
export const MOST_GIVEN_UP = 3;

/** The past with an emergency that is closed; the same once more changes nothing. */
export function pastWith(past: Past, emergency: Emergency): Past {
  return {
    practised: practisedWith(past.practised, emergency),
    givenUp: givenUpWith(past.givenUp, emergency),
  };
}

function practisedWith(practised: Past['practised'], emergency: Emergency): Past['practised'] {
  if (emergency.exercised === undefined) return practised;
  const { account } = emergency;
  const before = Object.hasOwn(practised, account) ? practised[account] : undefined;
  const { at } = emergency.exercised;
  const tested = isTest(emergency) ? later(before?.tested, at) : before?.tested;
  return {
    ...practised,
    [account]: {
      exercised: later(before?.exercised, at) ?? at,
      ...(tested === undefined ? {} : { tested }),
    },
  };
}

function givenUpWith(givenUp: Past['givenUp'], emergency: Emergency): Past['givenUp'] {
  const { requester, id, at } = emergency;
  const before = Object.hasOwn(givenUp, requester) ? (givenUp[requester] ?? {}) : {};
  if (!isGivenUp(emergency)) {
    if (!Object.hasOwn(before, id)) return givenUp;
    const { [id]: _touched, ...others } = before;
    return { ...givenUp, [requester]: others };
  }
  const latest = Object.entries({ ...before, [id]: at })
    .sort(([, a], [, b]) => Date.parse(b) - Date.parse(a))
    .slice(0, MOST_GIVEN_UP);
  return { ...givenUp, [requester]: Object.fromEntries(latest) };
}

/** Whether an emergency showed that its account works: it was used, or tried to be, and exercised after its reset. */
export function isTest(emergency: Emergency): boolean {
  return (
    emergency.exercised !== undefined &&
    isTouched(emergency) &&
    emergency.scenario?.form !== 'tabletop'
  );
}

/** Whether a request came to nothing, and nobody was let in. */
export function isGivenUp(emergency: Emergency): boolean {
  return emergency.aborted !== undefined && !isTouched(emergency);
}

/** The later of two instants, RFC 3339; undefined where there is neither. */
export function later(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Date.parse(a) >= Date.parse(b) ? a : b;
}
