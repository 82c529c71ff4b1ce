import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What docs/formats/authorisation.md says of one route. */
export interface Allowance {
  readonly method: string;
  /** With parameters in braces. */
  readonly path: string;
  /** `anybody`, `people`, `machine`, or roles. */
  readonly who: 'anybody' | 'people' | 'machine' | readonly string[];
  /** Whether programs on the server's own machine may, too. */
  readonly here: boolean;
  /** Whom of them the answer is for; empty for all. */
  readonly of: string;
}

const page = readFileSync(
  join(import.meta.dirname, '../../../docs/formats/authorisation.md'),
  'utf8',
);

/** The table of routes, in its order. */
export const ALLOWED: readonly Allowance[] = rowsOf('Routes').map(
  ([route = '', who = '', of = '']) => {
    const [method = '', path = ''] = route.replaceAll('`', '').split(' ');
    const here = who.startsWith('here, or ');
    const named = who.replace('here, or ', '');
    return {
      ...{ method, path, here, of },
      who:
        named === 'anybody' || named === 'people' || named === 'machine'
          ? named
          : named.split(', '),
    };
  },
);

/** Every kind of caller, and whether the server takes them for a person. */
export const CALLERS: ReadonlyMap<string, 'nobody' | 'a person'> = new Map(
  rowsOf('Callers').map(([caller = '', is = '']) => [
    caller,
    is === 'a person' ? 'a person' : 'nobody',
  ]),
);

/** The rows of the table of a chapter of that page, by their columns. */
export function rowsOf(chapter: string): readonly (readonly string[])[] {
  const text = page.split(/^## /m).find((one) => one.startsWith(`${chapter}\n`)) ?? '';
  const rows = text.split('\n').filter((line) => line.startsWith('| '));
  return rows.slice(1).map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((column) => column.trim()),
  );
}
