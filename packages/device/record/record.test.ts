import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { HalliganError } from '@halligan/format';
import {
  extended,
  frontierOf,
  type Head,
  type Report,
  readBatchHeader,
  readBatchReports,
  requireSigned,
} from '@halligan/reports';
import {
  handOver,
  MachineRecord,
  openRecordFile,
  readRecord,
  recordSigner,
  reportOf,
  type ServerAnswer,
  UNKNOWN,
} from '../index.ts';

const READING = { wall: 1_772_463_720, boot: '0f6e3d5c-7a4b-4c1d-9e2f-0a1b2c3d4e5f', uptime: 7.5 };

/** What the server does with batches, by the same functions. */
class Server {
  head: Head = { size: 0, frontier: [], checkpoint: null };
  readonly reports: Report[] = [];
  isThere = true;
  readonly #key: string;

  constructor(key: string) {
    this.#key = key;
  }

  readonly send = async (body: Uint8Array): Promise<ServerAnswer> => {
    if (!this.isThere) return undefined;
    const header = readBatchHeader(body);
    const signed = await requireSigned(header.checkpoint, this.#key);
    try {
      if (signed.size > this.head.size) {
        const lines = readBatchReports(body, header, signed.size - header.from);
        const { tree, reports } = extended(this.head, header.from, lines, signed);
        this.head = {
          ...{ size: signed.size, frontier: frontierOf(tree), checkpoint: header.checkpoint },
        };
        this.reports.push(...reports);
      }
    } catch (error) {
      if (!(error instanceof HalliganError)) throw error;
      return { status: 409, body: { code: error.code } };
    }
    return { status: 201, body: { ...this.head, recorded: 0 } };
  };
}

async function machine(context: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'halligan-record-'));
  const signer = await recordSigner(folder);
  const open = () => {
    const file = openRecordFile(folder, 'write');
    const record = new MachineRecord(file, signer);
    const put = (name: string) => record.append(refusal(name), gapOf);
    return { file, record, put };
  };
  context.after(() => rmSync(folder, { recursive: true }));
  const server = new Server(signer.verifier);
  const hand = ({ file, record }: ReturnType<typeof open>, asksFirst = true) =>
    handOver({ file, record, signer, send: server.send, restored: () => gapOf(null) }, asksFirst);
  return { folder, signer, open, server, hand };
}

function refusal(name: string): Report {
  return reportOf(
    {
      ...{ type: 'sign-in', name, service: 'login', from: 'local' },
      ...{ outcome: 'refused', why: 'wrong password' },
    },
    READING,
    () => true,
  );
}

function gapOf(lost: number | null): Report {
  return reportOf({ type: 'gap', lost, why: 'restored' }, READING, () => false);
}

const usersOf = (reports: readonly Report[]) =>
  reports.map((report) => ('user' in report ? report.user : report.kind));

test('what somebody typed gets on the record as a name that is known, or not at all', () => {
  const said = (name: string, isKnown: boolean) =>
    reportOf(
      {
        ...{ type: 'sign-in', name, service: 'su -l', from: 'remote' },
        ...{ outcome: 'let in by the cached password' },
      },
      READING,
      () => isKnown,
    );
  assert.deepEqual(said('ana', true), {
    ...{ v: 'halligan/report/v1', at: '2026-03-02T15:02:00.000Z', boot: READING.boot, up: 7500 },
    ...{ kind: 'sign-in', user: 'ana', service: UNKNOWN, method: 'password' },
    more: { from: 'remote', by: 'cached-password' },
  });
  const typed = said('correct horse battery staple', false);
  assert.ok(!JSON.stringify(typed).includes('horse'));
});

