// Runs a program: from its bundle where that was made of exactly the files that lie here, else from its source.
// Plain JavaScript, so that nothing has to strip types before the bundle is found.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Where bundles lie. There are two, so that a server goes on with its own while another is made. */
export const BUNDLES = ['a', 'b'].map((slot) => join(root, 'dist', slot));

/** The folder of the bundle that was made of what lies here; undefined where there is none. */
export function currentBundle() {
  return BUNDLES.find((folder) => isCurrent(join(folder, 'made-of.json')));
}

/**
 * Compares size and time of each file with what they were when the bundle was made. The times need not be older: a
 * checkout of another version gives every file that differs a new time.
 */
function isCurrent(list) {
  if (!existsSync(list)) return false;
  for (const [path, size, time] of JSON.parse(readFileSync(list, 'utf8'))) {
    const found = statSync(`${root}/${path}`, { throwIfNoEntry: false });
    if (found?.size !== size || found.mtimeMs !== time) return false;
  }
  return true;
}

/**
 * Runs it as if Node had been given its file.
 * @param source the program's file, from the top of this folder
 */
export async function run(source) {
  const bundle = currentBundle();
  // A trace names lines of the source then. To read the maps takes time, for which nobody else should wait.
  if (process.env.HALLIGAN_DEBUG === '1') process.setSourceMapsEnabled(true);
  const file =
    bundle === undefined ? join(root, source) : join(bundle, `${basename(source, '.ts')}.js`);
  process.argv[1] = file;
  await import(pathToFileURL(file).href);
}
