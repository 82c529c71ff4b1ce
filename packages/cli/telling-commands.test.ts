/** Where alerts and records go, how people are reached, who watches the log: the commands, beside a live server. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { emergencyById } from '@halligan/procedure';
import { recoveryWords } from '@halligan/seal';
import { z } from 'zod';
import { EXIT } from './exit-codes.ts';
import { type LiveOpening, liveOpening } from './live-opening.fixture.ts';
import { PersonHome } from './person-home.ts';
import { personFolder } from './practice/people.ts';
import { mailReceiver, postReceiver } from './receivers.fixture.ts';
import { recorded } from './tree/recorded.fixture.ts';

let scene: LiveOpening;
let mail: Awaited<ReturnType<typeof mailReceiver>>;
let hook: Awaited<ReturnType<typeof postReceiver>>;
before(async () => {
  mail = await mailReceiver();
  hook = await postReceiver();
  scene = await liveOpening();
});
after(async () => {
  await scene?.end();
  for (const receiver of [mail, hook]) await receiver.close();
});

/** As a person, with the server's folder at hand, as an operator has it. */
const as = (person: string, ...argv: readonly string[]) =>
  recorded([...argv, '--json'], {
    HALLIGAN_PERSON_HOME: personFolder(scene.root, person),
    HALLIGAN_HOME: scene.root,
  });
/** What a command that must succeed printed. */
async function done(person: string, ...argv: readonly string[]): Promise<unknown> {
  const { code, out, said } = await as(person, ...argv);
  assert.equal(code, EXIT.ok, said);
  return JSON.parse(out.join(''));
}
const failed = z.object({ error: z.object({ code: z.string(), hint: z.string().min(5) }) });
/** The error of a command that must fail. */
async function fault(person: string, ...argv: readonly string[]): Promise<string> {
  const { code, out } = await as(person, ...argv);
  assert.notEqual(code, EXIT.ok);
  return failed.parse(JSON.parse(out.join(''))).error.code;
}

const settings = () => JSON.parse(readFileSync(join(scene.root, 'alerts.json'), 'utf8'));

test('alert add, test, list, remove: sinks of a running server', async () => {
  const none = await as('raj', 'alert', 'test');
  assert.deepEqual([none.code, none.out.join('')], [EXIT.failed, '{"tested":[]}']);
  assert.equal(await fault('raj', 'alert', 'add', 'none'), 'cli.usage');
  const open = ['--syslog', 'siem.example.org:514', '--tls', 'none'];
  assert.equal(await fault('raj', 'alert', 'add', 'open', ...open), 'alert.plaintext');
  assert.equal(await fault('raj', 'alert', 'add', 'Bad Name', ...open), 'alert.settings');
  const url = `http://127.0.0.1:${hook.port}/`;
  const added = await done('raj', 'alert', 'add', 'hook', '--webhook', url, '--asks', 'phone');
  assert.match(z.object({ publicKey: z.string() }).parse(added).publicKey, /^whpk_/);
  const smtp = ['--smtp', `127.0.0.1:${mail.port}`, '--tls', 'none'];
  const addresses = ['--from', 'halligan@practice.example', '--to', 'oncall@practice.example'];
  await done('raj', 'alert', 'add', 'mail', ...smtp, ...addresses);
  const { tested } = z
    .object({ tested: z.array(z.object({ sink: z.string(), delivered: z.boolean() })) })
    .parse(await done('raj', 'alert', 'test'));
  assert.deepEqual(
    tested.map(({ sink, delivered }) => [sink, delivered]),
    [
      ['hook', true],
      ['mail', true],
    ],
  );
  const { sinks } = z
    .object({ sinks: z.array(z.object({ name: z.string(), proven: z.string().nullable() })) })
    .parse(await done('raj', 'alert', 'list'));
  assert.ok(sinks.length === 2 && sinks.every(({ proven }) => proven !== null));
  assert.equal(await fault('ana', 'alert', 'list'), 'server.forbidden');
  const gone = ['--syslog', '127.0.0.1:1', '--tls', 'none'];
  await done('raj', 'alert', 'add', 'gone', ...gone);
  const one = await as('raj', 'alert', 'test');
  assert.equal(one.code, EXIT.failed);
  assert.match(one.out.join(''), /ECONNREFUSED/);
  await done('raj', 'alert', 'remove', 'gone');
  assert.equal(await fault('raj', 'alert', 'remove', 'gone'), 'alert.settings');
});

