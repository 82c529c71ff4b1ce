import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** Says on standard error, when the process ends, what was loaded, one URL a line behind a mark. */
const WATCH = `
import { registerHooks } from 'node:module';
const loaded = [];
registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
process.on('exit', () => process.stderr.write(loaded.map((url) => 'loaded: ' + url + '\\n').join('')));
`;

/** What a program loads by itself, its environment empty but for what is given. */
export function loadedBy(
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): { readonly code: number | null; readonly out: string; readonly loaded: readonly string[] } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(WATCH)}`, ...argv],
    { encoding: 'utf8', env: { ...environment }, maxBuffer: 16 << 20 },
  );
  const loaded = [...stderr.matchAll(/^loaded: (.*)$/gm)].map(([, url = '']) => url);
  return { code: status, out: stdout, loaded };
}

/** The rooms of ours and the libraries that modules belong to: `cli`, `npm:zod`. */
export function roomsOf(loaded: readonly string[]): readonly string[] {
  const rooms = loaded.flatMap((url) => {
    const library = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
    if (library !== undefined) return [`npm:${library}`];
    return /\/packages\/([^/]+)\//.exec(url)?.[1] ?? [];
  });
  return [...new Set(rooms)].toSorted();
}

export const MAIN = join(import.meta.dirname, '../main.ts');
