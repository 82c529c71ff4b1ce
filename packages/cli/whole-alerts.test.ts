/** Who learns of an emergency, from its declaration to its close: real receivers, a server that is killed in between. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { addSink, makeCertificate } from '@halligan/server';
import { z } from 'zod';
import { PersonHome } from './person-home.ts';
import { runDrill } from './practice/drill.ts';
import { Narrator } from './practice/narrator.ts';
import {
  foundPractice,
  furnish,
  type PracticeTarget,
  practicePolicy,
} from './practice/organisation.ts';
import { PEOPLE, People, personFolder } from './practice/people.ts';
import { startTarget } from './practice/targets.ts';
import {
  hangingReceiver,
  mailReceiver,
  type Post,
  postReceiver,
  syslogReceiver,
} from './receivers.fixture.ts';
import { type ServerProcess, startServerProcess } from './server-process.fixture.ts';

const root = mkdtempSync(join(tmpdir(), 'halligan-alerts-'));
const POLICY = `${practicePolicy('x25519')}
timers: { approver_wait: 1s }
channels: { alert_on: [declared, approved, refused, opened, revealed, ended, aborted, closed, exception, exposed] }
`;
/** The type that the hook takes and does not answer. */
let held: string | undefined;
let mail: Awaited<ReturnType<typeof mailReceiver>>;
let hook: Awaited<ReturnType<typeof postReceiver>>;
let siem: Awaited<ReturnType<typeof syslogReceiver>>;
let stuck: Awaited<ReturnType<typeof hangingReceiver>>;
let server: ServerProcess;
let people: People;
let target: PracticeTarget;

before(async () => {
  const pair = await makeCertificate('localhost');
  mail = await mailReceiver();
  hook = await postReceiver(({ body }) => body.type !== held);
  siem = await syslogReceiver(pair);
  stuck = await hangingReceiver();
  await foundPractice(root, 'x25519');
  const ca = join(root, 'siem.pem');
  writeFileSync(ca, pair.cert);
  const here = { host: '127.0.0.1' };
  const smtp = { from: 'halligan@practice.example', to: ['oncall@practice.example'] };
  const url = `http://127.0.0.1:${hook.port}/`;
  // The one that hangs comes first: whoever is sent to in turn would wait for it.
  await addSink(root, { kind: 'syslog', name: 'stuck', ...here, port: stuck.port, tls: false });
  await addSink(root, {
    kind: 'smtp',
    name: 'mail',
    ...here,
    port: mail.port,
    tls: 'none',
    ...smtp,
  });
  await addSink(root, { kind: 'webhook', name: 'hook', url, asks: ['phone', 'message'] });
  await addSink(root, {
    kind: 'syslog',
    name: 'siem',
    host: 'localhost',
    port: siem.port,
    tls: true,
    ca,
  });
  ({ target } = await startTarget(root, 'practice'));
  await start();
  people = new People(root);
  for (const approver of ['dana', 'raj'])
    await people.run(
      approver,
      ...['person', 'contacts', '--email', `${approver}@practice.example`],
      ...['--phone', '+44 20 7946 0000', '--message', `@${approver}`],
    );
  await furnish(root, people, target, POLICY);
});

after(async () => {
  await people?.end();
  await server?.kill();
  for (const receiver of [mail, hook, siem, stuck]) await receiver?.close();
  rmSync(root, { recursive: true });
});

async function start(): Promise<void> {
  server = await startServerProcess(root);
  for (const id of Object.keys(PEOPLE))
    await (await PersonHome.open(personFolder(root, id))).learn({ url: server.url });
}

const to = z.object({ person: z.string(), channel: z.string(), address: z.string() });
const is = (type: string, emergency: string) => (post: Post) =>
  post.body.type === type && Object(post.body.data).emergency === emergency;
/** Whom the hook was asked to reach about an emergency. */
const reached = (type: string, emergency: string) =>
  hook.inbox.got
    .filter(is(type, emergency))
    .map(({ body }) => to.parse(body.to))
    .map(({ person, channel, address }) => `${person} ${channel} ${address}`);

