/** Keys in ssh-agent: the stock one, one with security keys, and one that answers what it likes. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { concat, HalliganError, utf8 } from '@halligan/format';
import { signSsh, verifySsh } from '@halligan/statement';
import { keysInAgent } from './signing-key-file.ts';
import { agentKey } from './ssh-agent.ts';
import { tokenAgent } from './token-agent.fixture.ts';

const message = utf8('I decide this.');
const namespace = 'halligan/statement/v1/note';
const missing =
  spawnSync('ssh-add', ['-?']).error === undefined ? false : 'openssh-client is not installed';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'halligan-agent-'));
});
after(() => rm(folder, { recursive: true, force: true }));

const code = (expected: string) => (error: unknown) =>
  error instanceof HalliganError && error.code === expected;

/** The stock agent, once it listens. */
async function stockAgent(socket: string): Promise<ChildProcess> {
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(agent.stdout, 'data');
  return agent;
}

test('the stock agent signs, with the key that is named and no other', {
  skip: missing,
}, async () => {
  const socket = join(folder, 'stock');
  const agent = await stockAgent(socket);
  try {
    const environment = { ...process.env, SSH_AUTH_SOCK: socket };
    for (const name of ['a', 'b']) {
      const file = join(folder, name);
      spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
      if (name === 'a') spawnSync('ssh-add', ['-q', file], { env: environment });
    }
    const [a = '', b = ''] = await Promise.all(
      ['a.pub', 'b.pub'].map((name) => readFile(join(folder, name), 'utf8')),
    );
    const key = await agentKey([b, a], socket);
    assert.ok(a.startsWith(key.publicKey));
    const signature = await signSsh(message, namespace, key);
    await verifySsh({ message, namespace, signature, publicKey: key.publicKey });
    await assert.rejects(agentKey([b], socket), code('cli.agent-key'));
    spawnSync('ssh-add', ['-q', '-D'], { env: environment });
    await assert.rejects(signSsh(message, namespace, key), code('statement.agent'));
  } finally {
    agent.kill();
    await once(agent, 'exit');
  }
});

test('of two security keys the one that is here signs, and a person is told to touch it', async () => {
  const socket = join(folder, 'tokens');
  const { tokens, close } = await tokenAgent(socket, 2);
  try {
    const [first, second] = tokens;
    assert.ok(first !== undefined && second !== undefined);
    const files = tokens.map(({ publicKey }) => utf8(`${publicKey} a comment\n`));
    const told: string[] = [];
    const access = { socket, say: (line: string) => void told.push(line) };
    first.here = false;
    const { signing, signers } = await keysInAgent(files, access);
    assert.equal(signing.publicKey, second.publicKey);
    assert.deepEqual(signers, [first.publicKey, second.publicKey]);
    await signSsh(message, namespace, signing);
    assert.deepEqual(told, ['Touch your security key when it blinks.']);
    second.flags = 0x01;
    await assert.rejects(signSsh(message, namespace, signing), code('statement.user-verification'));
    second.flags = 0x04;
    await assert.rejects(signSsh(message, namespace, signing), code('statement.presence'));
    await assert.rejects(
      keysInAgent([files[0] ?? utf8(''), files[0] ?? utf8('')], access),
      code('cli.agent-key'),
    );
  } finally {
    await close();
  }
});

test('no agent, one that hangs up and one that answers nonsense are told apart from a wrong key', async () => {
  const line = `ssh-ed25519 ${concat(Uint8Array.of(0, 0, 0, 11), utf8('ssh-ed25519'), Uint8Array.of(0, 0, 0, 32), new Uint8Array(32).fill(9)).toBase64()}`;
  await assert.rejects(agentKey([line], undefined), code('cli.no-agent'));
  await assert.rejects(agentKey([line], join(folder, 'nobody')), code('cli.no-agent'));
  const answers: readonly (readonly [Uint8Array, string])[] = [
    [Uint8Array.of(), 'cli.no-agent'],
    [Uint8Array.of(0, 0, 0, 9, 12), 'cli.no-agent'],
    [Uint8Array.of(0xff, 0xff, 0xff, 0xff), 'cli.no-agent'],
    [Uint8Array.of(0, 0, 0, 1, 5), 'statement.agent'],
    [Uint8Array.of(0, 0, 0, 0), 'statement.agent'],
    [Uint8Array.of(0, 0, 0, 5, 12, 0xff, 0xff, 0xff, 0xff), 'statement.agent'],
    [Uint8Array.of(0, 0, 0, 6, 12, 0, 0, 0, 0, 1), 'statement.agent'],
    [Uint8Array.of(0, 0, 0, 5, 12, 0, 0, 0, 0), 'cli.agent-key'],
  ];
  for (const [at, [bytes, expected]] of answers.entries()) {
    const socket = join(folder, `bad-${at}`);
    const server = createServer((connection) => {
      connection.on('error', () => undefined);
      connection.once('data', () => connection.end(bytes));
    });
    server.listen(socket);
    await once(server, 'listening');
    try {
      await assert.rejects(agentKey([line], socket), code(expected), String(at));
    } finally {
      server.close();
      await once(server, 'close');
    }
  }
});
