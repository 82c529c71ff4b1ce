/**
 * `node scripts/bundle.ts`: makes the programs' bundle, `dist/a` or `dist/b`, whichever is not the newer one. Which of
 * them is run, if any, `bin/current.mjs` says.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { foldingCode } from '../packages/server/snapshot/folding-code.ts';

const root = dirname(import.meta.dirname);
const dist = join(root, 'dist');
const packages = join(root, 'packages');

/**
 * What is started as a process or a thread. Those of a line share code, in many small files, so that a command loads no
 * more than it runs; a program by itself is nearly one file, which is found and read faster.
 */
const PROGRAMS = [
  ['cli/halligan.ts', 'cli/practice.ts', 'cli/person-process.ts'],
  ['journal/range-thread.ts'],
  ['server/programs/releaser.ts'],
  ['server/programs/rotator.ts'],
  ['server/snapshot/verifier.ts'],
  ['server/reports/writer.ts'],
  ['device/agent/device-agent.ts'],
];

/** Parts of libraries that are not installed and not missed, and data of all countries for one command. */
const LEFT_OUT = ['*.node', 'cpu-features', 'pg-native', 'pg-cloudflare', 'date-holidays'];

/** Libraries in CommonJS use what a module does not have. */
const COMMON_JS = `import { createRequire as requireFrom } from 'node:module';
const require = requireFrom(import.meta.url);
const __dirname = import.meta.dirname;`;

/** What stands in for a source in the bundle. */
const INSTEAD: Readonly<Record<string, string>> = {
  'packages/journal/program-file.ts': `import { basename, join } from 'node:path';
export function programFile(source) {
  return join(import.meta.dirname, basename(source, '.ts') + '.js');
}`,
  'packages/server/snapshot/folding-code.ts': `export function foldingCode() {
  return ${JSON.stringify(foldingCode())};
}`,
};

/** In a bundle a module still says where its source lies: beside its data files. */
const places: Plugin = {
  name: 'places',
  setup({ onLoad }) {
    onLoad({ filter: /\.(ts|m?js)$/ }, ({ path }) => {
      const source = relative(root, path).replaceAll(sep, '/');
      const instead = INSTEAD[source];
      if (instead !== undefined) return { contents: instead, loader: 'js' };
      const text = readFileSync(path, 'utf8');
      if (!text.includes('import.meta.')) return undefined;
      const folder = JSON.stringify(`/../../${dirname(source)}`);
      const url = JSON.stringify(`../../${source}`);
      const contents = text
        .replaceAll('import.meta.dirname', `(import.meta.dirname + ${folder})`)
        .replaceAll('import.meta.url', `new URL(${url}, import.meta.url).href`);
      return { contents, loader: path.endsWith('.ts') ? 'ts' : 'js' };
    });
  },
};

/** What is wrong with a value is said in English alone: sixty languages of zod's stay where they are. */
const oneLanguage: Plugin = {
  name: 'one language',
  setup({ onLoad }) {
    onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, ({ path }) => ({
      contents: "export { default as en } from './en.js';",
      resolveDir: dirname(path),
    }));
  },
};

/**
 * Node's HTTP is asked for as CommonJS does: an import evaluates its every member, which loads another HTTP client, that
 * nobody uses.
 */
const httpAlone: Plugin = {
  name: 'HTTP alone',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?http$/ }, ({ path, kind }) =>
      kind === 'import-statement' ? { path, namespace: 'required' } : undefined,
    );
    onLoad({ filter: /./, namespace: 'required' }, () => ({
      contents: "module.exports = require('node:http');",
    }));
  },
};

mkdirSync(dist, { recursive: true });
const begun = Date.now();
const folder = mkdtempSync(join(dist, '.new-'));
try {
  const inputs = await Promise.all(PROGRAMS.map((programs) => bundled(programs, folder)));
  writeFileSync(join(folder, 'made-of.json'), JSON.stringify(madeOf(inputs.flat())));
  const slot = olderSlot();
  rmSync(slot, { recursive: true, force: true });
  renameSync(folder, slot);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Bundles programs. @returns the files that went into it */
async function bundled(programs: readonly string[], outdir: string): Promise<readonly string[]> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: programs.map((program) => join(packages, program)),
    outdir,
    entryNames: '[name]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node26',
    sourcemap: 'linked',
    sourcesContent: false,
    metafile: true,
    external: LEFT_OUT,
    banner: { js: COMMON_JS },
    plugins: [httpAlone, oneLanguage, places],
    logLevel: 'warning',
  });
  return Object.keys(metafile.inputs);
}

/** Every file that a bundle depends on, with its size and time. @throws where one was written meanwhile */
function madeOf(inputs: readonly string[]): readonly (readonly [string, number, number])[] {
  const ours = inputs.filter((path) => path.startsWith('packages/'));
  const rooms = new Set(ours.map((path) => path.split('/').slice(0, 2).join('/')));
  const files = [
    ...ours,
    ...[...rooms].map((room) => `${room}/package.json`),
    ...['scripts/bundle.ts', 'node_modules/.package-lock.json'],
  ];
  return [...new Set(files)].map((path) => {
    const { size, mtimeMs } = statSync(join(root, path));
    if (mtimeMs >= begun)
      throw new Error(`${path} was written while it was bundled: run this again`);
    return [path, size, mtimeMs];
  });
}

function olderSlot(): string {
  const [a, b] = ['a', 'b'].map((slot) => {
    const folder = join(dist, slot);
    const list = join(folder, 'made-of.json');
    return { folder, time: existsSync(list) ? statSync(list).mtimeMs : 0 };
  });
  if (a === undefined || b === undefined) throw new Error('there are two slots');
  return a.time <= b.time ? a.folder : b.folder;
}
