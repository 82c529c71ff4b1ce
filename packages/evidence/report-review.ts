import { type Content, type Fact, soft } from '@halligan/document';
import { actionsOf, type Emergency, unexplainedIn } from '@halligan/procedure';
import { fact, factOf, named, quoted, type Texts, time } from './report-parts.ts';

/** What a review found, beyond its points: impact, how the process held up, what is to be done, by whom, until when. */
export function findings(emergency: Emergency, texts: Texts): readonly Fact[] {
  const { reviewed, escalations = [] } = emergency;
  const found = reviewed?.findings;
  return [
    ...(found === undefined
      ? []
      : [
          fact('Impact', ...quoted(texts, found.impact)),
          fact('How the process held up', ...quoted(texts, found.procedure)),
          fact('The responsible people', found.responsible),
        ]),
    ...actions(emergency, texts),
    ...besideTheLog(emergency, texts),
    ...(found === undefined || found.violations.length === 0
      ? []
      : [
          factOf(
            'Violations',
            found.violations.map(({ what, suspend }) => [
              ...quoted(texts, what),
              ...suspended(suspend),
            ]),
          ),
        ]),
    ...(escalations.length === 0
      ? []
      : [
          factOf(
            'Escalated',
            escalations.map(({ by, to, what, logs, suspend, at }) => [
              `${by} to ${to}, `,
              time(at),
              ': ',
              ...quoted(texts, what),
              ...suspended(suspend),
              ...logs.flatMap((log): Content => [' Log: ', ...named(texts, log)]),
            ]),
          ),
        ]),
  ];
}

function suspended(people: readonly string[]): Content {
  return people.length === 0 ? [] : [` (recommends to suspend ${people.join(', ')})`];
}

function actions(emergency: Emergency, texts: Texts): readonly Fact[] {
  const { actionsDone = {} } = emergency;
  const all = actionsOf(emergency);
  return all.length === 0
    ? []
    : [
        factOf(
          'Corrective actions',
          all.map(({ what, owner, due }) => {
            const done = actionsDone[what];
            return [
              ...quoted(texts, what),
              ` (${owner}, until ${due}) `,
              ...(done === undefined
                ? [soft('not done yet')]
                : [
                    `Done: ${done.by}, `,
                    time(done.at),
                    ...(done.text === undefined ? [] : [': ', ...quoted(texts, done.text)]),
                  ]),
            ];
          }),
        ),
      ];
}

/** The system's own log beside the record: the counts, the file, and each place where they differ. */
function besideTheLog(emergency: Emergency, texts: Texts): readonly Fact[] {
  const { reconciled, notes } = emergency;
  if (reconciled === undefined) return [];
  const { log, by, at, entries, matched, differences, unavailable } = reconciled;
  if (log === null)
    return [
      {
        label: 'Audit log of the system',
        value: [[`not to be had (${by}, `, time(at), ')'], quoted(texts, unavailable)],
      },
    ];
  const unexplained = unexplainedIn(emergency).length;
  return [
    {
      label: 'Audit log of the system',
      value: [
        [
          `${entries} ${entries === 1 ? 'entry' : 'entries'}, ${matched} matched the record, ${differences.length} ${differences.length === 1 ? 'difference' : 'differences'}, `,
          { type: 'verdict', good: unexplained === 0, text: `${unexplained} unexplained` },
        ],
        [`compared by ${by}, `, time(at)],
        ['the imported log: ', ...named(texts, log)],
      ],
    },
    ...(differences.length === 0
      ? []
      : [
          factOf(
            'Differences',
            differences.map(({ entry, note, at: when, explanation }) => [
              time(when),
              entry === undefined ? ', in the notes only: ' : `, in the log only, entry ${entry}: `,
              ...(note === undefined
                ? []
                : [
                    ...quoted(texts, notes.find(({ statement }) => statement === note)?.text),
                    '. ',
                  ]),
              ...(explanation === undefined
                ? [{ type: 'verdict', good: false, text: 'unexplained' } as const]
                : quoted(texts, explanation)),
            ]),
          ),
        ]),
  ];
}
