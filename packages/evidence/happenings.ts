import { type EventType, type HalliganEvent, type Scenario, streamOf } from '@halligan/procedure';
import type { Statement } from '@halligan/statement';
import type { Group } from './transcript.ts';

type Of<Type extends EventType> = Extract<HalliganEvent, { readonly type: Type }>;

/** An event, and the entry that it stands in: who signed for it, and with which words. */
export interface Happening<Type extends EventType> {
  readonly event: Of<Type>;
  readonly group: Group;
}

/** Every event of a type in one stream, in the order of the log. Only streams that were replayed may be asked for. */
export function happenings<Type extends EventType>(
  groups: readonly Group[],
  stream: `emergency:${string}` | `account:${string}`,
  type: Type,
): readonly Happening<Type>[] {
  return groups.flatMap((group) =>
    group.events
      .filter((event): event is Of<Type> => event.type === type)
      .filter((event) => streamOf(event) === stream)
      .map((event) => ({ event, group })),
  );
}

/** The statements of an entry. */
export function statementsOf({ input }: Group): readonly Statement[] {
  return input.type === 'statements' ? input.signed.map(({ statement }) => statement) : [];
}

/** Who signed an entry, in order. */
export function signersOfGroup(group: Group): readonly string[] {
  return statementsOf(group).map(({ by }) => by);
}

/** The attempts that the silence exception names; requester and second person signed the same ones. */
export function signedAttempts(
  groups: readonly Group[],
  emergency: string,
): {
  readonly by: readonly string[];
  readonly attempts: Extract<Statement, { readonly kind: 'exception' }>['attempts'];
} {
  const approved = happenings(groups, `emergency:${emergency}`, 'EmergencyApproved').at(-1);
  const said = approved === undefined ? [] : statementsOf(approved.group);
  const [first] = said.filter((one) => one.kind === 'exception');
  return { by: said.map(({ by }) => by), attempts: first?.attempts ?? [] };
}

/** How a drill was to be run, as it was declared: what it has become since keeps no more of it. */
export function declaredScenario(
  groups: readonly Group[],
  emergency: string,
): Scenario | undefined {
  return happenings(groups, `emergency:${emergency}`, 'EmergencyDeclared')[0]?.event.data.scenario;
}