const declared = z.object({ emergency: z.string() });
async function declare(): Promise<string> {
  const account = z
    .object({ accounts: z.array(z.object({ id: z.string(), state: z.string() })) })
    .parse(await people.run('ana', 'account', 'list'))
    .accounts.find(({ state }) => state === 'armed')?.id;
  const said = await people.run(
    'ana',
    ...['emergency', 'declare', '--account', account ?? '', '--cause', 'idp-outage'],
    ...['--second', 'ben', '--approver', 'dana', '--incident', 'INC-1'],
    ...['--reason', 'Nobody can sign in.', '--evidence', 'status page'],
  );
  return declared.parse(said).emergency;
}

test('a whole drill is told on every channel while one receiver hangs', async () => {
  const { emergency } = await runDrill(root, people, target, new Narrator(() => undefined));
  const told = ['declared', 'approved', 'opened', 'revealed', 'ended', 'closed'];
  for (const what of told) {
    await hook.inbox.until(is(`emergency.${what}`, emergency));
    await siem.inbox.until((frame) => frame.includes(`"emergency.${what}"`));
  }
  const ids = hook.inbox.got
    .filter(({ body }) => told.includes(String(body.type).slice(10)))
    .map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length, 'each is told once');
  assert.deepEqual(reached('emergency.approval-asked', emergency).toSorted(), [
    'dana message @dana',
    'dana phone +44 20 7946 0000',
    'raj message @raj',
    'raj phone +44 20 7946 0000',
  ]);
  for (const approver of ['dana', 'raj'])
    await mail.inbox.until(
      (one) =>
        one.to.includes(`${approver}@practice.example`) &&
        one.text.includes(emergency.slice(0, 12)),
    );
  await mail.inbox.until(
    (one) => one.to.includes('oncall@practice.example') && /closed it/.test(one.text),
  );
  assert.ok(stuck.inbox.got.length > 0, 'the one that hangs was turned to');
});

test('what the server sent counts as tries: silence after one more is an exception, and is told', async () => {
  const emergency = await declare();
  // Approvers have a second; who tries them earlier has not waited for them.
  const until = Date.now() + 1000;
  const draft = join(root, 'exception.json');
  const shown = z.object({ emergency: z.object({ contacts: z.array(z.unknown()) }) });
  let contacts = 0;
  while (contacts < 6 || Date.now() <= until) {
    const look = await people.run('ana', 'emergency', 'show', emergency);
    contacts = shown.parse(look).emergency.contacts.length;
  }
  const once = `dana:phone:${new Date().toISOString()}`;
  await people.run(
    'ana',
    ...['emergency', 'exception', emergency, '--attempt', once],
    ...['--reason', 'Nobody answers.', '--out', draft],
  );
  await people.run('ben', 'emergency', 'exception', '--co-sign', draft);
  const { body } = await hook.inbox.until(is('emergency.exception', emergency));
  assert.equal(body.severity, 'critical');
  await people.run('ana', 'emergency', 'abort', emergency, '--reason', 'It is back.');
  await hook.inbox.until(is('emergency.aborted', emergency));
  // Those who were passed over are told of it, too.
  await hook.inbox.until(is('emergency.exception-notice', emergency));
});

test('killed before a receiver answers: it is told again under the same id, and nothing else is lost', async () => {
  held = 'emergency.declared';
  const emergency = await declare();
  const first = await hook.inbox.until(is('emergency.declared', emergency));
  await server.kill();
  held = undefined;
  const before = hook.inbox.got.length;
  await start();
  const isAgain = (post: Post) => post.id === first.id && hook.inbox.got.indexOf(post) >= before;
  assert.deepEqual((await hook.inbox.until(isAgain)).body, first.body);
  await people.run('dana', 'emergency', 'refuse', emergency, '--reason', 'Not now.');
  await hook.inbox.until(is('emergency.refused', emergency));
  await siem.inbox.until((frame) => frame.includes('"emergency.refused"'));
});
