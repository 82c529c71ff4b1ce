import { digestOf, type Json } from '@halligan/format';
import {
  type Access,
  attestedBy,
  CHECKS,
  codeCommitment,
  custodyOf,
  emergencyById,
  recordOf,
  subjectOfCustody,
} from '@halligan/procedure';
import { type Member, subjectOf } from '@halligan/statement';
import { ACCOUNT, changeRoster, contoso, member, rotate } from './contoso.fixture.ts';
import {
  declare,
  open,
  RECIPIENT,
  releaseFields,
  request,
  requestFields,
} from './emergency.fixture.ts';
import { bytesOf, type MemoryRecord, said, saw } from './memory-record.fixture.ts';

/**
 * Emergencies by the second rules, each with another way through the procedure: what the record and the verifier have to
 * tell of. eli is an executive; wanda watches.
 */

export interface Went {
  readonly record: MemoryRecord;
  readonly emergency: string;
}

const INTACT = Object.fromEntries(CHECKS.map((check) => [check, true]));

/** Contoso by the second rules: an executive, a witness, a path for one person with the executive. */
export async function secondRules(others: readonly Member[] = []): Promise<MemoryRecord> {
  const quorums = {
    admin: {
      standard: ['2 of keyholders'],
      solo: ['1 of keyholders', '1 of executives'],
    },
  };
  return contoso({ need: 0, of: [] }, { rules: 2, quorums, allow_one_person: true }, [
    await member('eli', ['executive']),
    await member('wanda', ['witness']),
    ...others,
  ]);
}

async function attest(
  record: MemoryRecord,
  by: string,
  emergency: string,
  what: string,
  body: Readonly<Record<string, Json>>,
  fields: Readonly<Record<string, Json>> = {},
): Promise<void> {
  const document = { emergency, ...body };
  const digest = digestOf(document);
  await record.say('attest', by, emergency, { what, digest, ...fields }, { document });
}

/** The second person and the witness leave once they were named; cleo and raj take their parts. */
export async function standIns(): Promise<Went> {
  const record = await secondRules([await member('cleo', ['custodian'])]);
  const emergency = await declare(record, undefined, ACCOUNT, { witness: 'wanda' });
  record.now = '2026-03-02T14:36:00.000Z';
  const holders = { do: 'group', name: 'keyholders', members: ['ana', 'cleo'] } as const;
  await changeRoster(record, holders, ['dana', 'raj', 'ana', 'ben']);
  await changeRoster(record, { do: 'remove', person: 'ben' });
  await changeRoster(record, { do: 'remove', person: 'wanda' });
  record.now = '2026-03-02T14:40:00.000Z';
  await record.say('approve', 'dana', emergency, { method: 'app' });
  await part(record, emergency, 'cleo', 'second');
  await part(record, emergency, 'raj', 'witness');
  return { record, emergency };
}

/** Given up with a reason before anything opened. */
export async function givenUp(): Promise<Went> {
  const record = await secondRules();
  const emergency = await declare(record);
  const reason = record.text('The provider is back.');
  await record.say('abort', 'ana', emergency, { reason });
  return { record, emergency };
}

/** Signed page by page on paper; raj attests with ana that the scans are these. */
export async function onPaper(): Promise<Went> {
  const record = await secondRules();
  const emergency = await declare(record);
  await approveByPhone(record, emergency);
  await part(record, emergency, 'ben', 'second');
  await open(record, emergency);
  await end(record, emergency);
  const found = emergencyById(record.state, emergency);
  const digest = found === undefined ? '' : digestOf(recordOf(record.state, found));
  const pages = ['first', 'second'].map((page) => record.text(`Scan of the ${page} page.`));
  const document = { v: 'halligan/record-pages/v1', emergency, record: digest, pages };
  const fields = { what: 'pages', digest: digestOf(document) };
  for (const by of ['ana', 'ben']) await record.say('attest', by, emergency, fields, { document });
  return { record, emergency };
}

