import { type Block, soft, type TimedLine } from '@halligan/document';
import type { Emergency } from '@halligan/procedure';
import { streamOf } from '@halligan/procedure';
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
