import { digestOf, type Json } from '@halligan/format';
import { emergencyById, recordOf } from '@halligan/procedure';
import { subjectOf } from '@halligan/statement';
import { ACCOUNT, rotate } from './contoso.fixture.ts';
import { bytesOf, type MemoryRecord, said } from './memory-record.fixture.ts';

export const RECIPIENT = `age1${'q'.repeat(58)}`;

/** Words of the emergency; a hostile pack has others. */
export interface Wording {
  readonly reason: string;
  readonly note: string;
}

const WORDING: Wording = {
  reason: 'The identity provider fails for everyone. Payroll closes at 16:00.',
  note: 'Reset password for user jsmith@contoso.com',
};

/** ana declares at 14:32 with ben as the second person, or whom `others` name; null for nobody. @returns the emergency's id */
export async function declare(
  record: MemoryRecord,
  { reason }: Wording = WORDING,
  account = ACCOUNT,
  { second = 'ben', ...others }: Readonly<Record<string, Json>> = {},
): Promise<string> {
  if (record.now < '2026-03-02T14:32') record.now = '2026-03-02T14:32:00.000Z';
  return record.say('declare', 'ana', subjectOf('account', account), {
    account,
    system: 'directory',
    reason: record.text(reason),
    cause: 'idp-outage',
    evidence: [record.text('AADSTS90033: A transient error has occurred. (14:21 UTC)')],
    ...(second === null ? {} : { second }),
    approver: 'dana',
    incident: record.text('INC-4711'),
    ...others,
  });
}

/** dana approves, ben takes part. */
export async function authorise(record: MemoryRecord, emergency: string): Promise<void> {
  record.now = '2026-03-02T14:40:00.000Z';
  const conditions = record.text('Read only, unless ben agrees.');
  await record.say('approve', 'dana', emergency, { method: 'app', conditions });
  record.now = '2026-03-02T14:41:00.000Z';
  await record.say('take-part', 'ben', emergency, { role: 'second', together: 'video' });
}

export function requestFields(record: MemoryRecord, account = ACCOUNT): Record<string, Json> {
  const { current = 1, versions = {} } = record.state.accounts[account] ?? {};
  const version = versions[current];
  return {
    account,
    version: current,
    seal: version?.header.id ?? '',
    sealDigest: version?.digest ?? '',
    path: 'standard',
    recipient: RECIPIENT,
    expires: new Date(Date.parse(record.now) + 1_200_000).toISOString(),
  };
}

/** ana asks for the shares. @returns the request's digest */
export async function request(
  record: MemoryRecord,
  emergency: string,
  account = ACCOUNT,
): Promise<string> {
  return record.say('open.request', 'ana', emergency, requestFields(record, account));
}

export function releaseFields(
  holder: string,
  asked: string,
  version = 1,
  account = ACCOUNT,
): Record<string, Json> {
  return {
    request: asked,
    path: 'standard',
    group: 'keyholders',
    commitment: bytesOf(`share ${account} ${version} ${holder}`).toHex(),
    ciphertext: bytesOf(`sent ${version} ${holder}`).toHex(),
  };
}

/** ana and ben release their shares. */
export async function open(
  record: MemoryRecord,
  emergency: string,
  account = ACCOUNT,
): Promise<void> {
  const asked = await request(record, emergency, account);
  const version = record.state.accounts[account]?.current ?? 1;
  for (const holder of ['ana', 'ben'])
    await record.say(
      'share.release',
      holder,
      emergency,
      releaseFields(holder, asked, version, account),
    );
}

/** Access at 15:07, three actions, out at 15:18, as in the seed procedure. */
export async function use(
  record: MemoryRecord,
  emergency: string,
  { note }: Wording = WORDING,
): Promise<void> {
  const write = async (by: string, about: string, time: string, text: string) => {
    record.now = `2026-03-02T${time}:20.000Z`;
    const occurred = `2026-03-02T${time}:00Z`;
    await record.say('note', by, emergency, { about, occurred, text: record.text(text) });
  };
  await write('ana', 'access', '15:07', 'Signed in with bg-admin-1; session 7f3a.');
  await write('ana', 'action', '15:12', note);
  await write('ana', 'action', '15:14', 'Verified jsmith can authenticate to Azure AD');
  await write('ben', 'observation', '15:15', 'Confirmed jsmith can access SharePoint');
  record.now = '2026-03-02T15:18:10.000Z';
  await record.say('end', 'ana', emergency, { loggedOut: '2026-03-02T15:18:00Z' });
}

/** Reset, signed record, review, exercise, close. */
export async function close(record: MemoryRecord, emergency: string): Promise<void> {
  record.now = '2026-03-02T15:40:00.000Z';
  await rotate(record, ACCOUNT, 2, 'rejected');
  await signRecord(record, emergency);
  const review = {
    v: 'halligan/review/v1',
    emergency,
    points: ['prerequisites', 'dual-control', 'necessity', 'completeness', 'reset'].map(
      (point) => ({ point, held: point !== 'completeness' }),
    ),
    rootCause: 'idp-outage',
    action: {
      what: record.text('A second identity provider.'),
      owner: 'raj',
      due: '2026-06-01',
    },
  };
  record.now = '2026-03-03T10:00:00.000Z';
  for (const by of ['ana', 'ben', 'dana', 'raj']) {
    const fields = { what: 'review', digest: digestOf(review) };
    await record.say('attest', by, emergency, fields, { document: review });
  }
  await exercise(record, emergency);
  await record.say('close', 'raj', emergency);
}

async function signRecord(record: MemoryRecord, emergency: string): Promise<void> {
  const found = emergencyById(record.state, emergency);
  if (found === undefined) return;
  const digest = digestOf(recordOf(record.state, found));
  for (const by of ['ana', 'ben'])
    await record.say('attest', by, emergency, { what: 'record', digest });
  const text = record.text('Filed under INC-4711.');
  await record.say('attest', 'ana', emergency, { what: 'submission', digest, text });
}

async function exercise(record: MemoryRecord, emergency: string): Promise<void> {
  const version = 2;
  const prover = { v: 'halligan/prover/v1', account: ACCOUNT, version, recipient: RECIPIENT };
  const asked = await record.sign('open.request', 'ana', emergency, requestFields(record), {
    purpose: 'exercise',
  });
  const vouched = await record.sign(
    'attest',
    'rotator',
    subjectOf('account', ACCOUNT),
    {
      what: 'prover',
      digest: digestOf(prover),
    },
    { purpose: 'exercise' },
  );
  await record.submit(said([asked, vouched], prover));
  const request = digestOf(asked.statement);
  for (const holder of ['ana', 'ben'])
    await record.say('share.release', holder, emergency, releaseFields(holder, request, version), {
      purpose: 'exercise',
    });
  const result = {
    v: 'halligan/exercise/v1',
    account: ACCOUNT,
    version,
    request,
    outcome: 'accepted',
  };
  await record.say(
    'attest',
    'rotator',
    emergency,
    { what: 'exercise', digest: digestOf(result) },
    { document: result, purpose: 'exercise' },
  );
}

/** A whole emergency, from declaration to close. */
export async function wholeEmergency(
  record: MemoryRecord,
  wording: Wording = WORDING,
): Promise<string> {
  const emergency = await declare(record, wording);
  await authorise(record, emergency);
  await open(record, emergency);
  await use(record, emergency, wording);
  await close(record, emergency);
  return emergency;
}
