import { digestOf } from '@halligan/format';
import type { Obligation } from '@halligan/procedure';
import type { Alert } from './alert.ts';

/** How long before its time a duty is recalled, milliseconds: in an emergency, and otherwise. */
const LEAD_IN_EMERGENCY = 10 * 60_000;
const LEAD = 7 * 86_400_000;

/** An alert about a duty, and the key under which it is never made again. */
export interface DutyAlert {
  readonly key: string;
  readonly alert: Alert;
}

/** What is recalled or late now. The key holds the duty and its time: the next time of the same duty is another. */
export function dutyAlertsOf(
  duties: readonly Obligation[],
  isEmergency: (about: string) => boolean,
  source: string,
  now: string,
): readonly DutyAlert[] {
  return duties.flatMap((duty) => {
    const stage = stageOf(duty, isEmergency(duty.about), now);
    return stage === undefined ? [] : [dutyAlert(duty, stage, source)];
  });
}

/** The keys of everything that is due, whether or not it was said: what is not among them is over. */
export function dutyKeys(duties: readonly Obligation[]): ReadonlySet<string> {
  return new Set(duties.flatMap((duty) => [keyOf(duty, 'due'), keyOf(duty, 'late')]));
}

/** When something is to be said next, milliseconds since 1970; undefined where nothing is due ever. */
export function nextDutyAt(
  duties: readonly Obligation[],
  isEmergency: (about: string) => boolean,
  now: string,
): number | undefined {
  const instants = duties.flatMap((duty) => {
    const due = Date.parse(duty.due);
    return [due - leadOf(isEmergency(duty.about)), due + 1];
  });
  const coming = instants.filter((instant) => instant > Date.parse(now));
  return coming.length === 0 ? undefined : Math.min(...coming);
}

type Stage = 'due' | 'late';

function stageOf(duty: Obligation, inEmergency: boolean, now: string): Stage | undefined {
  if (duty.late) return 'late';
  return Date.parse(duty.due) - Date.parse(now) <= leadOf(inEmergency) ? 'due' : undefined;
}

function leadOf(inEmergency: boolean): number {
  return inEmergency ? LEAD_IN_EMERGENCY : LEAD;
}

function keyOf({ id, due }: Obligation, stage: Stage): string {
  return `${stage}:${digestOf([id, due]).slice(0, 32)}`;
}

function dutyAlert(duty: Obligation, stage: Stage, source: string): DutyAlert {
  const key = keyOf(duty, stage);
  const { what, about, owners, due, escalated } = duty;
  const asked = [...new Set([...owners, ...escalated])];
  const about12 = /^[0-9a-f]{64}$/.test(about) ? about.slice(0, 12) : about;
  return {
    key,
    alert: {
      v: 'halligan/alert/v1',
      id: `duty:${key}`,
      source,
      type: `obligation.${stage}`,
      // When it became so, and not when it was noticed: sent again after a restart it is the same.
      timestamp: stage === 'late' ? due : new Date(Date.parse(due)).toISOString(),
      severity: stage === 'late' ? 'critical' : 'warning',
      title:
        stage === 'late'
          ? `LATE: ${what} of ${about12} was due at ${due}, from ${asked.join(', ') || 'nobody'}`
          : `Due: ${what} of ${about12} until ${due}, from ${asked.join(', ') || 'nobody'}`,
      next: 'halligan obligations',
      data: { what, about, owners: owners.slice(0, 64), escalated: escalated.slice(0, 64), due },
    },
  };
}
