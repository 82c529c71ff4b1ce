/** Nobody opens a server's memory by a signal, nor by flags that Node was started with. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { memoryOpeners } from '@halligan/server';
import { foundPractice } from './practice/organisation.ts';
import { program } from './run.fixture.ts';
import { startServerProcess } from './server-process.fixture.ts';

let root = '';
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'halligan-inspector-'));
  await foundPractice(root, 'x25519');
});
after(() => rm(root, { recursive: true }));

test('SIGUSR1 opens the inspector of a program that does not take it away, and none of a server', async () => {
  const open = spawn(process.execPath, ['-e', 'console.log(0); setInterval(() => 0, 1e3)'], {
    env: { NODE_OPTIONS: '--inspect-port=0' },
  });
  try {
    await once(open.stdout, 'data');
    open.kill('SIGUSR1');
    const [line] = await once(createInterface({ input: open.stderr }), 'line');
    assert.match(String(line), /^Debugger listening on/);
  } finally {
    open.kill('SIGKILL');
  }
  const server = await startServerProcess(root);
  try {
    process.kill(server.pid, 'SIGUSR1');
    // It says so in its log, and goes on.
    while (!server.said.some((said) => said.includes('the inspector stays closed')))
      assert.equal((await fetch(new URL('/healthz', server.url))).status, 200);
    assert.ok(!server.said.some((said) => said.includes('Debugger listening')));
  } finally {
    await server.stop();
  }
});

test('a server of a real organisation does not start where its memory lies open, and the doctor says so', async () => {
  const settings = join(root, 'server.json');
  await writeFile(
    settings,
    (await readFile(settings, 'utf8')).replace('"practice":true', '"practice":false'),
  );
  const environment = { HALLIGAN_HOME: root, NODE_OPTIONS: '--heapsnapshot-signal=SIGUSR2' };
  const refused = await program('halligan.ts', ['server'], environment);
  assert.equal(refused.code, 1, refused.err);
  assert.match(
    refused.err,
    /\[server\.inspector\]\nhint: Start it without --heapsnapshot-signal: /,
  );
  const doctor = await program('halligan.ts', ['doctor'], environment);
  assert.match(doctor.out, /^FAIL inspector: --heapsnapshot-signal: memory lies open$/m);
  const well = await program('halligan.ts', ['doctor'], { HALLIGAN_HOME: root });
  assert.match(well.out, /^OK {3}inspector: closed/m);
});

test('flags that open memory are told from those that do not', () => {
  assert.deepEqual(memoryOpeners(['--inspect-brk=0.0.0.0:1', '--disable-sigusr1']), [
    '--inspect-brk',
  ]);
  assert.deepEqual(memoryOpeners([], '--max-old-space-size=99  --heap-prof'), ['--heap-prof']);
  const harmless = [
    '--inspect-port=0',
    '--heapsnapshot-near-heap-limit=0',
    '--heap-prof-interval=9',
  ];
  assert.deepEqual(memoryOpeners(harmless, ''), []);
});