test('a record is proven from its first report, whoever reads it, and a change is seen', async (context) => {
  const { folder, open, signer } = await machine(context);
  const { file, put } = open();
  for (const name of ['ana', 'ben', 'cleo']) await put(name);
  const shown = await readRecord(openRecordFile(folder, 'read'), signer.verifier, 2);
  assert.deepEqual(
    shown.reports.map(({ index, report }) => [index, 'user' in report && report.user]),
    [
      [1, 'ben'],
      [2, 'cleo'],
    ],
  );
  file.close();
  for (const change of [
    `UPDATE report SET report = replace(report, 'ben', 'eve')`,
    'DELETE FROM report WHERE at = 1',
    'DELETE FROM report WHERE at = 2',
    'UPDATE report SET at = 9 WHERE at = 0',
    `UPDATE head SET head = replace(head, '"size":3', '"size":2')`,
    'DELETE FROM head',
  ]) {
    copyFileSync(join(folder, 'record.db'), join(folder, 'kept'));
    const database = new DatabaseSync(join(folder, 'record.db'));
    database.exec(change);
    database.close();
    const changed = openRecordFile(folder, 'read');
    if (change === 'DELETE FROM head')
      assert.equal((await readRecord(changed, signer.verifier, 9)).size, 0);
    else
      await assert.rejects(readRecord(changed, signer.verifier, 9), { code: /^device\.|^reports/ });
    changed.close();
    copyFileSync(join(folder, 'kept'), join(folder, 'record.db'));
  }
});

test('the server gets each report once, whether it was there or not', async (context) => {
  const { open, server, hand } = await machine(context);
  const here = open();
  assert.equal(await hand(here), 'all');
  await here.put('ana');
  server.isThere = false;
  assert.equal(await hand(here), 'later');
  server.isThere = true;
  for (let at = 0; at < 1100; at += 1) await here.put(`user-${at}`);
  assert.equal(await hand(here), 'all');
  assert.equal(server.reports.length, 1101);
  // The server took a batch and its answer was lost.
  const before = here.file.head('handed');
  await here.put('ben');
  await hand(here);
  here.file.mark('handed', before);
  assert.equal(await hand(here), 'all');
  await here.put('cleo');
  assert.equal(await hand(here, false), 'all');
  assert.deepEqual(usersOf(server.reports).slice(-2), ['ben', 'cleo']);
});

test('a machine whose disk was put back takes its own signature for it, says so and goes on', async (context) => {
  const { folder, open, server, hand, signer } = await machine(context);
  let here = open();
  await here.put('ana');
  await hand(here);
  here.file.close();
  copyFileSync(join(folder, 'record.db'), join(folder, 'image'));
  here = open();
  await here.put('ben');
  await hand(here);
  here.file.close();
  copyFileSync(join(folder, 'image'), join(folder, 'record.db'));
  here = open();
  await here.put('cleo');
  await here.put('dana');
  assert.equal(await hand(here), 'all');
  assert.deepEqual(usersOf(server.reports), ['ana', 'ben', 'gap', 'cleo', 'dana']);
  const shown = await readRecord(here.file, signer.verifier, 9);
  assert.deepEqual(usersOf(shown.reports.map(({ report }) => report)), [
    ...['ana', 'gap', 'cleo', 'dana'],
  ]);
  here.file.close();
});

test('a server that claims what the machine did not sign is not believed', async (context) => {
  const { open, server, hand } = await machine(context);
  const here = open();
  await here.put('ana');
  await hand(here);
  server.head = { ...server.head, size: 2 };
  await assert.rejects(hand(here), { code: 'device.handed-over' });
  assert.equal(here.record.size, 1);
});

test('what could not be written is said once something can be', async (context) => {
  const { folder, open, signer } = await machine(context);
  const { file, put, record } = open();
  await put('ana');
  const other = new DatabaseSync(join(folder, 'record.db'));
  other.exec('BEGIN IMMEDIATE');
  await assert.rejects(put('ben'), { code: 'device.record' });
  other.exec('ROLLBACK');
  other.close();
  await put('cleo');
  assert.equal(record.size, 3);
  const shown = await readRecord(file, signer.verifier, 9);
  assert.deepEqual(usersOf(shown.reports.map(({ report }) => report)), ['ana', 'gap', 'cleo']);
});
