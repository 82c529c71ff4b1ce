/**
 * A machine's agent, as the program that it is, and a real OpenID provider with a second factor: somebody signs in with both,
 * the provider goes, a window is opened, they get in by their password, the provider comes back, and the window ends.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Conversation, callAt, type Verdict } from '@halligan/device';
import { utf8 } from '@halligan/format';
import { type AgentProcess, startAgentProcess } from './agent-process.fixture.ts';
import { type OpenidServer, startOpenidServer } from './openid-provider.fixture.ts';
import { withPhone } from './phone.fixture.ts';

const skip = process.getuid?.() === 0 ? false : 'an agent reads /etc/shadow, as root alone can';
const ANA = {
  ...{ id: 'id-1', name: 'zz-ana@contoso.example', password: 'correct horse', code: '287082' },
};
const mute: Conversation = { say: () => undefined, ask: () => Promise.resolve(undefined) };

/** A machine and its provider, until the test is over. */
async function scene(context: TestContext) {
  const server = await startOpenidServer([ANA]);
  context.after(() => server.close());
  const agent = await machine(context, server);
  const status = async () => JSON.parse((await agent.device('status', '--json')).out);
  return { server, agent, status };
}

async function machine(context: TestContext, server: OpenidServer): Promise<AgentProcess> {
  const root = mkdtempSync(join(tmpdir(), 'halligan-openid-'));
  context.after(() => rmSync(root, { recursive: true, force: true }));
  writeFileSync(join(root, 'ca.pem'), server.ca);
  configure(root, server, true);
  const agent = await startAgentProcess(root);
  context.after(async () => {
    agent.kill('SIGKILL');
    await agent.ended;
  });
  return agent;
}

function configure(root: string, server: OpenidServer, isEnabled: boolean): void {
  writeFileSync(
    join(root, 'device.conf'),
    `[offline_breakglass]
enabled = ${isEnabled}
justification = Nobody could work in May.
[provider]
kind = openid
issuer = ${server.url}
client_id = workstations
login = {user}@contoso.example
ca = ${join(root, 'ca.pem')}
`,
  );
}

function signIn(
  { socket }: AgentProcess,
  conversation: Conversation,
  password = ANA.password,
): Promise<Verdict | undefined> {
  const prompt = join(socket, '..', 'prompt.sock');
  const caller = { name: 'zz-ana', service: 'login', terminal: 'tty1' };
  return callAt(prompt, caller, utf8(password), conversation);
}

test('online by both factors, offline by the password while a window is open, and no longer', {
  skip,
}, async (context) => {
  const { server, agent, status } = await scene(context);

  // The password alone: right, not enough, and nothing of it is kept.
  assert.equal((await signIn(agent, mute))?.let, 'out');
  assert.deepEqual((await status()).people, []);
  assert.deepEqual(await signIn(agent, withPhone(server.ca, ANA)), { let: 'in' });
  assert.equal((await agent.device('breakglass', '--ttl', '1h')).code, 1);

  await server.away();
  assert.equal((await signIn(agent, mute))?.let, 'out');
  assert.equal((await agent.device('breakglass', '--ttl', '1h')).code, 0);
  assert.deepEqual(await signIn(agent, mute), { let: 'in' });
  assert.equal((await signIn(agent, mute, 'wrong'))?.let, 'out');

  await server.back();
  // Nobody gets in by the window's password while the provider answers, open or not.
  assert.equal((await signIn(agent, mute))?.let, 'out');
  let { window } = await status();
  while (window !== undefined) ({ window } = await status());
  assert.deepEqual(await signIn(agent, withPhone(server.ca, ANA)), { let: 'in' });
});

test('a feature that is turned off under a running agent ends the window, and leaves no verifier on the disk', {
  skip,
}, async (context) => {
  const { server, agent, status } = await scene(context);
  const verifiers = () =>
    readdirSync(agent.folder)
      .map((name) => join(agent.folder, name))
      .filter((path) => statSync(path).isFile())
      .flatMap((path) => readFileSync(path, 'latin1').match(/halligan\/verifier\/v1/g) ?? []);

  assert.deepEqual(await signIn(agent, withPhone(server.ca, ANA)), { let: 'in' });
  await server.away();
  assert.equal((await agent.device('breakglass', '--ttl', '1h')).code, 0);
  assert.deepEqual(await signIn(agent, mute), { let: 'in' });
  assert.notEqual(verifiers().length, 0);

  configure(join(agent.folder, '..'), server, false);
  agent.kill('SIGHUP');
  await agent.saying(/^Read the configuration again/);
  assert.equal((await signIn(agent, mute))?.let, 'out');
  assert.deepEqual(verifiers(), []);
  const { enabled, window, people } = await status();
  assert.deepEqual({ enabled, window }, { enabled: false, window: undefined });
  assert.deepEqual(people, [{ name: 'zz-ana', kind: 'mfa', disabled: false }]);
  const { reports } = JSON.parse((await agent.device('record', '--json')).out);
  assert.deepEqual(
    reports.slice(-4).map(({ report }: { report: Report }) => {
      const { kind, why, more } = report;
      return [kind, why ?? more?.feature];
    }),
    [
      ...[
        ['stopped', undefined],
        ['window-ended', 'disabled'],
        ['started', 'off'],
      ],
      ['refusal', 'offline-sign-in-is-not-enabled-on-this-machine'],
    ],
  );
  // On again, there is nothing to get in by.
  configure(join(agent.folder, '..'), server, true);
  agent.kill('SIGHUP');
  while (!(await status()).enabled);
  assert.equal((await agent.device('breakglass', '--ttl', '1h')).code, 0);
  assert.equal((await signIn(agent, mute))?.let, 'out');
});

/** As much of a report as is compared. */
interface Report {
  readonly kind: string;
  readonly why?: string;
  readonly more?: { readonly feature?: string };
}