const AS_BEFORE: Access & { readonly keys: readonly string[] } = {
  methods: ['password'],
  keys: ['ssh-ed25519 A'],
  sessions: [],
  grants: 'unknown',
};

/** While it was used, somebody left a key behind, and a session lives on. */
export async function leftBehind(): Promise<Went> {
  const record = await secondRules();
  record.now = '2026-03-02T10:00:00.000Z';
  await rotate(record, ACCOUNT, 2, 'rejected', AS_BEFORE);
  const emergency = await declare(record);
  await approveByPhone(record, emergency);
  await part(record, emergency, 'ben', 'second');
  await open(record, emergency);
  await end(record, emergency);
  record.now = '2026-03-02T15:40:00.000Z';
  const keys = [...AS_BEFORE.keys, 'ssh-ed25519 B'];
  await rotate(record, ACCOUNT, 3, 'rejected', { ...AS_BEFORE, keys, sessions: ['pts/1'] });
  return { record, emergency };
}

/** From a kit: times are the signers' own, and the record takes it in hours later. dana answers nobody. */
export async function withoutTheServer(): Promise<Went> {
  const record = await secondRules();
  record.now = '2026-03-02T18:00:00.000Z';
  const journal = record.place();
  const apart = (time: string) => ({
    offline: { after: [] },
    journal,
    at: `2026-03-02T${time}:00.000Z`,
  });
  const emergency = await declare(record, undefined, ACCOUNT, apart('14:32'));
  const attempts = ['phone', 'message', 'email'].map((channel) => ({
    person: 'dana',
    channel,
    at: '2026-03-02T14:48:00Z',
  }));
  const fields = { ...apart('14:50'), attempts, reason: record.text('Her line is dead.') };
  await record.submit(
    said([
      await record.sign('exception', 'ana', emergency, fields),
      await record.sign('exception', 'ben', emergency, fields),
    ]),
  );
  const role = { role: 'second', together: 'in-person' };
  await record.say('take-part', 'ben', emergency, { ...apart('14:52'), ...role });
  const asked = await record.say('open.request', 'ana', emergency, {
    ...requestFields(record),
    ...apart('14:55'),
    expires: '2026-03-02T15:15:00.000Z',
  });
  for (const holder of ['ana', 'ben'])
    await record.say('share.release', holder, emergency, {
      ...releaseFields(holder, asked),
      ...apart('14:58'),
    });
  const over = { ...apart('15:18'), loggedOut: '2026-03-02T15:18:00Z' };
  await record.say('end', 'ana', emergency, over);
  return { record, emergency };
}

/** An emergency of an account that was used without the server in another one, which the record never took in. */
export async function reported(): Promise<Went> {
  const record = await secondRules();
  record.now = '2026-03-02T10:00:00.000Z';
  const document = {
    v: 'halligan/offline-use/v1',
    account: ACCOUNT,
    version: 1,
    emergency: 'ab'.repeat(32),
    rule: 'roster.unknown',
  };
  const fields = { what: 'offline-use', digest: digestOf(document) };
  await record.say('attest', 'ben', subjectOf('account', ACCOUNT), fields, { document });
  const emergency = await declare(record);
  return { record, emergency };
}

/** What two people sign about a place or an envelope. */
async function custody(
  record: MemoryRecord,
  body: Readonly<Record<string, Json>>,
  emergency?: string,
): Promise<void> {
  const document = { v: 'halligan/custody/v1', ...body };
  const read = custodyOf(document);
  const subject = emergency ?? subjectOfCustody(read);
  const fields = { what: attestedBy(read), digest: digestOf(document) };
  const signed = [
    await record.sign('attest', 'ana', subject, fields),
    await record.sign('attest', 'ben', subject, fields),
  ];
  await record.submit(said(signed, document));
}

const bothAt = (at: string) => ['ana', 'ben'].map((by) => ({ by, at }));