test('person contacts: one’s own, an admin’s hand, nobody else’s', async () => {
  const of = z.object({
    contacts: z.record(z.string(), z.string()),
    unreachable: z.array(z.string()),
  });
  const own = await done('ana', 'person', 'contacts', '--email', 'ana@practice.example');
  assert.deepEqual(of.parse(own), {
    contacts: { email: 'ana@practice.example' },
    unreachable: ['phone', 'message'],
  });
  await done('dana', 'person', 'contacts', 'ana', '--phone', '+44 20 7946 0000');
  assert.deepEqual(of.parse(await done('ana', 'person', 'contacts')), {
    contacts: { phone: '+44 20 7946 0000' },
    unreachable: ['message', 'email'],
  });
  // Whoever turns somebody's requests to themselves is told of at the old address.
  await mail.inbox.until(
    ({ to, text }) => to.includes('ana@practice.example') && /dana/.test(text),
  );
  assert.equal(await fault('ana', 'person', 'contacts', 'dana'), 'server.forbidden');
  assert.equal(await fault('ana', 'person', 'contacts', '--phone', 'call me'), 'server.request');
  assert.equal(
    await fault('dana', 'person', 'contacts', 'nobody', '--phone', '1234'),
    'server.not-found',
  );
});

const record = z.object({
  v: z.string(),
  emergency: z.string(),
  digest: z.string(),
  text: z.string(),
});

/** From the request for the shares to the record that both signed. */
async function untilSigned(emergency: string, checkWords: readonly string[]): Promise<void> {
  for (const who of ['ana', 'ben'])
    await done(who, 'emergency', 'release', emergency, '--check-words', checkWords.join(' '));
  await done('ana', 'emergency', 'sign-in', emergency);
  await done('ana', 'emergency', 'end', emergency);
  await done('ana', 'emergency', 'await-reset', emergency);
  for (const who of ['ana', 'ben']) await done(who, 'emergency', 'sign', emergency);
  await scene.server.settled();
}
const submitted = (emergency: string) => {
  const one = emergencyById(scene.server.parts.leader.state, emergency);
  return { ...one?.submitted, digest: one?.record?.digest };
};

test('alert incident: signed records go to a webhook by themselves', async () => {
  const incident = (...argv: readonly string[]) => ['alert', 'incident', ...argv];
  assert.equal(await fault('raj', ...incident()), 'cli.usage');
  assert.equal(await fault('raj', ...incident('--webhook', 'mail')), 'alert.settings');
  assert.equal(await fault('raj', ...incident('--folder', 'not/whole')), 'alert.settings');
  assert.equal(await fault('raj', ...incident('--smtp', 'mail')), 'cli.usage');
  assert.equal(settings().incident, undefined);
  await done('raj', ...incident('--webhook', 'hook'));
  // What is changed besides leaves it as it is; what it needs stays.
  await done('raj', 'alert', 'add', 'other', '--syslog', '127.0.0.1:1', '--tls', 'none');
  await done('raj', 'alert', 'remove', 'other');
  assert.equal(await fault('raj', 'alert', 'remove', 'hook'), 'alert.settings');
  assert.deepEqual(settings().incident, { webhook: 'hook' });
  await untilSigned(scene.emergency, scene.checkWords);
  const { body, id } = await hook.inbox.until((post) => post.body.v === 'halligan/submission/v1');
  const { by, via, digest } = submitted(scene.emergency);
  assert.deepEqual([by, via, id], ['server', 'webhook', digest]);
  const sent = record.parse(body);
  assert.deepEqual([sent.emergency, sent.digest], [scene.emergency, digest]);
  assert.match(sent.text, /Nobody can sign in\./);
  assert.equal(
    await fault('ana', 'emergency', 'submit', scene.emergency, '--reference', 'INC-1'),
    'record.again',
  );
});

