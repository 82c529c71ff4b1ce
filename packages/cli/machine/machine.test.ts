/** An admin enrols machines; they report to a server that is killed again and again; an auditor reads it all. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { formatBatch, formatReport, type Head, signBatch } from '@halligan/reports';
import { generateNoteKey, type NoteSigner, noteSigner } from '@halligan/tlog';
import { z } from 'zod';
import { PersonHome } from '../person-home.ts';
import { foundPractice } from '../practice/organisation.ts';
import { PEOPLE, People, personFolder } from '../practice/people.ts';
import { program } from '../run.fixture.ts';
import { type ServerProcess, startServerProcess } from '../server-process.fixture.ts';

const KILLS = 4;
const answerSchema = z.looseObject({ size: z.int() });
const reportsSchema = z.object({
  size: z.int(),
  reports: z.array(
    z.object({ index: z.int(), report: z.looseObject({ user: z.string().optional() }) }),
  ),
});

/** A machine, with a journal that it keeps whatever becomes of the server. */
class Agent {
  readonly id: string;
  readonly signer: NoteSigner;
  /** Every user who signed in, in order. */
  readonly journal: string[] = [];
  /** What the server has said to have. */
  acknowledged: Head = { size: 0, frontier: [], checkpoint: null };

  constructor(id: string, signer: NoteSigner) {
    this.id = id;
    this.signer = signer;
  }

  /** Hands over what the server does not have; false where it is not there. */
  async handOver(url: string): Promise<boolean> {
    const reports = this.journal.slice(this.acknowledged.size).map(signIn);
    const { batch, head } = await signBatch(this.acknowledged, reports, this.signer);
    const answer = await fetch(new URL(`/v1/machines/${this.id}/reports`, url), {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: new Uint8Array(formatBatch(batch)),
    }).catch(() => undefined);
    const said = await answer?.json().catch(() => undefined);
    // The journal is not open yet: the server has waited some seconds for it.
    if (Object(said).code === 'reports.closed') return this.handOver(url);
    if (answer?.status !== 201) return false;
    assert.equal(answerSchema.parse(said).size, head.size);
    this.acknowledged = head;
    return true;
  }
}

function signIn(user: string): string {
  return formatReport({
    ...{ v: 'halligan/report/v1', at: '2026-03-02T15:02:00.000Z', kind: 'sign-in' },
    ...{ user, service: 'login', method: 'password' },
  });
}

suite('machines that report', () => {
  const root = mkdtempSync(join(tmpdir(), 'halligan-machines-'));
  const people = new People(root);
  const agents: Agent[] = [];
  let server: ServerProcess;
  const start = async () => {
    server = await startServerProcess(root);
    for (const id of Object.keys(PEOPLE))
      await (await PersonHome.open(personFolder(root, id))).learn({ url: server.url });
  };
  const keyFile = async (name: string) => {
    const { signer, verifier } = await generateNoteKey(`practice/machines/${name}`);
    const file = join(root, `${name}.pub`);
    writeFileSync(file, `${verifier}\n`);
    return { file, verifier, signer: await noteSigner(signer) };
  };

  before(async () => {
    await foundPractice(root, 'x25519');
    await start();
    const lines: string[] = ['# rolled out in March'];
    for (let at = 1; at <= 4; at += 1) {
      const { signer, verifier } = await keyFile(`web-${at}`);
      lines.push(`web-${at} ${verifier}`);
      agents.push(new Agent(`web-${at}`, signer));
    }
    writeFileSync(join(root, 'machines.txt'), lines.join('\n'));
    await people.run('raj', 'machine', 'add', '--list', join(root, 'machines.txt'));
  });
  after(async () => {
    await people.end();
    await server.stop();
    rmSync(root, { recursive: true });
  });

  test('nothing that was acknowledged is lost with a server that is killed, and nothing comes twice', async () => {
    for (let kill = 0; kill < KILLS; kill += 1) {
      const goals = agents.map(({ acknowledged }) => acknowledged.size + 9 * (kill + 1));
      const isEnough = () => agents.every((one, at) => one.acknowledged.size >= (goals[at] ?? 0));
      // Each has handed something over then: the blow falls between two batches, or into one.
      const enough = Promise.withResolvers<void>();
      const working = agents.map(async (agent) => {
        do {
          if (isEnough()) enough.resolve();
          const { length } = agent.journal;
          agent.journal.push(...[length, length + 1, length + 2].map((at) => `${agent.id}-${at}`));
        } while (await agent.handOver(server.url));
      });
      await enough.promise;
      await server.kill();
      await Promise.all(working);
      await start();
    }
    for (const agent of agents) {
      assert.ok(await agent.handOver(server.url), agent.id);
      const { size, reports } = reportsSchema.parse(
        await people.run('raj', 'machine', 'reports', agent.id, '--from', '0'),
      );
      assert.equal(size, agent.journal.length);
      assert.deepEqual(
        reports.map(({ report }) => report.user),
        agent.journal,
      );
    }
  });

  test('the journal of reports is verified beside the other, also by doctor', async () => {
    const onServer = async (...parameters: readonly string[]) =>
      (await program('halligan.ts', ['--json', ...parameters], { HALLIGAN_HOME: root })).out;
    const { reports } = JSON.parse(await onServer('journal', 'verify'));
    assert.match(reports.origin, /\/reports$/);
    assert.ok(reports.size > 0);
    const { checks } = JSON.parse(await onServer('doctor'));
    const own = checks.find(({ check }: { check: string }) => check === 'machine reports');
    assert.equal(own.level, 'ok');
  });

  test('one is set up anew, and another retired', async () => {
    const anew = await keyFile('anew');
    await people.run('raj', 'machine', 'add', 'web-1', '--log-key', anew.file, '--replace');
    const replaced = new Agent('web-1', anew.signer);
    replaced.journal.push('ana');
    assert.ok(await replaced.handOver(server.url));
    const shown = z
      .looseObject({ size: z.int(), replaced: z.array(z.looseObject({ size: z.int() })) })
      .parse(await people.run('raj', 'machine', 'show', 'web-1'));
    assert.equal(shown.size, 1);
    assert.equal(shown.replaced[0]?.size, agents[0]?.journal.length);
    await people.run('raj', 'machine', 'retire', 'web-2', '--reason', 'Sold.');
    agents[1]?.journal.push('ben');
    assert.equal(await agents[1]?.handOver(server.url), false);
    const { machines } = z
      .object({ machines: z.array(z.object({ id: z.string(), standing: z.string() })) })
      .parse(await people.run('raj', 'machine', 'list'));
    assert.equal(machines.find(({ id }) => id === 'web-2')?.standing, 'retired');
  });
});
