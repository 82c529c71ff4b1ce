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
import { isBuiltin } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { z } from 'zod';
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

const defined = new Map<string, ReadonlyMap<string, string>>();

/** Libraries in CommonJS use what a module does not have. */
const COMMON_JS = `const require = process.getBuiltinModule('node:module').createRequire(import.meta.url);
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
const sources: Plugin = {
  name: 'sources',
  setup({ onLoad }) {
    onLoad({ filter: /\.(ts|m?js)$/ }, ({ path }) => {
      const source = relative(root, path).replaceAll(sep, '/');
      const instead = INSTEAD[source];
      if (instead !== undefined) return { contents: instead, loader: 'js' };
      const text = curvesLate(path, readFileSync(path, 'utf8'));
      if (!path.endsWith('.ts') && !/import\.meta\.|require\('@noble/.test(text)) return undefined;
      const folder = JSON.stringify(`/../../${dirname(source)}`);
      const url = JSON.stringify(`../../${source}`);
      const contents = narrowed(text)
        .replaceAll('import.meta.dirname', `(import.meta.dirname + ${folder})`)
        .replaceAll('import.meta.url', `new URL(${url}, import.meta.url).href`);
      return { contents, loader: path.endsWith('.ts') ? 'ts' : 'js' };
    });
  },
};

/** Packages of which no program uses the whole. Of the others each small file would be found and read by itself. */
const LARGE = new Set(['device', 'evidence', 'journal', 'procedure', 'server', 'systems']);
const IMPORTED = /^import \{([^}]+)\} from '@halligan\/([a-z0-9-]+)';$/gm;
const CURVES =
  /^import \{ (\w+(?:, \w+)*) \} from ["'](@noble\/(?:curves\/(?:nist|ed25519)|post-quantum\/hybrid)\.js)["'];$/gm;
const EXPORTED = /^export (?:type )?\{([^}]+)\} from '([^']+)';$/gm;

/**
 * Takes each name from where it is defined: past the index of a large package, which would have a command load all that the
 * package has, and without the object that holds all of zod. As many lines as before: traces count them.
 */
function narrowed(text: string): string {
  return text
    .replace("import { z } from 'zod';", "import * as z from 'zod';")
    .replaceAll(IMPORTED, (statement: string, names: string, room: string) => {
      if (!LARGE.has(room)) return statement;
      const files = definitions(room);
      const imports = listed(names).map((name) => {
        const file = files.get(name.replace(/^type /, '').replace(/ as .*$/, ''));
        if (file === undefined) throw new Error(`@halligan/${room} exports no ${name}`);
        return `import { ${name} } from ${JSON.stringify(file)};`;
      });
      return imports.join(' ') + '\n'.repeat(statement.split('\n').length - 1);
    });
}

/**
 * Curves that age files and a MariaDB server may need are made when they are first used: Node's own cryptography mostly
 * spares them. Where noble's packages use each other's, they stay as they are.
 */
function curvesLate(path: string, text: string): string {
  if (path.includes('/@noble/')) return text;
  return [...text.matchAll(CURVES)].reduce((changed, [statement, names = '', from = '']) => {
    const used = new RegExp(`\\b(${names.replaceAll(', ', '|')})\\.`, 'g');
    return changed.replace(statement, '').replaceAll(used, `require('${from}').$1.`);
  }, text);
}

/** The file that defines a name, for each that the package's index exports; `#` names a file for Node. */
function definitions(room: string): ReadonlyMap<string, string> {
  const known = defined.get(room);
  if (known !== undefined) return known;
  const folder = join(packages, room);
  const index = readFileSync(join(folder, 'index.ts'), 'utf8');
  const about = z
    .object({ imports: z.record(z.string(), z.object({ node: z.string() })).optional() })
    .parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
  const found = new Map<string, string>();
  for (const [, names = '', file = ''] of index.matchAll(EXPORTED)) {
    const own = about.imports?.[file]?.node ?? file;
    const place = own.startsWith('.') ? join(folder, own) : own;
    for (const name of listed(names)) found.set(name.replace(/^type /, ''), place);
  }
  defined.set(room, found);
  return found;
}

function listed(names: string): readonly string[] {
  return names.split(',').flatMap((name) => name.trim() || []);
}

/**
 * Of Node's modules a bundle takes what it uses. An import evaluates every member of such a module, and behind many of
 * them lie parts of Node that are loaded then: another HTTP client, WebCrypto, what parses MIME. What a file uses is said
 * beside it: shared, it would be a file of its own.
 */
const usedAlone: Plugin = {
  name: 'used alone',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /./ }, ({ path, kind, importer }) =>
      kind === 'import-statement' && isBuiltin(path)
        ? { path, suffix: `?${importer}`, namespace: 'node', sideEffects: false }
        : undefined,
    );
    onLoad({ filter: /./, namespace: 'node' }, ({ path }) => {
      const names = Object.keys(process.getBuiltinModule(path) ?? {}).filter(
        (name) => name !== 'default' && /^[\w$]+$/.test(name),
      );
      // Marked as pure, so that those which nobody imports are left out.
      const member = (name: string) => `export const ${name} = /* @__PURE__ */ member('${name}');`;
      return {
        contents: `const whole = /* @__PURE__ */ process.getBuiltinModule('${path}');
const member = (name) => whole[name];
export default whole;
${names.map(member).join('\n')}`,
      };
    });
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
    plugins: [usedAlone, sources],
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