test('alert incident: or by e-mail, once, with the record attached', async () => {
  await done('raj', 'alert', 'incident', '--smtp', 'mail', '--to', 'incidents@practice.example');
  const { emergency } = z
    .object({ emergency: z.string() })
    .parse(
      await done(
        'ana',
        ...['emergency', 'declare', '--account', 'breakglass-admin-2', '--cause', 'idp-outage'],
        ...['--second', 'ben', '--approver', 'dana', '--incident', 'INC-2'],
        ...['--reason', 'Nobody can sign in, again.', '--evidence', 'status page'],
      ),
    );
  await done('dana', 'emergency', 'approve', emergency);
  await done('ben', 'emergency', 'take-part', emergency, '--together', 'video');
  const { checkWords } = z
    .object({ checkWords: z.array(z.string()) })
    .parse(await done('ana', 'emergency', 'open', emergency));
  await untilSigned(emergency, checkWords);
  const isRecord = ({ to }: { readonly to: readonly string[] }) =>
    to.includes('incidents@practice.example');
  const { text } = await mail.inbox.until(isRecord);
  const { by, via, digest = '' } = submitted(emergency);
  assert.deepEqual([by, via], ['server', 'email']);
  assert.match(text, new RegExp(`^Message-ID:\\s+<${digest}@halligan\\.invalid>`, 'm'));
  assert.match(
    text,
    new RegExp(`emergency-${emergency.slice(0, 12)}-${digest.slice(0, 12)}\\.json`),
  );
  await scene.server.beat();
  await scene.server.settled();
  assert.equal(mail.inbox.got.filter(isRecord).length, 1);
  await done('raj', 'alert', 'incident', '--none');
  assert.equal(settings().incident, undefined);
});

test('cosign use: the addresses are checked, and asked from the next start on', async () => {
  const file = join(scene.root, 'server.json');
  const urls = ['http://127.0.0.1:8471', 'https://watch.example.org'];
  assert.equal(await fault('raj', 'cosign', 'use', 'ftp://127.0.0.1'), 'server.settings');
  await done('raj', 'cosign', 'use', ...urls);
  assert.deepEqual(
    JSON.parse(readFileSync(file, 'utf8')).cosigners,
    urls.map((url) => ({ url })),
  );
});

test('server status: where it answers, or that it does not', async () => {
  const file = join(scene.root, 'server.json');
  const { port } = new URL(scene.server.url);
  const known = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...known, port: Number(port) }));
  const status = z
    .object({ organisation: z.string(), url: z.string(), entries: z.int() })
    .parse(await done('raj', 'server', 'status'));
  const { size } = scene.server.parts.leader.checkpoint();
  assert.deepEqual(status, { organisation: 'practice', url: scene.server.url, entries: size });
  writeFileSync(file, JSON.stringify({ ...known, port: 1 }));
  assert.equal(await fault('raj', 'server', 'status'), 'cli.unreachable');
  const nothing = await recorded(['server', 'status', '--json'], {
    HALLIGAN_HOME: join(scene.root, 'none'),
  });
  assert.equal(failed.parse(JSON.parse(nothing.out.join(''))).error.code, 'server.not-set-up');
});

test('key confirm: the right words are noted, another key’s are not', async () => {
  const file = join(scene.root, 'words.txt');
  const words = async (person: string) =>
    recoveryWords(
      (await (await PersonHome.open(personFolder(scene.root, person))).keys(async () => ''))
        .identity,
    );
  writeFileSync(file, await words('ben'));
  assert.equal(await fault('ana', 'key', 'confirm', '--words-file', file), 'cli.other-key');
  writeFileSync(file, 'one two three');
  assert.notEqual(await fault('ana', 'key', 'confirm', '--words-file', file), 'cli.fault');
  writeFileSync(file, `${await words('ana')}\n`);
  assert.deepEqual(await done('ana', 'key', 'confirm', '--words-file', file), { confirmed: true });
});
