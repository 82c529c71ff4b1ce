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

/** Why the silence exception was invoked, and why it was aborted: digests that the statements name and no state keeps. */
export function reasonsOf(
  groups: readonly Group[],
  emergency: string,
): { readonly exception: readonly string[]; readonly abort: readonly string[] } {
  const stream = `emergency:${emergency}` as const;
  const exceptions = happenings(groups, stream, 'EmergencyApproved').flatMap(({ group }) =>
    statementsOf(group).flatMap((one) => (one.kind === 'exception' ? [one.reason] : [])),
  );
  const aborted = happenings(groups, stream, 'EmergencyAborted');
  return {
    exception: [...new Set(exceptions)],
    abort: aborted.map(({ event }) => event.data.reason),
  };
}

/** By whoever took a part in the place of one who had been named for it and had left: who that was. */
export function stoodInFor(
  groups: readonly Group[],
  emergency: string,
): ReadonlyMap<string, string> {
  const stream = `emergency:${emergency}` as const;
  const declared = happenings(groups, stream, 'EmergencyDeclared')[0]?.event.data;
  const named = new Map<string, string | undefined>([
    ['second', declared?.second],
    ['witness', declared?.witness],
  ]);
  const stood = new Map<string, string>();
  for (const { event } of happenings(groups, stream, 'PartTaken')) {
    const { by, role } = event.data;
    const before = named.get(role);
    if (before !== undefined && before !== by) stood.set(by, before);
    if (named.has(role)) named.set(role, by);
  }
  return stood;
}

/** How a drill was to be run, as it was declared: what it has become since keeps no more of it. */
export function declaredScenario(
  groups: readonly Group[],
  emergency: string,
): Scenario | undefined {
  return happenings(groups, `emergency:${emergency}`, 'EmergencyDeclared')[0]?.event.data.scenario;
}