async function seal(record: MemoryRecord, serial: string, version: number): Promise<void> {
  const seal = record.state.accounts[ACCOUNT]?.versions[version]?.digest ?? '';
  await custody(record, {
    do: 'register',
    serial,
    account: ACCOUNT,
    version,
    seal,
    contains: [{ what: 'credential' }],
    tamperEvident: 'Keepsafe C5',
    place: 'safe-a',
    signed: bothAt(record.now),
  });
}

/** A safe with an envelope of version 1 in it. */
export async function furnish(record: MemoryRecord): Promise<void> {
  record.now = '2026-03-02T09:30:00.000Z';
  await custody(record, {
    do: 'place',
    id: 'safe-a',
    kind: 'rated-safe',
    name: 'Safe A',
    address: 'Head office, ground floor',
    access: ['ana', 'ben'],
    combination: [['ana'], ['ben']],
    changed: '2026-03-01T09:00:00Z',
    previous: null,
  });
  await seal(record, 'env-1', 1);
}

export async function reach(record: MemoryRecord, emergency: string): Promise<void> {
  record.now = '2026-03-02T14:50:00.000Z';
  const at = { serial: 'env-1', account: ACCOUNT, place: 'safe-a' };
  await custody(record, { do: 'arrive', ...at, arrived: bothAt(record.now) }, emergency);
}

async function unseal(record: MemoryRecord, emergency: string): Promise<void> {
  await reach(record, emergency);
  record.now = '2026-03-02T14:55:00.000Z';
  const at = { serial: 'env-1', account: ACCOUNT, version: 1, place: 'safe-a' };
  const access = { method: 'split-combination', by: ['ana', 'ben'] };
  const opened = { checks: INTACT, signed: bothAt(record.now), opened: record.now, photos: [] };
  await custody(record, { do: 'open', ...at, access, ...opened }, emergency);
}

/** The envelope shows a tear: it goes back unopened. */
export async function findTorn(record: MemoryRecord, emergency: string): Promise<void> {
  await reach(record, emergency);
  record.now = '2026-03-02T14:55:00.000Z';
  const at = { serial: 'env-1', account: ACCOUNT, place: 'safe-a' };
  const photos = [record.text('A photograph, in words: a tear at the flap.')];
  const found = { checks: { ...INTACT, noTears: false }, photos };
  const times = { inspected: record.now, returned: record.now };
  await custody(record, { do: 'inspect', ...at, ...found, ...times }, emergency);
}

export async function part(
  record: MemoryRecord,
  emergency: string,
  by: string,
  role: string,
): Promise<void> {
  const title = record.text(role === 'second' ? 'Platform engineer' : 'Head of audit');
  await record.say('take-part', by, emergency, { role, together: 'video', title });
}

/** dana says yes by phone; both who heard it sign. */
export async function approveByPhone(record: MemoryRecord, emergency: string): Promise<void> {
  record.now = '2026-03-02T14:40:00.000Z';
  const words = { method: 'phone', approver: 'dana', given: '2026-03-02T14:38:00Z' };
  const signed = [
    await record.sign('approve', 'ana', emergency, words),
    await record.sign('approve', 'ben', emergency, words),
  ];
  await record.submit(said(signed));
  await contacted(record, emergency, 'summary', 'email');
}

async function contacted(
  record: MemoryRecord,
  emergency: string,
  what: string,
  channel: string,
): Promise<void> {
  const at = record.now;
  await record.submit(saw({ saw: 'contacted', emergency, person: 'dana', channel, at, what }));
}

const wordsOf = (purpose: string, number: number) => bytesOf(`code ${purpose} ${number}`).toHex();

/** dana has a sheet of spoken codes; ana gives one of them. */
export async function approveByCode(record: MemoryRecord, emergency: string): Promise<void> {
  record.now = '2026-03-02T14:40:00.000Z';
  const sheet = {
    v: 'halligan/approval-codes/v1',
    person: 'dana',
    salt: 'ab'.repeat(16),
    real: [1, 2].map((number) => codeCommitment(wordsOf('real', number))),
    drill: [1, 2].map((number) => codeCommitment(wordsOf('drill', number))),
  };
  const fields = { what: 'approval-codes', digest: digestOf(sheet) };
  await record.say('attest', 'dana', subjectOf('person', 'dana'), fields, { document: sheet });
  await record.say('approve', 'ana', emergency, {
    method: 'phone',
    approver: 'dana',
    given: '2026-03-02T14:38:00Z',
    code: { number: 2, preimage: wordsOf('real', 2) },
  });
}

