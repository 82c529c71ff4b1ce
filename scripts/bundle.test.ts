/** The bundle: that it does what the source does, and that one that is not of these very sources is never run. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openJournal } from '@halligan/journal';
import { generateNoteKey } from '@halligan/tlog';
import { loadedBy } from '../packages/cli/tree/loaded.fixture.ts';
import { RangeThreads, usualSharing } from '../packages/journal/range-threads.ts';

const root = dirname(import.meta.dirname);
const bin = join(root, 'bin');
const folder = mkdtempSync(join(tmpdir(), 'halligan-bundle-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Longest that a program of these tests may take, milliseconds. */
const PATIENCE = 480_000;

function ran(argv: readonly string[], input = '') {
  const env = { HOME: folder, HALLIGAN_HOME: join(folder, 'none') };
  const options = { env, input, encoding: 'utf8', timeout: PATIENCE } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, options);
  return { status, stdout, stderr };
}

before(() => {
  const made = spawnSync(process.execPath, [join(root, 'scripts', 'setup.mjs')]);
  assert.equal(made.status, 0, String(made.stderr));
});

test('a bundled program loads its bundle, and nothing of the source', () => {
  const { code, out, loaded } = loadedBy([join(bin, 'halligan.mjs'), '--version'], {
    HOME: folder,
  });
  assert.equal(code, 0);
  assert.match(out, /^halligan \d/);
  const files = loaded.filter((url) => url.startsWith('file:'));
  assert.ok(files.some((url) => /\/dist\/[ab]\/halligan\.js$/.test(url)));
  assert.deepEqual(
    files.filter((url) => !/\/(dist\/[ab]|bin)\//.test(url)),
    [],
  );
});

/** Where the programs' sources lie. */
const SOURCES = {
  ...{ halligan: 'cli', practice: 'cli', 'device-agent': 'device/agent' },
  ...{ releaser: 'server/programs', rotator: 'server/programs' },
} as const;

for (const [name, argv, input] of [
  ['halligan', ['device', 'agent', '--nonsense'], ''],
  ['halligan', ['--version'], ''],
  ['halligan', ['--help'], ''],
  ['halligan', ['emergency', '--help'], ''],
  ['halligan', ['man', '--format', 'markdown'], ''],
  ['halligan', ['emergency', 'nonsense', '--json'], ''],
  ['halligan', ['server'], ''],
  ['practice', ['--nonsense'], ''],
  ['releaser', [join(folder, 'no-keys')], '{"do":"seen"}\n'],
  ['rotator', [join(folder, 'no-keys')], '{"do":"seen"}\n'],
  ['device-agent', ['--config', join(folder, 'no.conf'), '--folder', join(folder, 'agent')], ''],
] as const)
  test(`${[name, ...argv.filter((word) => !word.startsWith('/'))].join(' ')} answers from the bundle as from the source`, () => {
    const source = SOURCES[name];
    const bundled = ran([join(bin, `${name}.mjs`), ...argv], input);
    assert.deepEqual(bundled, ran([join(root, 'packages', source, `${name}.ts`), ...argv], input));
    assert.notEqual(`${bundled.stdout}${bundled.stderr}`, '');
  });

test('a whole drill runs from the bundle, its evidence printed and verified', () => {
  const { status, stdout, stderr } = ran([join(bin, 'practice.mjs'), '--exit', '--fresh']);
  assert.equal(status, 0, `${stdout}${stderr}`);
  assert.match(stdout, /PASS .*\n/);
  assert.doesNotMatch(stdout, /FAIL/);
});

test('a long journal is hashed by threads from the bundle', async () => {
  const home = join(folder, 'long');
  const { signer, verifier } = await generateNoteKey('log.example');
  const journal = await openJournal({ folder: join(home, 'journal'), signer, ballast: 0 });
  const size = usualSharing().from;
  const group = { input: {}, events: [] };
  for (let at = 0; at < size; at += 1000)
    await journal.append(Array<typeof group>(1000).fill(group), at);
  const { root: hash } = journal.checkpoint();
  await journal.close();
  writeFileSync(join(home, 'log.pub'), verifier);
  const argv = [join(bin, 'halligan.mjs'), 'journal', 'verify'];
  const { out, loaded } = loadedBy(argv, { HALLIGAN_HOME: home });
  assert.match(out, /^All 10000 entries of log\.example/);
  // The bundle that was run. On a machine with one processor nobody has started a thread yet.
  const main = loaded.find((url) => url.endsWith('/halligan.js')) ?? '';
  const program = fileURLToPath(new URL('range-thread.js', main));
  const threads = new RangeThreads(program, join(home, 'journal'), 2);
  assert.deepEqual((await threads.hash(size, 2048)).root(), hash);
  await threads.end();
  if (usualSharing().threads === 1) return;
  const env = { HALLIGAN_HOME: home, NODE_DEBUG: 'worker' };
  const { stderr } = spawnSync(process.execPath, argv, { env, encoding: 'utf8' });
  assert.ok(stderr.includes(`starts worker script ${program} `), stderr);
});

test('a bundle that was not made of what lies there is not run', () => {
  const copy = join(folder, 'copy');
  const source = join(copy, 'packages', 'p.ts');
  const [a, b] = ['a', 'b'].map((slot) => join(copy, 'dist', slot));
  assert.ok(a !== undefined && b !== undefined);
  for (const made of [dirname(source), a, b]) mkdirSync(made, { recursive: true });
  cpSync(join(bin, 'current.mjs'), join(copy, 'bin', 'current.mjs'));
  writeFileSync(
    join(copy, 'bin', 'p.mjs'),
    "import { run } from './current.mjs';\nawait run('packages/p.ts');\n",
  );
  const text = "console.log('source');\n";
  writeFileSync(source, text);
  const { size, mtimeMs, mtime } = statSync(source);
  const list = (slot: string, time: number) =>
    writeFileSync(join(slot, 'made-of.json'), JSON.stringify([['packages/p.ts', size, time]]));
  for (const [slot, said] of [
    [a, 'a'],
    [b, 'b'],
  ] as const)
    writeFileSync(
      join(slot, 'p.js'),
      `console.log('${said}', process.argv[1] === import.meta.filename);\n`,
    );
  const says = () => ran([join(copy, 'bin', 'p.mjs')]).stdout.trim();
  assert.equal(says(), 'source', 'no list of what it was made of');
  list(a, mtimeMs);
  assert.equal(says(), 'a true');
  writeFileSync(source, text.replace('source', 'SOURCE'));
  utimesSync(source, mtime, new Date(mtimeMs + 1000));
  assert.equal(says(), 'SOURCE', 'edited, as long as before');
  utimesSync(source, mtime, new Date(mtimeMs - 60_000));
  assert.equal(says(), 'SOURCE', 'another version checked out, older than the bundle');
  list(b, statSync(source).mtimeMs);
  assert.equal(says(), 'b true', 'the other one is of it');
  writeFileSync(source, `${text}\n`);
  utimesSync(source, mtime, new Date(mtimeMs - 60_000));
  assert.equal(says(), 'source', 'another length at the same time');
});
