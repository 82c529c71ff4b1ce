/** A sealed SSH key, or authority, goes from the quorum to ssh-agent, and signs in: a real sshd, a real agent, stock ssh. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { HalliganError } from '@halligan/format';
import { emergencyById } from '@halligan/procedure';
import { z } from 'zod';
import { type LiveOpening, liveOpening } from '../live-opening.fixture.ts';
import { personFolder } from '../practice/people.ts';
import { recorded } from '../tree/recorded.fixture.ts';
import { credentialLines } from './reveal-key.ts';

const agents: ChildProcess[] = [];
const scenes: LiveOpening[] = [];
after(async () => {
  for (const agent of agents) agent.kill();
  for (const scene of scenes) await scene.end();
});

/** @returns why there is none, where there is no sshd */
async function opened(system: string): Promise<LiveOpening | string> {
  try {
    const scene = await liveOpening(undefined, undefined, system);
    scenes.push(scene);
    return scene;
  } catch (error) {
    if (error instanceof HalliganError && error.code === 'systems.component-missing')
      return error.hint;
    throw error;
  }
}

async function agentAt(socket: string): Promise<void> {
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  agents.push(agent);
  await once(agent.stdout, 'data');
}

/** Signs in as anybody would with a key in their agent. */
function stockSsh({ address, root }: LiveOpening, socket: string) {
  const { hostname, port } = new URL(address);
  const settings = JSON.parse(readFileSync(join(root, 'systems', 'linux.json'), 'utf8'));
  const { hostKeys } = z.object({ hostKeys: z.array(z.string()) }).parse(settings);
  return spawnSync(
    'ssh',
    [
      ...['-F', '/dev/null', '-p', port, '-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=yes'],
      ...['-o', 'UserKnownHostsFile=none', '-o', 'GlobalKnownHostsFile=none'],
      ...['-o', `KnownHostsCommand=/bin/echo [${hostname}]:${port} ${hostKeys[0]}`],
      ...[`breakglass-admin@${hostname}`, 'id -un'],
    ],
    { encoding: 'utf8', env: { SSH_AUTH_SOCK: socket }, timeout: 120_000 },
  );
}

async function revealedToAgent(scene: LiveOpening): Promise<string> {
  const { people, emergency, checkWords, root } = scene;
  for (const holder of ['ana', 'ben'])
    await people.run(
      holder,
      ...['emergency', 'release', emergency, '--check-words', checkWords.join(' ')],
    );
  const socket = join(root, 'agent');
  const asAna = (agent: Record<string, string>) =>
    recorded(['emergency', 'reveal', emergency, '--agent', '--json'], {
      HALLIGAN_PERSON_HOME: personFolder(root, 'ana'),
      ...agent,
    });
  const notes = () => emergencyById(scene.server.parts.leader.state, emergency)?.notes.length;
  const before = notes();
  for (const none of [{}, { SSH_AUTH_SOCK: join(root, 'nobody') }]) {
    const { code, said } = await asAna(none);
    assert.notEqual(code, 0);
    assert.match(said, /cli\.no-agent/);
  }
  assert.equal(notes(), before, 'nothing was revealed');

  await agentAt(socket);
  const { code, out, said } = await asAna({ SSH_AUTH_SOCK: socket });
  assert.equal(code, 0, said);
  const { username, seconds } = z
    .object({ username: z.string(), seconds: z.int() })
    .parse(JSON.parse(out[0] ?? ''));
  assert.equal(username, 'breakglass-admin');
  assert.ok(seconds > 0 && seconds <= 4 * 3600);
  assert.doesNotMatch(out.join('') + said, /PRIVATE KEY/);
  assert.equal(notes(), (before ?? 0) + 1);
  const held = spawnSync('ssh-add', ['-L'], { encoding: 'utf8', env: { SSH_AUTH_SOCK: socket } });
  assert.match(held.stdout, new RegExp(`halligan ${emergency.slice(0, 12)} breakglass-admin`));
  const signedIn = stockSsh(scene, socket);
  assert.equal(signedIn.stdout.trim(), 'breakglass-admin', signedIn.stderr);
  await people.run('ana', 'emergency', 'sign-in', emergency);
  return held.stdout;
}

test('an opened key is handed to ssh-agent until the session ends, and signs in', async (t) => {
  const scene = await opened('ssh-key');
  if (typeof scene === 'string') return t.skip(scene);
  assert.match(await revealedToAgent(scene), /^ssh-ed25519 /);
});

test('an opened authority certifies a key for this emergency, which goes to ssh-agent alone', async (t) => {
  const scene = await opened('ssh-ca');
  if (typeof scene === 'string') return t.skip(scene);
  const held = await revealedToAgent(scene);
  assert.match(held, /^ssh-ed25519-cert-v01@openssh\.com \S+ .*\n$/);
  const read = spawnSync('ssh-keygen', ['-L', '-f', '-'], { input: held, encoding: 'utf8' });
  assert.match(read.stdout, new RegExp(`Key ID: "halligan-${scene.emergency}"`));
  assert.match(read.stdout, /Principals: \n +breakglass-admin\n/);
});

test('a key is shown as a key, with how to use it, and a password as a password', () => {
  const key = credentialLines({
    kind: 'private-key',
    username: 'ops',
    password: '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n',
    steps: ['Load it.'],
  });
  assert.deepEqual(key, [
    'Username: ops',
    'Private key:',
    '-----BEGIN OPENSSH PRIVATE KEY-----',
    'AAAA',
    '-----END OPENSSH PRIVATE KEY-----',
    'Load it.',
  ]);
  const shown = credentialLines({ kind: 'password', username: 'ops', password: 'x', totp: 'T' });
  assert.deepEqual(shown, ['Username: ops', 'Password: x', 'TOTP: T']);
});
