/**
 * A machine's agent, as the program that it is, and a real provider that a real firewall cuts off: packets vanish, and nobody says
 * so. Started in a network namespace of its own. Prints what was seen, as JSON.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ask, callAt, promptSocketBeside, type Screen } from '@halligan/device';
import { utf8 } from '@halligan/format';
import { startSlapd } from '@halligan/systems';
import { startAgentProcess } from './agent-process.fixture.ts';
import type { Firewalled } from './firewalled.fixture.ts';
import { startOpenidServer } from './openid-provider.fixture.ts';
import { withPhone } from './phone.fixture.ts';

const root = mkdtempSync(join(tmpdir(), 'halligan-firewalled-'));

/** Somebody of a provider that is there. */
interface Scene {
  readonly port: string;
  readonly ca: string;
  /** Of `[provider]`, besides its authority. */
  readonly lines: readonly string[];
  readonly name: string;
  readonly password: Uint8Array;
  readonly screen: Screen;
  readonly end: () => Promise<void>;
}

async function directory(): Promise<Scene> {
  const slapd = await startSlapd({ folder: join(root, 'slapd') });
  const name = 'breakglass-admin';
  return {
    ...{ port: new URL(slapd.url).port, ca: slapd.ca, name, password: slapd.initialPassword },
    lines: [
      ...['kind = ldap', `url = ${slapd.url}`],
      `bind = ${slapd.accountDn.replace(name, '{user}')}`,
    ],
    screen: { say: () => undefined },
    end: () => slapd.stop(),
  };
}

async function openid(): Promise<Scene> {
  const ana = { id: 'id-1', name: 'zz-ana@contoso.example', password: 'horse', code: '287082' };
  const server = await startOpenidServer([ana]);
  return {
    ...{ port: new URL(server.url).port, ca: server.ca },
    ...{ name: 'zz-ana', password: utf8(ana.password) },
    lines: [
      ...['kind = openid', `issuer = ${server.url}`, 'client_id = workstations'],
      'login = {user}@contoso.example',
    ],
    screen: withPhone(server.ca, ana),
    end: () => server.close(),
  };
}

/** @throws what the program said */
function run(program: string, ...parameters: readonly string[]): void {
  const { status, stderr, error } = spawnSync(program, parameters, { encoding: 'utf8' });
  if (status !== 0) throw error ?? new Error(stderr);
}

function cutOff(port: string): void {
  run('nft', 'add table inet wall');
  run('nft', 'add chain inet wall into { type filter hook input priority 0; }');
  run('nft', `add rule inet wall into tcp dport ${port} drop`);
}

run('ip', 'link', 'set', 'lo', 'up');
const scene = await (process.argv[2] === 'ldap' ? directory() : openid());
writeFileSync(join(root, 'ca.pem'), scene.ca);
writeFileSync(
  join(root, 'device.conf'),
  ['[offline_breakglass]', 'enabled = true', '[provider]', `ca = ${join(root, 'ca.pem')}`]
    .concat(scene.lines)
    .join('\n'),
);
const agent = await startAgentProcess(root);
const signIn = async () => {
  const caller = { name: scene.name, service: 'login' };
  const prompt = promptSocketBeside(agent.socket);
  const verdict = await callAt(prompt, caller, Uint8Array.from(scene.password), scene.screen);
  return verdict?.let === 'out' ? verdict.said : (verdict?.let ?? 'no agent');
};
const seconds = async (work: () => Promise<void>) => {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
};
const window = async () => Object(await ask(agent.socket, { ask: 'status' })).window;

try {
  const online = await signIn();
  cutOff(scene.port);
  let met = online;
  const noticed = await seconds(async () => {
    met = await signIn();
  });
  await ask(agent.socket, { ask: 'breakglass', by: 'root', why: 'It does not answer.' });
  const inWindow = await signIn();
  run('nft', 'delete table inet wall');
  const returned = await seconds(async () => {
    while ((await window()) !== undefined) await pause(100);
  });
  const again = await signIn();
  const seen: Firewalled = { online, met, inWindow, again, noticed, returned };
  process.stdout.write(JSON.stringify(seen));
} finally {
  agent.kill('SIGTERM');
  await agent.ended;
  await scene.end();
  rmSync(root, { recursive: true });
}
