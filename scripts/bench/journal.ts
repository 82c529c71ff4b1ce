import { type Done, measureJournal } from '../../packages/journal/bench.ts';
import { type Row, row } from './row.ts';
import type { Session } from './session.ts';

const SINGLE = 'entries, 1 a commit';
/** Commits a second, each of one entry. */
const WANTED = 2000;

/** Appending to a journal, beside the rate at which the same disk makes single pages durable. */
export async function journalRows(session: Session): Promise<readonly Row[]> {
  const runs: (readonly Done[])[] = [];
  for (let turn = 0; turn < (session.quick ? 1 : 3); turn += 1)
    runs.push(await measureJournal(session.quick ? 0.05 : 0.5));
  const rows: Row[] = [];
  for (const { what } of runs[0] ?? []) {
    // The raw rate is measured first.
    const bare = rows[0];
    rows.push(
      row(
        {
          name: `journal: ${what}`,
          unit: 'per second',
          ...(what === SINGLE ? { target: WANTED } : {}),
          ...(bare === undefined || !what.includes('commit') ? {} : { to: bare }),
        },
        runs.flatMap((run) => run.filter((one) => one.what === what).map(perSecond)),
      ),
    );
  }
  return rows;
}

function perSecond({ count, milliseconds }: Done): number {
  return (1000 * count) / milliseconds;
}
