/** The guide docs/guides/set-up.md, run as it stands: five machines, a real directory, every step and every refusal. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { type Slapd, startSlapd } from '@halligan/systems';
import { type GuideStep, stepsOf } from './guide.fixture.ts';

const repository = join(import.meta.dirname, '..', '..');
const guide = join(repository, 'docs', 'guides', 'set-up.md');
/** Longest that one block may take, milliseconds. */
const PATIENCE = 180_000;

let folder: string;
let slapd: Slapd;
let server: ChildProcess | undefined;
/** The guide's placeholders, filled in as people would from what they read. */
const placeholders: Record<string, string> = {};

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'halligan-set-up-'));
  slapd = await startSlapd({ folder: join(folder, 'slapd') });
  await mkdir(join(folder, 'bin'));
  // People answer for their passphrase at the terminal; here a file does.
  await writeFile(join(folder, 'passphrase'), 'a passphrase of the guide’s test\n', {
    mode: 0o600,
  });
  const halligan = join(folder, 'bin', 'halligan');
  await writeFile(
    halligan,
    `#!/bin/sh\nexec "${process.execPath}" "${join(import.meta.dirname, 'halligan.ts')}" --passphrase-file "${join(folder, 'passphrase')}" "$@"\n`,
  );
  await chmod(halligan, 0o755);
  for (const place of ['carry', 'kit', 'stick', 'server', 'dana', 'raj', 'ana', 'ben'])
    await mkdir(join(folder, place));
  await writeFile(join(folder, 'raj', 'openldap.json'), JSON.stringify(slapd.config));
  await writeFile(join(folder, 'raj', 'openldap.secret'), slapd.rotatorSecret, { mode: 0o600 });
  Object.assign(placeholders, {
    CARRY: join(folder, 'carry'),
    KIT: join(folder, 'kit'),
    STICK: join(folder, 'stick'),
    NAME: 'localhost',
    ADDRESS: '127.0.0.1',
    PORT: String(await freePort()),
    LDAP_URL: slapd.url,
  });
});

after(async () => {
  if (server !== undefined && server.exitCode === null) {
    const ended = once(server, 'exit');
    server.kill('SIGTERM');
    await ended;
  }
  await slapd?.stop();
  await rm(folder, { recursive: true, force: true });
});

test('the set-up guide does what it says, on five machines', { timeout: 600_000 }, async () => {
  const steps = stepsOf(guide);
  assert.ok(steps.length >= 20);
  for (const step of steps) {
    if (step.ends === 'runs-on') await keepRunning(step);
    else await runStep(step);
  }
  const { accounts } = JSON.parse(
    (await shell('ana', 'halligan --org contoso --json account list')).out,
  );
  assert.deepEqual(
    accounts.map(({ id, state }: { id: string; state: string }) => [id, state]),
    [['breakglass-1', 'armed']],
  );
  for (const place of ['kit', 'stick'])
    assert.ok(existsSync(join(folder, place, 'contoso.halligan-kit')), place);
});

async function runStep({ machine, ends, shell: script }: GuideStep): Promise<void> {
  const { code, out, err } = await shell(machine, script);
  const said = `${script}\n${out}\n${err}`;
  if (typeof ends === 'string') {
    assert.equal(code, 0, said);
    listen(machine, out);
  } else {
    assert.notEqual(code, 0, said);
    assert.ok(err.includes(`[${ends.refused}]`), said);
    assert.match(err, /^hint: /m);
    if (ends.refused.startsWith('cli.') && machine === 'ana')
      assert.ok(!existsSync(join(folder, 'ana', '.config')), 'nothing was written');
    if (machine === 'server') assert.ok(!existsSync(join(folder, 'server', 'data', 'journal')));
  }
}

/** What people take down from what their machines print. */
function listen(machine: string, out: string): void {
  const [, words] = /^Genesis words: (.+)$/m.exec(out) ?? [];
  if (words !== undefined && machine === 'server') placeholders.GENESIS_WORDS = words;
  const [, pin] = /--pin ([0-9a-f]{64})/.exec(out) ?? [];
  if (pin !== undefined) placeholders.PIN = pin;
  const [, card] = /^Card words: (.+)$/m.exec(out) ?? [];
  if (card !== undefined) placeholders[`${machine.toUpperCase()}_WORDS`] = card;
}

async function shell(machine: string, script: string) {
  const child = spawn('bash', ['-euo', 'pipefail', '-c', script], {
    cwd: join(folder, machine),
    env: environmentOf(machine),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: PATIENCE,
  });
  const ended = once(child, 'exit');
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await ended;
  return { code, out, err };
}

/** Starts what the guide keeps running, and waits until it says that it listens. */
async function keepRunning({ machine, shell: script }: GuideStep): Promise<void> {
  const child = spawn(
    'bash',
    ['-c', `${script.replace('halligan server', 'exec halligan server')}`],
    {
      cwd: join(folder, machine),
      env: environmentOf(machine),
      stdio: ['ignore', 'inherit', 'pipe'],
    },
  );
  server = child;
  const lines = createInterface({ input: child.stderr });
  for await (const line of lines) {
    if (line.includes('Listening on ')) {
      assert.equal(
        Object(JSON.parse(line)).message,
        `Listening on https://127.0.0.1:${placeholders.PORT}.`,
      );
      child.stderr.resume();
      return;
    }
  }
  assert.fail('the server ended before it listened');
}

/** A machine's environment: its own home, and nothing of this process but where programs are. */
function environmentOf(machine: string): Record<string, string> {
  const home = join(folder, machine);
  return {
    PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
    HOME: home,
    ...(machine === 'server' ? { HALLIGAN_HOME: join(home, 'data') } : {}),
    ...placeholders,
  };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
