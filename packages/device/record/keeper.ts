import type { Reading } from '../clock/device-time.ts';
import { waitOf } from '../guesses/guesses.ts';
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
    const until = lockedUntil(happening, memory, now());
    if (until !== undefined) await put(until);
    grown();
  };
}

/** A refusal that begins a wait, not one that is due to it. */
function lockedUntil(happening: Happening, memory: Memory, now: number): Happening | undefined {
  if (happening.type !== 'sign-in' || happening.outcome !== 'refused') return undefined;
  const { name, why, from } = happening;
  const subject = memory.person(name)?.subject;
  if (subject === undefined || why === 'held up') return undefined;
  const wait = waitOf(memory.guesses(from, now), { subject }, now);
  return wait > 0 ? { type: 'locked-out', name, until: now + wait } : undefined;
}
