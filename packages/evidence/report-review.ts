import type { Fact } from '@halligan/document';
import type { Emergency } from '@halligan/procedure';
import { fact, factOf, quoted, type Texts } from './report-parts.ts';

/** What a review found, beyond its points: impact, how the process held up, what is to be done, by whom, until when. */
export function findings(emergency: Emergency, texts: Texts): readonly Fact[] {
  const { reviewed, reconciled, escalations = [] } = emergency;
  const found = reviewed?.findings;
  const actions = found?.actions ?? (reviewed === undefined ? [] : [reviewed.action]);
  return [
    ...(found === undefined
      ? []
      : [
          fact('Impact', ...quoted(texts, found.impact)),
          fact('How the process held up', ...quoted(texts, found.procedure)),
        ]),
    ...(actions.length === 0
      ? []
      : [
          factOf(
            'Corrective actions',
            actions.map(({ what, owner, due }) => [
              ...quoted(texts, what),
              ` (${owner}, until ${due})`,
            ]),
          ),
        ]),
    ...(reconciled === undefined
      ? []
      : [
          fact(
            'Audit log of the system',
            reconciled.log === null
              ? 'not to be had'
              : `${reconciled.entries} entries, ${reconciled.matched} matched the record, ${reconciled.differences.length} differences`,
          ),
        ]),
    ...(escalations.length === 0
      ? []
      : [
          factOf(
            'Escalated',
            escalations.map(({ by, to, what }) => [`${by} to ${to}: `, ...quoted(texts, what)]),
          ),
        ]),
  ];
}

/** Whom people and the server tried to reach, each with its time: what the silence exception rests on. */
export function attempts({ contacts }: Emergency): readonly Fact[] {
  return contacts.length === 0
    ? []
    : [
        factOf(
          'Attempts to reach approvers',
          contacts.map(({ person, channel, contacted, by }) => [
            `${contacted.slice(0, 10)} ${contacted.slice(11, 16)} UTC, ${person}, ${channel}, ${by === undefined ? 'sent by the server' : `by ${by}`}`,
          ]),
        ),
      ];
}
