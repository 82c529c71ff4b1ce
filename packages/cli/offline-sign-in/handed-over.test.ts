/** A machine's agent and a server, each as the program that it is: what happened while the server was away arrives. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { ask, callAt, promptSocketBeside } from '@halligan/device';
import { utf8 } from '@halligan/format';
import { z } from 'zod';
import { PersonHome } from '../person-home.ts';
import { foundPractice } from '../practice/organisation.ts';
import { PEOPLE, People, personFolder } from '../practice/people.ts';
import { type ServerProcess, startServerProcess } from '../server-process.fixture.ts';
import { type AgentProcess, startAgentProcess } from './agent-process.fixture.ts';

const OUTAGE = `[offline_breakglass]
enabled = true
justification = Nobody could work in May.
[provider]
kind = ldap
url = ldaps://127.0.0.1:1
bind = uid={user},dc=example
`;
/** Milliseconds between two looks at how far the handing over is. */
const LOOK = 250;
const statusSchema = z.looseObject({
  machine: z.looseObject({ record: z.looseObject({ size: z.int(), handed: z.int() }) }),
});
const reportsSchema = z.looseObject({
  size: z.int(),
  reports: z.array(z.looseObject({ report: z.looseObject({ kind: z.string() }) })),
});

suite('a machine that hands its record over', () => {
  const root = mkdtempSync(join(tmpdir(), 'halligan-handed-over-'));
  const machine = join(root, 'machine');
  const people = new People(root);
  let server: ServerProcess;
  let agent: AgentProcess;

  const startServer = async () => {
    server = await startServerProcess(root);
    for (const id of Object.keys(PEOPLE))
      await (await PersonHome.open(personFolder(root, id))).learn({ url: server.url });
  };
  const configure = (more: string) =>
    writeFileSync(join(machine, 'device.conf'), `${OUTAGE}${more}`);
  const toServer = () => configure(`[server]\nurl = ${server.url}\nmachine = desk-12\n`);
  const reload = async () => {
    const before = agent.said.length;
    agent.kill('SIGHUP');
    while (!agent.said.slice(before).some((line) => line.startsWith('Read the configuration')))
      await pause(LOOK);
  };
  const signIn = (name: string) =>
    callAt(promptSocketBeside(agent.socket), { name, service: 'login' }, utf8('a password'), {
      say: () => undefined,
    });
  const endAgent = async () => {
    agent.kill('SIGTERM');
    await agent.ended;
  };
  /** Resolves once the server has all that is on the machine's record. */
  const handedOver = async () => {
    for (;;) {
      const status = statusSchema.parse(await ask(agent.socket, { ask: 'status' }));
      const { size, handed } = status.machine.record;
      if (size === handed) return size;
      await pause(LOOK);
    }
  };
  /** The kinds of what an auditor reads, proven on the auditor's device. */
  const kindsRead = async () => {
    const read = await people.run('raj', 'machine', 'reports', 'desk-12', '--from', '0');
    return reportsSchema.parse(read).reports.map(({ report }) => report.kind);
  };

  before(async () => {
    await foundPractice(root, 'x25519');
    await startServer();
    mkdirSync(machine, { mode: 0o700 });
    configure('');
    agent = await startAgentProcess(machine);
    const key = join(agent.folder, 'record.pub');
    await people.run('raj', 'machine', 'add', 'desk-12', '--log-key', key);
  });
  after(async () => {
    await endAgent();
    await people.end();
    await server.stop();
    rmSync(root, { recursive: true });
  });

  test('what happened while the server was down arrives once it is back, in its order', async () => {
    await server.stop();
    toServer();
    await reload();
    await ask(agent.socket, { ask: 'breakglass', by: 'root', why: 'It is down.' });
    assert.equal((await signIn('nobody-1'))?.let, 'out');
    agent.kill('SIGKILL');
    await agent.ended;
    agent = await startAgentProcess(machine);
    assert.equal((await signIn('nobody-2'))?.let, 'out');
    await startServer();
    // It listens elsewhere: somebody says so to the machine.
    toServer();
    await reload();
    await handedOver();
    assert.deepEqual(await kindsRead(), [
      ...['started', 'stopped', 'started', 'window-opened', 'refusal'],
      ...['started', 'refusal', 'stopped', 'started'],
    ]);
  });

  test('a record that was put back goes on behind a gap that an auditor sees', async () => {
    await endAgent();
    const [record, image] = [join(agent.folder, 'record.db'), join(root, 'image')];
    copyFileSync(record, image);
    agent = await startAgentProcess(machine);
    await signIn('nobody-3');
    await handedOver();
    await endAgent();
    const before = await kindsRead();
    for (const suffix of ['-wal', '-shm']) rmSync(`${record}${suffix}`, { force: true });
    copyFileSync(image, record);
    agent = await startAgentProcess(machine);
    await signIn('nobody-4');
    await handedOver();
    const now = await kindsRead();
    assert.deepEqual(now.slice(0, before.length), before);
    assert.deepEqual(now.slice(before.length), ['gap', 'stopped', 'started', 'refusal']);
  });
});
