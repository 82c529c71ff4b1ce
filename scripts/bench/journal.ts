import { type Done, measureAppends, measureJournal } from '../../packages/journal/bench.ts';
import { quantile, type Row, row } from './row.ts';
import type { Session } from './session.ts';

const SINGLE = 'entries, 1 a commit';
const ROWS = 'journal: SQLite rows, 1 a commit';
/** Commits a second, each of one entry. */
const WANTED = 2000;
/** Milliseconds within which 99 of 100 entries are durable at half load. */
const PATIENCE = 10;

/** Appending to a journal, beside the rate at which the same disk makes single pages durable. */
export async function journalRows(session: Session): Promise<readonly Row[]> {
  const runs: (readonly Done[])[] = [];
  for (let turn = 0; turn < (session.quick ? 1 : 3); turn += 1)
    runs.push(await measureJournal(session.quick ? 0.05 : 0.5));
  const rows: Row[] = [];
  for (const { what } of runs[0] ?? []) {
    // The raw rate is measured first; the rows of SQLite by turns with single entries.
    const bare = what === SINGLE ? rows.find(({ name }) => name === ROWS) : rows[0];
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
  return [...rows, ...(await latencyRows(session, rows))];
}

/** How long one entry takes while the journal has half of what it can do. */
async function latencyRows(session: Session, rows: readonly Row[]): Promise<readonly Row[]> {
  const rate = rows.find(({ name }) => name === `journal: ${SINGLE}`)?.value ?? WANTED;
  const count = session.quick ? 300 : 5000;
  const name = (part: string) => `journal: an entry at half load, ${part}`;
  const all: (readonly number[])[] = [];
  for (let turn = 0; turn < (session.quick ? 1 : 3); turn += 1)
    all.push((await measureAppends(rate / 2, count)).toSorted((a, b) => a - b));
  return [
    row(
      { name: name('p50'), unit: 'ms' },
      all.map((one) => quantile(one, 0.5)),
    ),
    row(
      { name: name('p99'), unit: 'ms', target: PATIENCE },
      all.map((one) => quantile(one, 0.99)),
    ),
  ];
}

function perSecond({ count, milliseconds }: Done): number {
  return (1000 * count) / milliseconds;
}
