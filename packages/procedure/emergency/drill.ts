import type { StatementOf } from '@halligan/statement';
import { type Refusal, refuse } from '../refusal.ts';
import type { State } from '../state.ts';
import { openEmergencies } from './register.ts';
import { isOpen, isUnderWay } from './state.ts';

/** Whether a drill may begin: not while an emergency is open, nor where it would leave nothing armed. */
export function drillFault(
  state: State,
  { purpose, scenario, system, account }: StatementOf<'declare'>,
): { readonly refusal: Refusal } | undefined {
  if (purpose !== 'drill')
    return scenario === undefined
      ? undefined
      : refuse('drill.purpose', 'Only a drill has a scenario.', 'Declare with purpose drill.');
  const busy = Object.values(state.accounts).find(
    (one) =>
      one.document.system === system &&
      one.document.id !== account &&
      one.state !== 'armed' &&
      one.state !== 'retired',
  );
  if (busy !== undefined)
    return refuse(
      'drill.sibling',
      `“${busy.document.id}” is ${busy.state}: a drill would leave nothing armed.`,
      'Arm it first.',
    );
  if (openEmergencies(state).some((one) => isOpen(one) && !one.drill))
    return refuse('drill.emergency', 'An emergency is open.', 'Drill when it is closed.');
  if (scenario === undefined) return undefined;
  const { form, sabotage } = scenario;
  if ((form === 'adversarial') !== sabotage.length > 0 || new Set(sabotage).size < sabotage.length)
    return refuse(
      'drill.sabotage',
      form === 'adversarial'
        ? 'An adversarial drill says what is sabotaged, each once.'
        : `Nothing is sabotaged in a ${form} drill.`,
      'Give --sabotage with --form adversarial, and with that only.',
    );
  return undefined;
}

/** A sign-in that is a test, announced before it happens, so that detection knows it for one. */
export interface AnnouncedSignIn {
  readonly account: string;
  readonly why: 'drill' | 'exercise' | 'rotation';
  /** The emergency or drill, where there is one. */
  readonly emergency?: string;
  /** When the record said so. */
  readonly since: string;
}

/**
 * Test sign-ins to expect now, each announced by an event before it happens: a drill's `EmergencyDeclared`, an
 * exercise's `OpeningRequested`, a rotation's `CredentialKitted`. Every other sign-in to an emergency account is an
 * emergency, or an attack.
 */
export function announcedSignIns(state: State): readonly AnnouncedSignIn[] {
  const inEmergencies = openEmergencies(state).flatMap((one): AnnouncedSignIn[] => {
    const { account, id: emergency } = one;
    const drills = one.drill && isUnderWay(one) && one.scenario?.form !== 'tabletop';
    const exercises = one.openings.filter(
      (opening) => opening.exercise && !opening.expired && one.exercised === undefined,
    );
    return [
      ...(drills ? [{ account, why: 'drill', emergency, since: one.at } as const] : []),
      ...(isOpen(one)
        ? exercises.map(({ at }) => ({ account, why: 'exercise', emergency, since: at }) as const)
        : []),
    ];
  });
  const rotations = Object.values(state.accounts).flatMap((account): AnnouncedSignIn[] =>
    Object.values(account.versions)
      .filter((one) => one.kit !== undefined && one.proven === undefined && !one.retired)
      .map(({ sealedAt }) => ({
        account: account.document.id,
        why: 'rotation',
        since: sealedAt,
      })),
  );
  return [...inEmergencies, ...rotations];
}
