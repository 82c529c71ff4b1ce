import type { PracticeRun } from './practice-run.ts';
import { type Row, row } from './row.ts';
import type { Session } from './session.ts';

/** Chapters of a practice run that are not the drill. */
const AROUND = new Set(['Founding', 'Roll call', 'Evidence']);

/** How long machines take for a whole emergency when people take no time. */
export async function drillRows(session: Session): Promise<readonly Row[]> {
  const turns = session.quick ? 1 : 3;
  const real: PracticeRun[] = [];
  const cheap: PracticeRun[] = [];
  // By turns: what disturbs the machine disturbs both.
  for (let turn = 0; turn < turns; turn += 1) {
    real.push(await session.practice('real', turn));
    cheap.push(await session.practice('cheap', turn));
  }
  const drill = row({ name: 'drill', unit: 's' }, real.map(drillSeconds));
  return [
    row(
      { name: 'practice run: founded, drilled, verified', unit: 's' },
      real.map(({ whole }) => whole / 1000),
    ),
    row(
      { name: 'practice run: evidence packed and verified', unit: 's' },
      real.map(({ chapters }) => (chapters.get('Evidence') ?? Number.NaN) / 1000),
    ),
    drill,
    row(
      { name: 'drill without key derivation', unit: 's', target: 3, to: drill },
      cheap.map(drillSeconds),
    ),
    ...chaptersOf(cheap).map((chapter) =>
      row(
        { name: `drill without key derivation: ${chapter.toLowerCase()}`, unit: 's' },
        cheap.map(({ chapters }) => (chapters.get(chapter) ?? Number.NaN) / 1000),
      ),
    ),
    ...['argon2id', 'scrypt'].flatMap((what) => [
      row(
        { name: `practice run: calls of ${what}`, unit: 'calls' },
        real.map(({ keys }) => keys.filter((one) => one.what === what).length),
      ),
      row(
        { name: `practice run: one call of ${what}`, unit: 'ms' },
        real.flatMap(({ keys }) => keys.filter((one) => one.what === what).map(({ ms }) => ms)),
      ),
    ]),
  ];
}

function chaptersOf(runs: readonly PracticeRun[]): readonly string[] {
  return [...(runs[0]?.chapters.keys() ?? [])].filter((chapter) => !AROUND.has(chapter));
}

function drillSeconds({ chapters }: PracticeRun): number {
  let sum = 0;
  for (const [chapter, ms] of chapters) if (!AROUND.has(chapter)) sum += ms;
  return sum / 1000;
}