/** Nobody answers: the server has sent two requests, both people tried the rest. */
export async function goSilent(record: MemoryRecord, emergency: string): Promise<void> {
  record.now = '2026-03-02T14:33:00.000Z';
  await contacted(record, emergency, 'approval-request', 'email');
  await contacted(record, emergency, 'approval-request', 'message');
  record.now = '2026-03-02T14:50:00.000Z';
  const attempts = ['phone', 'email'].map((channel) => ({
    person: 'dana',
    channel,
    at: '2026-03-02T14:49:00Z',
  }));
  const fields = { attempts, reason: record.text('Nobody answers.') };
  const signed = [
    await record.sign('exception', 'ana', emergency, fields),
    await record.sign('exception', 'ben', emergency, fields),
  ];
  await record.submit(said(signed));
}

export async function end(record: MemoryRecord, emergency: string): Promise<void> {
  const write = async (about: string, time: string, text: string) => {
    record.now = `2026-03-02T${time}:20.000Z`;
    const occurred = `2026-03-02T${time}:00Z`;
    await record.say('note', 'ana', emergency, { about, occurred, text: record.text(text) });
  };
  await write('access', '15:07', 'Signed in with bg-admin-1; session 7f3a.');
  await write('action', '15:12', 'Reset password for user jsmith@contoso.com');
  record.now = '2026-03-02T15:18:10.000Z';
  await record.say('end', 'ana', emergency, { loggedOut: '2026-03-02T15:18:00Z' });
}

export const AUDIT_LOG = [
  'time,user,action,result',
  '2026-03-02T15:07:02Z,bg-admin-1,sign-in,success',
  '2026-03-02T15:12:01Z,bg-admin-1,reset password of jsmith,success',
  '2026-03-02T15:40:00Z,bg-admin-1,read mail,success',
].join('\n');

export async function signRecord(
  record: MemoryRecord,
  emergency: string,
  people: readonly string[] = ['ana', 'ben'],
): Promise<void> {
  const found = emergencyById(record.state, emergency);
  const digest = found === undefined ? '' : digestOf(recordOf(record.state, found));
  for (const by of people) await record.say('attest', by, emergency, { what: 'record', digest });
  await record.say('attest', 'ana', emergency, { what: 'submission', digest });
}

/** Reset, with a part that people attest and one try that failed; new paper for old. */
async function makeGood(record: MemoryRecord, emergency: string): Promise<void> {
  record.now = '2026-03-02T15:30:00.000Z';
  const v = 'halligan/reset-part/v1';
  const next = record.text('Ask the identity team.');
  await attest(record, 'raj', emergency, 'reset', {
    v,
    item: 'password',
    outcome: 'failed',
    reason: 'rights',
    next,
  });
  record.now = '2026-03-02T15:40:00.000Z';
  await rotate(record, ACCOUNT, 2, 'rejected');
  await attest(record, 'ana', emergency, 'reset', { v, item: 'copies', outcome: 'none' });
  record.now = '2026-03-02T15:50:00.000Z';
  const paper = { paper: 'cross-cut-shredded', files: 'none', destroyed: record.now };
  await custody(record, { do: 'destroy', serial: 'env-1', account: ACCOUNT, ...paper });
  await seal(record, 'env-2', 2);
}

