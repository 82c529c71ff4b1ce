import type { Alert } from './alert.ts';

/** What every alert says of where and when it was made. */
export type Origin = Pick<Alert, 'v' | 'source' | 'timestamp'>;

/** Somebody's addresses are about to be changed. */
export function contactsChange(origin: Origin, person: string, by: string): Alert {
  return {
    ...origin,
    id: `contacts:${person}:${origin.timestamp}`,
    type: 'organisation.contacts-changed',
    severity: by === person ? 'info' : 'critical',
    title: `${by} changed how ${person} is reached`,
    next: `If ${person} does not know of it, tell security: halligan person contacts ${person}`,
    data: { person, by },
  };
}

/** The machine's clock was set. @param seconds by which; negative where it was set back */
export function clockJump(origin: Origin, seconds: number): Alert {
  return {
    ...origin,
    id: `clock:${origin.timestamp}`,
    type: 'server.clock-jumped',
    severity: 'warning',
    title: `The server’s clock was set by ${seconds} s, or its machine slept: deadlines may be wrong`,
    next: 'Compare the time of the server with a clock that you trust',
    data: { seconds },
  };
}

/** Somebody tries whether alerts arrive. */
export function alertTest(origin: Origin, by: string): Alert {
  return {
    ...origin,
    id: `test:${origin.timestamp}`,
    type: 'alert.test',
    severity: 'info',
    title: 'This is a test: alerts of this organisation reach you',
    next: 'Nothing. If you should not get these, tell an admin.',
    data: { by },
  };
}
