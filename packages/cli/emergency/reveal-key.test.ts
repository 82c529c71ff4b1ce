/** A sealed SSH key goes from the quorum to ssh-agent, and signs in from there: a real sshd, a real agent, stock ssh. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { HalliganError } from '@halligan/format';
import { z } from 'zod';
import { type LiveOpening, liveOpening } from '../live-opening.fixture.ts';
import { personFolder } from '../practice/people.ts';
import { recorded } from '../tree/recorded.fixture.ts';
import { credentialLines } from './reveal-key.ts';

const { scene, skip } = await opened();
const agents: ChildProcess[] = [];
after(async () => {
  for (const agent of agents) agent.kill();
  await scene?.end();
});

async function opened(): Promise<{ readonly scene?: LiveOpening; readonly skip: string | false }> {
  try {
    return { scene: await liveOpening(undefined, undefined, 'ssh-key'), skip: false };
  } catch (error) {
    if (error instanceof HalliganError && error.code === 'systems.component-missing')
      return { skip: error.hint };
    throw error;
  }
}

const live = () => scene ?? assert.fail('sshd is missing');

async function agentAt(socket: string): Promise<void> {
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  agents.push(agent);
  await once(agent.stdout, 'data');
}

/** Signs in as anybody would with a key in their agent. */
function stockSsh(socket: string) {
  const { hostname, port } = new URL(live().address);
  const settings = JSON.parse(readFileSync(join(live().root, 'systems', 'linux.json'), 'utf8'));
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

test('an opened key is handed to ssh-agent, signs in, and is forgotten when the session ends', {
  skip,
}, async () => {
  const { people, emergency, checkWords, root } = live();
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
  const notes = () => live().server.parts.leader.state.emergencies[emergency]?.notes.length;
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
  const signedIn = stockSsh(socket);
  assert.equal(signedIn.stdout.trim(), 'breakglass-admin', signedIn.stderr);
  await people.run('ana', 'emergency', 'sign-in', emergency);
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