/** The log beside the record, one review with a point that did not hold, two actions, an escalation. */
async function review(record: MemoryRecord, emergency: string, matched: number): Promise<void> {
  record.now = '2026-03-03T10:00:00.000Z';
  const log = record.text(AUDIT_LOG);
  await attest(record, 'raj', emergency, 'reconciliation', {
    v: 'halligan/reconciliation/v1',
    log,
    tolerance: 300,
    entries: 3,
    matched,
    differences: [{ entry: 3, at: '2026-03-02T15:40:00Z' }],
  });
  const owned = (text: string) => ({ what: record.text(text), owner: 'raj', due: '2026-06-30' });
  const document = {
    emergency,
    v: 'halligan/review/v2',
    reconciliation: emergencyById(record.state, emergency)?.reconciled?.document ?? '',
    points: ['prerequisites', 'dual-control', 'necessity', 'completeness', 'reset'].map((point) =>
      point === 'completeness'
        ? { point, held: false, finding: record.text('One action was not noted.') }
        : { point, held: true },
    ),
    impact: record.text('Payroll was an hour late.'),
    procedure: record.text('It held up; the safe took longest.'),
    rootCause: 'idp-outage',
    actions: [owned('A second identity provider.'), owned('A safe on every floor.')],
    responsible: 'confirmed',
    violations: [{ what: record.text('Mail was read.'), suspend: ['ana'] }],
  };
  const digest = digestOf(document);
  for (const by of ['ana', 'ben', 'dana', 'raj'])
    await record.say('attest', by, emergency, { what: 'review', digest }, { document });
  await attest(record, 'raj', emergency, 'escalation', {
    v: 'halligan/escalation/v1',
    to: 'dana',
    what: record.text('Mail was read after the session.'),
    logs: [log],
    suspend: ['ana'],
  });
}

/** The exercise, and the last look into the provider's log, in which one event is not found. */
async function verify(record: MemoryRecord, emergency: string): Promise<void> {
  record.now = '2026-03-03T11:00:00.000Z';
  const version = 2;
  const prover = { v: 'halligan/prover/v1', account: ACCOUNT, version, recipient: RECIPIENT };
  const exercise = { purpose: 'exercise' } as const;
  const asked = await record.sign(
    'open.request',
    'ana',
    emergency,
    requestFields(record),
    exercise,
  );
  const vouched = await record.sign(
    'attest',
    'rotator',
    subjectOf('account', ACCOUNT),
    { what: 'prover', digest: digestOf(prover) },
    exercise,
  );
  await record.submit(said([asked, vouched], prover));
  const digest = digestOf(asked.statement);
  for (const holder of ['ana', 'ben'])
    await record.say(
      'share.release',
      holder,
      emergency,
      releaseFields(holder, digest, 2),
      exercise,
    );
  const result = {
    v: 'halligan/exercise/v1',
    account: ACCOUNT,
    version,
    request: digest,
    outcome: 'accepted',
  };
  await record.say(
    'attest',
    'rotator',
    emergency,
    { what: 'exercise', digest: digestOf(result) },
    { document: result, ...exercise },
  );
  const seen = { at: '2026-03-03T11:00:00Z', reference: record.text('entry 4711') };
  await attest(record, 'raj', emergency, 'verification', {
    v: 'halligan/verification/v1',
    version,
    original: { at: '2026-03-02T15:07:00Z', reference: record.text('entry 4712') },
    test: { missing: record.text('The log lags by an hour.') },
    change: seen,
    access: true,
    audit: true,
  });
}

/** By phone, out of an envelope, with a witness; everything that can be said afterwards; closed. @param matched what raj signs of the log */
export async function everything(matched = 2): Promise<Went> {
  const record = await secondRules();
  await furnish(record);
  const titles = record.text('ana: administrator; ben: administrator');
  const emergency = await declare(record, undefined, ACCOUNT, { witness: 'wanda', titles });
  await approveByPhone(record, emergency);
  await part(record, emergency, 'ben', 'second');
  await part(record, emergency, 'wanda', 'witness');
  await unseal(record, emergency);
  await open(record, emergency);
  await end(record, emergency);
  await makeGood(record, emergency);
  await signRecord(record, emergency);
  await review(record, emergency, matched);
  await verify(record, emergency);
  await record.say('close', 'raj', emergency);
  const action = emergencyById(record.state, emergency)?.reviewed?.findings?.actions[0]?.what ?? '';
  record.now = '2026-04-01T09:00:00.000Z';
  await record.say('attest', 'raj', emergency, { what: 'action', digest: action });
  return { record, emergency };
}

