import { digestOf, type Json, utf8 } from '@halligan/format';
import {
  makePlainAttachment,
  type PlainAttachment,
  type SignedStatement,
} from '@halligan/statement';
import { declare, open } from './emergency.fixture.ts';
import { bytesOf, type MemoryRecord, said } from './memory-record.fixture.ts';
import {
  AUDIT_LOG,
  approveByPhone,
  end,
  part,
  secondRules,
  type Went,
} from './procedure.fixture.ts';

const salted = (name: string) => (size: number) => bytesOf(`salt of ${name}`, size);

/** The system's audit log, and a dump of something, as files that came in on their own. */
export const log = makePlainAttachment(utf8(AUDIT_LOG), 'text/csv', salted('log'));
export const dump = makePlainAttachment(
  utf8('\0'.repeat(5000)),
  'application/octet-stream',
  salted('dump'),
);

/** An emergency with a dump that a note names, and the audit log laid beside the record: both large files. */
export async function withLargeFiles(): Promise<Went> {
  const record = await secondRules();
  const emergency = await declare(record);
  await approveByPhone(record, emergency);
  await part(record, emergency, 'ben', 'second');
  await open(record, emergency);
  record.now = '2026-03-02T15:00:00.000Z';
  const note = { about: 'observation', occurred: record.now, text: dump.digest };
  await submit(record, await record.sign('note', 'ana', emergency, note), dump);
  await end(record, emergency);
  record.now = '2026-03-02T16:00:00.000Z';
  const reconciliation = {
    v: 'halligan/reconciliation/v1',
    emergency,
    log: log.digest,
    tolerance: 300,
    entries: 3,
    matched: 2,
    differences: [{ entry: 3, at: '2026-03-02T15:40:00Z' }],
  };
  const fields = { what: 'reconciliation', digest: digestOf(reconciliation) };
  const signed = await record.sign('attest', 'raj', emergency, fields);
  await submit(record, signed, log, reconciliation);
  return { record, emergency };
}

/** As a server names a file that it took in: how many bytes are a size of its own counting. */
async function submit(
  record: MemoryRecord,
  signed: SignedStatement,
  { digest, plain }: PlainAttachment,
  document?: Json,
): Promise<void> {
  const attachments = [{ digest, blob: 'ab'.repeat(32), bytes: plain.length - 100 }];
  await record.submit({ ...said([signed], document), attachments });
}
