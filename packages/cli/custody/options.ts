import { HalliganError } from '@halligan/format';
import { CHECKS, type Checks } from '@halligan/procedure';
import type { Terminal } from '../terminal.ts';

/** `ana,ben` as a list. */
export function listOf(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

/** An instant that a person writes, or now. @throws `cli.usage` */
export function momentOf(text: string | undefined): string {
  if (text === undefined || text === 'now') return new Date().toISOString();
  const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}.*(?:Z|[+-]\d{2}:\d{2})$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (!Number.isNaN(time)) return new Date(time).toISOString();
  throw new HalliganError(
    'cli.usage',
    `“${text}” is no time.`,
    'Write 2026-01-31T02:20:00Z, 2026-01-31T03:20:00+01:00, or now.',
  );
}

/** When each of two people did something: `ana:2026-01-31T02:20:00Z`, or now for whoever is not named. */
export function momentsOf(
  people: readonly string[],
  given: readonly string[],
): { readonly by: string; readonly at: string }[] {
  const times = new Map<string, string>();
  for (const text of given) {
    const [, person = '', time] = /^([a-z0-9-]{1,63}):(.+)$/.exec(text) ?? [];
    if (!people.includes(person))
      throw new HalliganError(
        'cli.usage',
        `“${text}” is no time of ${people.join(' or ')}.`,
        `Write ${people[0] ?? 'ana'}:2026-01-31T02:20:00Z.`,
      );
    times.set(person, momentOf(time));
  }
  return people.map((by) => ({ by, at: times.get(by) ?? momentOf('now') }));
}

const QUESTIONS: Readonly<Record<(typeof CHECKS)[number], string>> = {
  sealUnbroken: 'Is the seal unbroken?',
  signaturesUndisturbed: 'Are the signatures across the seal undisturbed?',
  noTears: 'Is it free of tears?',
  noHoles: 'Is it free of holes?',
  noSteaming: 'Is it free of signs of steaming (waves, stains, lifted glue)?',
};

/** What was seen of an envelope: by flags, or point by point at the terminal. @throws `cli.usage`, `cli.no-terminal` */
export async function checksOf(
  terminal: Terminal,
  { intact, failed }: { readonly intact?: boolean; readonly failed?: readonly string[] },
): Promise<Checks> {
  const all = (seen: (check: (typeof CHECKS)[number]) => boolean): Checks => ({
    sealUnbroken: seen('sealUnbroken'),
    signaturesUndisturbed: seen('signaturesUndisturbed'),
    noTears: seen('noTears'),
    noHoles: seen('noHoles'),
    noSteaming: seen('noSteaming'),
  });
  const stranger = failed?.find((one) => !CHECKS.some((check) => check === one));
  if (stranger !== undefined || (intact === true && failed !== undefined))
    throw new HalliganError(
      'cli.usage',
      stranger === undefined ? 'It is intact, or it is not.' : `“${stranger}” is not looked at.`,
      `Give --intact, or --failed with ${CHECKS.join(', ')}.`,
    );
  if (failed !== undefined) return all((check) => !failed.includes(check));
  if (intact === true) return all(() => true);
  const seen = new Map<string, boolean>();
  for (const check of CHECKS) {
    const answer = await terminal.ask(`${QUESTIONS[check]} [y/n]`);
    seen.set(check, /^y(es)?$/i.test(answer));
  }
  return all((check) => seen.get(check) === true);
}
