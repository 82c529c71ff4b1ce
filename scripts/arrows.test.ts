/** The house's arrows: which package may import which, through its index alone, and what each one declares. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import {
  BROWSER_SAFE,
  isRelative,
  manifest,
  packageOf,
  reached,
  sources,
  target,
} from './imports.ts';

process.chdir(dirname(import.meta.dirname));

const SERVER_SIDE = ['journal', 'outbound', 'systems', 'paper'];

/** What each package may import, and nothing else: arrows point one way. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  format: [],
  document: [],
  slip39: ['format'],
  tlog: ['format'],
  statement: ['format'],
  seal: ['format', 'slip39'],
  procedure: ['format', 'statement'],
  evidence: ['format', 'document', 'tlog', 'statement', 'slip39', 'seal', 'procedure'],
  reports: ['format', 'tlog'],
  journal: ['format', 'tlog'],
  outbound: [],
  systems: ['format', 'outbound', 'statement'],
  paper: ['document'],
  server: [...BROWSER_SAFE, ...SERVER_SIDE],
  device: ['format', 'outbound', 'tlog', 'reports'],
  cli: [...BROWSER_SAFE, ...SERVER_SIDE, 'server', 'device'],
};

/** What is started as a program of its own, besides what a package exports. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  journal: ['range-thread.ts'],
  server: ['programs/releaser.ts', 'programs/rotator.ts'],
  device: ['agent/device-agent.ts'],
  cli: ['halligan.ts', 'practice.ts', 'person-process.ts'],
};

/** Packages of files that are read, not imported. */
const READ: Readonly<Record<string, readonly string[]>> = { paper: ['dejavu-fonts-ttf'] };

const all = sources();
const rooms = globSync('packages/*/package.json').map((path) => path.split('/')[1] ?? '');

function shipped(room: string) {
  const { exports = {}, imports = {} } = manifest(join('packages', room));
  const entries = [
    ...Object.values(exports),
    ...Object.values(imports).flatMap((conditions) => Object.values(conditions)),
    ...(PROGRAMS[room] ?? []),
  ];
  return { entries, files: reached(room, entries, all) };
}

test('every package is in the table, and every file in a package', () => {
  assert.deepEqual(rooms.toSorted(), Object.keys(ARROWS).toSorted());
  assert.ok(all.length > 100);
});

test('packages import each other in one direction, and through the index alone', () => {
  const wrong = all.flatMap(({ room, path, imports }) =>
    imports
      .filter((name) => name.startsWith('@halligan/'))
      .filter((name) => !(ARROWS[room] ?? []).some((other) => name === `@halligan/${other}`))
      .map((name) => `${path} imports ${name}`),
  );
  assert.deepEqual(wrong, []);
});

test('ARCHITECTURE.md tells the arrows of what ships', () => {
  const page = readFileSync('ARCHITECTURE.md', 'utf8');
  const table = /^## The rooms$[\s\S]*?^\|-\|-\|-\|$([\s\S]*?)^$/m.exec(page)?.[1] ?? '';
  const rows = table.matchAll(
    /^\| (?:\[([a-z0-9]+)\]\([^)]*\)|([a-z0-9]+)) \|[^|]*\| ([a-z0-9, ]*) ?\|$/gm,
  );
  const told = new Map([...rows].map((row) => [row[1] ?? row[2] ?? '', (row[3] ?? '').trim()]));
  assert.deepEqual([...told.keys()].toSorted(), rooms.toSorted());
  for (const [room, arrows] of told) {
    if (arrows === 'all' || arrows === 'the above') continue;
    const { dependencies = {} } = manifest(join('packages', room));
    const actual = Object.keys(dependencies).filter((name) => name.startsWith('@halligan/'));
    const expected = arrows === '' ? [] : arrows.split(', ').map((name) => `@halligan/${name}`);
    assert.deepEqual(actual.toSorted(), expected.toSorted(), room);
  }
});

test('no relative import leaves its package', () => {
  const wrong = all.flatMap((source) =>
    source.imports
      .filter(isRelative)
      .filter((name) => !target(source, name).startsWith(`packages/${source.room}/`))
      .map((name) => `${source.path} imports ${name}`),
  );
  assert.deepEqual(wrong, []);
});

for (const room of rooms) {
  test(`${room} declares what it imports, and no more`, () => {
    const { entries, files } = shipped(room);
    for (const entry of entries)
      assert.ok(existsSync(join('packages', room, entry)), `${entry} is not there`);
    const declared = Object.keys(manifest(join('packages', room)).dependencies ?? {});
    const imported = new Set([...files].flatMap(({ imports }) => imports.filter(isBare)));
    const used = new Set([...[...imported].map(packageOf), ...(READ[room] ?? [])]);
    assert.deepEqual(declared.toSorted(), [...used].toSorted());
  });

  test(`${room}'s tests import what it or the repository declares`, () => {
    const declared = new Set([
      ...Object.keys(manifest('.').devDependencies ?? {}),
      ...Object.keys(manifest(join('packages', room)).dependencies ?? {}),
      ...Object.keys(manifest(join('packages', room)).devDependencies ?? {}),
      `@halligan/${room}`,
    ]);
    const wrong = all
      .filter((source) => source.room === room)
      .flatMap(({ path, imports }) =>
        imports
          .filter((name) => isBare(name) && !declared.has(packageOf(name)))
          .map((name) => `${path} imports ${name}`),
      );
    assert.deepEqual(wrong, []);
  });
}

test('what runs in browsers imports nothing of Node, but behind a condition', () => {
  for (const room of BROWSER_SAFE) {
    const { exports = {}, imports = {} } = manifest(join('packages', room));
    const entries = [
      ...Object.values(exports),
      ...Object.values(imports).flatMap((conditions) =>
        conditions.default === undefined ? [] : [conditions.default],
      ),
    ];
    const wrong = [...reached(room, entries, all)].filter(({ imports: names }) =>
      names.some((name) => name.startsWith('node:')),
    );
    assert.deepEqual(
      wrong.map(({ path }) => path),
      [],
    );
  }
});

/** Neither a file, nor a condition of the package's own, nor of Node. */
function isBare(specifier: string): boolean {
  return !isRelative(specifier) && !specifier.startsWith('#') && !specifier.startsWith('node:');
}
