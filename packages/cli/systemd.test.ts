/** The units: how much they are confined, as systemd judges them, and that a server works with its programs behind sockets. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, watch } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { emergencyById } from '@halligan/procedure';
import { separatePrograms, systemdUnits } from '@halligan/server';
import { liveOpening } from './live-opening.fixture.ts';

const has = (program: string) => spawnSync(program, ['--version']).status === 0;
const missing =
  has('systemd-analyze') && has('systemd-socket-activate') ? false : 'systemd is not installed';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'halligan-units-'));
});
after(() => rm(folder, { recursive: true, force: true }));

const packages = join(import.meta.dirname, '..');

/** Fails where a unit is more exposed than it may be. */
function judgedBy(unit: string, threshold: number) {
  return spawnSync(
    'systemd-analyze',
    ['security', '--offline=true', '--no-pager', `--threshold=${threshold}`, join(folder, unit)],
    { encoding: 'utf8' },
  );
}

test('systemd finds nothing wrong with the units, and calls each of them safe', {
  skip: missing,
}, async () => {
  const places = { node: process.execPath, packages, home: '/var/lib/halligan/server' };
  const units = systemdUnits({ ...places, programs: '/var/lib/halligan/programs' });
  for (const [name, text] of units) await writeFile(join(folder, name), text);
  // In tenths, as systemd counts exposure: 100 is everything. Only the releaser needs no network.
  const most = {
    'halligan.service': 20,
    'halligan-rotator@.service': 20,
    'halligan-releaser@.service': 15,
  };
  for (const [name, threshold] of Object.entries(most)) {
    const judged = judgedBy(name, threshold);
    assert.equal(judged.status, 0, `${judged.stdout}${judged.stderr}`);
  }
  const looser = (units.get('halligan.service') ?? '').replaceAll(
    /^(Protect|Private|Restrict|NoNew).*$/gm,
    '',
  );
  await writeFile(join(folder, 'looser.service'), looser);
  assert.notEqual(judgedBy('looser.service', 20).status, 0, 'a looser unit is noticed');
});

/** What systemd does with `Accept=yes`: one process of a program for each connection, its standard streams the socket. */
function activated(socket: string, program: string, keys: string): ChildProcess {
  const script = join(packages, 'server', 'programs', `${program}.ts`);
  return spawn(
    'systemd-socket-activate',
    ['--accept', '--inetd', '--listen', socket, process.execPath, script, keys],
    { stdio: 'ignore' },
  );
}

/** Resolves when a file of this name is there. */
async function appears(parent: string, name: string): Promise<void> {
  const watcher = watch(parent);
  try {
    while (!existsSync(join(parent, name))) await once(watcher, 'change');
  } finally {
    watcher.close();
  }
}

test('a server whose programs are behind sockets rotates and releases, and holds none of their keys', {
  skip: missing,
}, async () => {
  const programs = join(folder, 'programs');
  const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const running: ChildProcess[] = [];
  const scene = await liveOpening(async (root) => {
    await separatePrograms(root, programs, { releaser: owner, rotator: owner }, folder);
    await assert.rejects(
      separatePrograms(root, programs, { releaser: owner, rotator: owner }, folder),
      { code: 'server.separated' },
    );
    assert.ok(!(await readdir(join(root, 'keys'))).some((name) => /releaser|rotator/.test(name)));
    for (const program of ['releaser', 'rotator']) {
      running.push(activated(join(folder, `${program}.sock`), program, join(programs, program)));
      await appears(folder, `${program}.sock`);
    }
  });
  try {
    // That the opening is there at all shows the rotator at work: the account was sealed and set by it.
    const { leader } = scene.server.parts;
    assert.equal(leader.state.accounts[scene.account]?.versions[1]?.proven?.old, 'none');
    for (const person of ['ana', 'ben'])
      await scene.people.run(
        person,
        ...['emergency', 'release', scene.emergency],
        ...['--check-words', scene.checkWords.join(' ')],
      );
    await scene.server.settled();
    const [opening] = emergencyById(leader.state, scene.emergency)?.openings ?? [];
    assert.deepEqual(
      opening?.releases.map(({ holder }) => holder),
      ['ana', 'ben', 'releaser'],
    );
  } finally {
    await scene.end();
    for (const child of running) {
      child.kill();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
  }
});
