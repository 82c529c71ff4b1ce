import { type Block, code, soft, type TimedLine } from '@halligan/document';
import { type Emergency, type State, streamOf } from '@halligan/procedure';
import { statementsOf } from './happenings.ts';
import { fact, facts, paragraph, section, time } from './report-parts.ts';
import type { Group } from './transcript.ts';

/** What was said without the server, by whose clock, from which kit, and when the record took it in. */
export function withoutTheServer(
  { id, offline }: Emergency,
  groups: readonly Group[],
): readonly Block[] {
  if (offline === undefined) return [];
  const stream = `emergency:${id}`;
  const apart = groups.flatMap((group) => {
    const said = statementsOf(group).filter((one) => one.offline !== undefined);
    const event = group.events.find((one) => streamOf(one) === stream);
    return event === undefined ? [] : said.map((statement) => ({ statement, taken: event.at }));
  });
  const [first] = apart;
  const last = apart.at(-1);
  if (first === undefined || last === undefined) return [];
  return section(
    'Without the server',
    facts([
      fact('Worked from', `the kit of ${first.statement.journal.size} entries`),
      fact('Carried on until', time(offline.until)),
      fact('Taken into the record', time(last.taken)),
    ]),
    {
      type: 'lines',
      lines: apart.map(
        ({ statement: { at, kind, by } }): TimedLine => ({
          content: [time(at), ` - ${kind} `, soft(`(${by})`)],
        }),
      ),
    },
    paragraph('These times, and the order of these lines, are the word of those who signed them.'),
  );
}

/** Uses of the account without the server of which the record knows no more than that somebody reported them. */
export function notTakenIn(state: State, { account }: Emergency): readonly Block[] {
  const { reported = [] } = state.accounts[account] ?? {};
  return reported.length === 0
    ? []
    : section('Uses that the record could not take in', {
        type: 'lines',
        lines: reported.map(
          ({ at, by, version, rule, emergency }): TimedLine => ({
            content: [
              time(at),
              ` - version ${version}, without the server, reported by ${by} `,
              soft('(declared as ', code(emergency.slice(0, 12)), `; ${rule})`),
            ],
          }),
        ),
      });
}
