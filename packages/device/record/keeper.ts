import type { Reading } from '../clock/device-time.ts';
import { usedUpUntil, waitOf } from '../guesses/guesses.ts';
import type { Memory } from '../store/memory.ts';
import type { Happening } from './happening.ts';
import type { MachineRecord } from './record.ts';
import { reportOf } from './report-of.ts';

/** What happens is put on the record by. */
export interface KeeperParts {
  readonly record: MachineRecord;
  readonly memory: Memory;
  readonly read: () => Reading;
  /** Seconds of the machine's own time. */
  readonly now: () => number;
  /** Told whenever there is more on the record. */
  readonly grown: () => void;
}

/**
 * Puts what happened on the machine's record: durable when this resolves. A refusal that makes somebody wait is followed
 * by saying so.
 * @throws `device.record`
 */
export function keeper({ record, memory, read, now, grown }: KeeperParts) {
  const isKnown = (name: string) => memory.person(name) !== undefined;
  const put = async (happening: Happening) => {
    const at = read();
    await record.append(reportOf(happening, at, isKnown), (lost) =>
      reportOf({ type: 'gap', lost, why: 'not-written' }, at, isKnown),
    );
  };
  return async (happening: Happening): Promise<void> => {
    await put(happening);
    for (const lockout of lockoutsOf(happening, memory, now())) await put(lockout);
    grown();
  };
}

/** The waits that a refusal begins, not those that it is due to: of the person, and of all who are not known. */
function lockoutsOf(happening: Happening, memory: Memory, now: number): readonly Happening[] {
  if (happening.type !== 'sign-in' || happening.outcome !== 'refused') return [];
  const { name, why, from } = happening;
  if (why === 'held up') return [];
  const guesses = memory.guesses(from, now);
  const subject = memory.person(name)?.subject;
  const wait = subject === undefined ? 0 : waitOf(guesses, { subject }, now);
  const usedUp = usedUpUntil(guesses, now);
  return [
    ...(wait > 0 ? [{ type: 'locked-out', name, from, until: now + wait } as const] : []),
    ...(usedUp === undefined ? [] : [{ type: 'locked-out', from, until: usedUp } as const]),
  ];
}
