import { type Block, type Fact, soft } from '@halligan/document';
import { type Emergency, type Measures, measuresOf, type Scenario } from '@halligan/procedure';
import { declaredScenario, happenings } from './happenings.ts';
import {
  duration,
  fact,
  factOf,
  facts,
  paragraph,
  quoted,
  section,
  type Texts,
  time,
} from './report-parts.ts';
import type { Group } from './transcript.ts';

/** How a drill was run. */
export function drillFacts(scenario: Scenario | undefined): readonly Fact[] {
  if (scenario === undefined) return [];
  const { notice, form, sabotage } = scenario;
  return [
    fact('Drill', `${notice}, ${form}`),
    ...(sabotage.length === 0
      ? []
      : [
          factOf(
            'Sabotaged',
            sabotage.map((one) => [one]),
          ),
        ]),
  ];
}

const MEASURES = {
  toAlert: 'First alert sent',
  toAuthorise: 'Authorised',
  toQuorum: 'Quorum complete',
  toReveal: 'Credential seen, or access',
  toReset: 'Reset',
  toClose: 'Closed',
} as const satisfies Readonly<Record<keyof Measures, string>>;

/** How long each step of a drill took, by the record's own times. */
export function measures(emergency: Emergency): readonly Block[] {
  if (!emergency.drill) return [];
  const found = measuresOf(emergency);
  const took = (name: keyof Measures): Fact => {
    const seconds = found[name];
    const since = name === 'toReset' ? 'after the end' : 'after the declaration';
    return seconds === null
      ? fact(MEASURES[name], 'not reached')
      : fact(MEASURES[name], duration(seconds), ' ', soft(since));
  };
  return section(
    'How long the steps took',
    facts([
      took('toAlert'),
      took('toAuthorise'),
      took('toQuorum'),
      took('toReveal'),
      took('toReset'),
      took('toClose'),
    ]),
  );
}

const DECIDED = {
  EmergencyApproved: 'approval',
  EmergencyRefused: 'refusal',
  PartTaken: 'acknowledgement',
} as const;

/** A drill that has become real: who said so, what went on into the emergency, and what counts no more. */
export function conversion(
  { id, converted, requester, second, notes, openings }: Emergency,
  groups: readonly Group[],
  texts: Texts,
): readonly Block[] {
  if (converted === undefined) return [];
  const stream = `emergency:${id}` as const;
  const turn = happenings(groups, stream, 'DrillConverted').at(-1)?.group.index ?? 0;
  const before = (type: keyof typeof DECIDED) =>
    happenings(groups, stream, type).filter(({ group }) => group.index < turn).length;
  const dropped = (['EmergencyApproved', 'EmergencyRefused', 'PartTaken'] as const)
    .map((type) => counted(before(type), DECIDED[type]))
    .filter((text) => !text.startsWith('0 '));
  const earlier = notes.filter(({ at }) => Date.parse(at) <= Date.parse(converted.at)).length;
  const rehearsed = openings.filter((one) => one.rehearsed === true);
  const left = rehearsed.reduce((sum, one) => sum + one.releases.length, 0);
  return section(
    'A drill that became real',
    facts([
      fact('Declared as a drill', time(converted.declared)),
      ...drillFacts(declaredScenario(groups, id)),
      fact('Made real by', `${converted.by}, `, time(converted.at)),
      fact('Why', ...quoted(texts, converted.reason)),
      factOf('Went on into the emergency', [
        [`who was named: ${[requester, second].filter((one) => one !== undefined).join(', ')}`],
        [counted(earlier, 'note')],
        [`${counted(left, 'share')} that had left their holders: the account counts as seen`],
      ]),
      factOf(
        'Counts no more',
        dropped.map((text) => [`${text} of the drill`]),
      ),
    ]),
    paragraph('It was approved, joined and opened anew.'),
  );
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
