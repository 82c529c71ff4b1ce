/** The agent as the program that it is: its commands, what they refuse, and what outlives a blow. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { program } from '../run.fixture.ts';
import { type AgentProcess, startAgentProcess } from './agent-process.fixture.ts';

/** A directory that is not there. */
const GONE = '[provider]\nkind = ldap\nurl = ldaps://127.0.0.1:1\nbind = uid={user},dc=example\n';
const ON = '[offline_breakglass]\nenabled = true\njustification = Nobody could work in May.\n';

function machine(context: TestContext, offline: string): string {
  const root = mkdtempSync(join(tmpdir(), 'halligan-agent-'));
  context.after(() => rmSync(root, { recursive: true, force: true }));
  writeFileSync(join(root, 'device.conf'), `${offline}${GONE}`);
  return root;
}

async function started(context: TestContext, root: string): Promise<AgentProcess> {
  const agent = await startAgentProcess(root);
  context.after(async () => {
    agent.kill('SIGKILL');
    await agent.ended;
  });
  return agent;
}

/** What a command prints with --json, once it has done what it was asked. */
async function done(agent: AgentProcess, ...parameters: readonly string[]) {
  const { code, out, err } = await agent.device(...parameters, '--json');
  assert.equal(code, 0, err);
  return JSON.parse(out);
}

async function refused(agent: AgentProcess, ...parameters: readonly string[]): Promise<string> {
  const { code, out } = await agent.device(...parameters, '--json');
  assert.equal(code, 1);
  return JSON.parse(out).error.code;
}

test('a window is opened, shown, survives a blow, and is ended; the record tells it and proves it', async (context) => {
  const root = machine(context, ON);
  let agent = await started(context, root);
  const opened = await done(agent, 'breakglass', '--ttl', '90m', '--why', 'The provider is down.');
  assert.equal(opened.window, 'open');
  agent.kill('SIGKILL');
  await agent.ended;
  agent = await started(context, root);
  const status = await done(agent, 'status');
  assert.equal(status.provider, 'offline');
  assert.equal(status.window.why, 'The provider is down.');
  assert.equal(status.window.endsAt, opened.endsAt);
  assert.equal(status.machine.configuration.file, join(root, 'device.conf'));
  assert.deepEqual(await done(agent, 'breakglass', '--ttl', '0'), { window: 'closed' });
  agent.kill('SIGTERM');
  await agent.ended;
  const { size, reports } = await done(agent, 'record');
  assert.equal(size, 5);
  assert.deepEqual(
    reports.map(({ report }: { report: { kind: string; why?: string } }) => [
      report.kind,
      report.why,
    ]),
    [
      ['started', undefined],
      ['window-opened', 'the-provider-is-down'],
      ['started', undefined],
      ['window-ended', 'by-hand'],
      ['stopped', undefined],
    ],
  );
  assert.equal(statSync(agent.folder).mode & 0o777, 0o700);
  assert.equal(statSync(join(agent.folder, 'machine.key')).mode & 0o777, 0o600);
});

test('every refusal has its code, and none ends well', async (context) => {
  const agent = await started(context, machine(context, ON));
  assert.equal(await refused(agent, 'breakglass', '--ttl', 'off'), 'device.ttl');
  assert.equal(await refused(agent, 'breakglass', '--ttl', '31d'), 'device.too-long');
  assert.equal(await refused(agent, 'forget', 'nobody'), 'device.nobody');
  agent.kill('SIGKILL');
  await agent.ended;
  assert.equal(await refused(agent, 'status'), 'device.no-agent');
  assert.equal(await refused(agent, 'breakglass', '--ttl', '2h'), 'device.no-agent');
});

test('a configuration that is read again counts at once, and one that is wrong changes nothing', async (context) => {
  const root = machine(context, ON);
  const agent = await started(context, root);
  await done(agent, 'breakglass', '--ttl', '5m');
  writeFileSync(join(root, 'device.conf'), `[offline_breakglass]\nttl = soon\n${GONE}`);
  agent.kill('SIGHUP');
  await agent.saying(/line 2: ttl is no time/);
  assert.equal((await done(agent, 'status')).enabled, true);
  writeFileSync(join(root, 'device.conf'), GONE);
  agent.kill('SIGHUP');
  await agent.saying(/Read the configuration again/);
  const status = await done(agent, 'status');
  assert.equal(status.enabled, false);
  assert.equal(status.window, undefined);
  assert.equal(await refused(agent, 'breakglass', '--ttl', '5m'), 'device.disabled');
});

test('what a machine remembers, seeds and verifiers included, is refused on another, which has a key of its own', async (context) => {
  const agent = await started(context, machine(context, ON));
  await done(agent, 'breakglass', '--ttl', '5m');
  agent.kill('SIGTERM');
  await agent.ended;
  const other = machine(context, ON);
  mkdirSync(join(other, 'kept'));
  copyFileSync(join(agent.folder, 'device.db'), join(other, 'kept', 'device.db'));
  await assert.rejects(startAgentProcess(other), /or its key is another\. \[device\.store\]/);
});

test('an agent without a provider does not start, and says why', async (context) => {
  const root = machine(context, ON);
  writeFileSync(join(root, 'device.conf'), ON);
  await assert.rejects(startAgentProcess(root), /No provider is configured/);
});

test('the doctor says what would not work, and ends so', async (context) => {
  const root = machine(context, ON);
  const agent = await started(context, root);
  const conf = ['--config', join(root, 'device.conf'), '--json'];
  const well = await agent.device('doctor', ...conf);
  assert.equal(well.code, 0, well.out);
  const levels = new Map(
    JSON.parse(well.out).checks.map(({ check, level }: { check: string; level: string }) => [
      check,
      level,
    ]),
  );
  assert.equal(levels.get('folder'), 'ok');
  assert.equal(levels.get('second factor'), 'warn');
  assert.equal(levels.get('reachable'), 'warn');
  chmodSync(join(agent.folder, 'machine.key'), 0o644);
  agent.kill('SIGKILL');
  await agent.ended;
  const ill = await agent.device('doctor', ...conf);
  assert.equal(ill.code, 1);
  const { checks } = JSON.parse(ill.out);
  assert.deepEqual(
    checks
      .filter(({ level }: { level: string }) => level === 'fail')
      .map(({ check }: { check: string }) => check),
    ['agent', 'folder'],
  );
});

test('systemd finds nothing wrong with the unit, and calls it safe', {
  skip: spawnSync('systemd-analyze', ['--version']).status === 0 ? false : 'no systemd',
}, async (context) => {
  const folder = machine(context, ON);
  const { out } = await program('halligan.ts', ['device', 'unit']);
  writeFileSync(join(folder, 'halligan-device.service'), out);
  const judged = spawnSync(
    'systemd-analyze',
    [
      'security',
      '--offline=true',
      '--no-pager',
      '--threshold=30',
      join(folder, 'halligan-device.service'),
    ],
    { encoding: 'utf8' },
  );
  assert.equal(judged.status, 0, `${judged.stdout.slice(-3000)}${judged.stderr}`);
});

test('a record that something else wrote to is not shown as if it were the machine’s', async (context) => {
  const agent = await started(context, machine(context, ON));
  await done(agent, 'breakglass', '--ttl', '5m', '--why', 'one');
  agent.kill('SIGKILL');
  await agent.ended;
  const database = new DatabaseSync(join(agent.folder, 'record.db'));
  database.exec(`UPDATE report SET report = replace(report, '"why":"one"', '"why":"two"')`);
  database.close();
  assert.equal(await refused(agent, 'record'), 'device.record-altered');
});