/** Approved by the approver's spoken code; nothing else. */
export async function byCode(): Promise<Went> {
  const record = await secondRules();
  const emergency = await declare(record);
  await approveByCode(record, emergency);
  return { record, emergency };
}

/** By the silence exception, until the approver was told. */
export async function bySilence(): Promise<Went> {
  const record = await secondRules();
  const emergency = await declare(record);
  await goSilent(record, emergency);
  await part(record, emergency, 'ben', 'second');
  await open(record, emergency);
  await end(record, emergency);
  await contacted(record, emergency, 'notice', 'email');
  return { record, emergency };
}

/** One person with an executive, until that one's written word. @param signedOff when it came; due 16:18 */
export async function alone(signedOff = '16:00'): Promise<Went> {
  const record = await secondRules();
  const emergency = await declare(record, undefined, ACCOUNT, { second: null });
  record.now = '2026-03-02T14:40:00.000Z';
  await record.say('approve', 'dana', emergency, { method: 'app' });
  await part(record, emergency, 'eli', 'executive');
  const path = { path: 'solo' };
  const fields = { ...requestFields(record), ...path };
  const asked = await record.say('open.request', 'ana', emergency, fields);
  for (const [holder, group] of [
    ['ana', 'keyholders'],
    ['eli', 'executives'],
  ] as const)
    await record.say('share.release', holder, emergency, {
      ...releaseFields(holder, asked),
      ...path,
      group,
    });
  await end(record, emergency);
  record.now = `2026-03-02T${signedOff}:00.000Z`;
  const text = record.text('I saw all of it, and would not have done so.');
  const document = { v: 'halligan/sign-off/v1', emergency, agreed: false };
  const word = { what: 'sign-off', digest: digestOf(document), text };
  await record.say('attest', 'eli', emergency, word, { document });
  return { record, emergency };
}

/** A drill in which a share had left its holder when it became real; then approved and joined anew. */
export async function converted(): Promise<Went> {
  const record = await secondRules();
  record.purpose = 'drill';
  const scenario = { notice: 'surprise', form: 'adversarial', sabotage: ['approver-silent'] };
  const emergency = await declare(record, undefined, ACCOUNT, { scenario });
  record.now = '2026-03-02T14:40:00.000Z';
  await record.say('approve', 'dana', emergency, { method: 'app' });
  await part(record, emergency, 'ben', 'second');
  const asked = await request(record, emergency);
  await record.say('share.release', 'ana', emergency, releaseFields('ana', asked));
  record.purpose = 'real';
  record.now = '2026-03-02T14:45:00.000Z';
  await record.say('convert', 'ben', emergency, {
    reason: record.text('It is down indeed.'),
    evidence: [record.text('The provider’s status page.')],
  });
  record.now = '2026-03-02T14:50:00.000Z';
  await record.say('approve', 'dana', emergency, { method: 'app' });
  await part(record, emergency, 'ben', 'second');
  return { record, emergency };
}

/** A drill in full, until it was reset. */
export async function drilled(): Promise<Went> {
  const record = await secondRules();
  record.purpose = 'drill';
  const scenario = { notice: 'surprise', form: 'adversarial', sabotage: ['approver-silent'] };
  const emergency = await declare(record, undefined, ACCOUNT, { scenario });
  record.now = '2026-03-02T14:40:00.000Z';
  await record.say('approve', 'dana', emergency, { method: 'app' });
  await part(record, emergency, 'ben', 'second');
  await open(record, emergency);
  await end(record, emergency);
  return { record, emergency };
}

/** The envelope was torn: it went back, and nothing was opened. */
export async function torn(): Promise<Went> {
  const record = await secondRules();
  await furnish(record);
  const emergency = await declare(record);
  await approveByPhone(record, emergency);
  await part(record, emergency, 'ben', 'second');
  await findTorn(record, emergency);
  return { record, emergency };
}
