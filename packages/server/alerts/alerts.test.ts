/** Alerts of a whole server: what is raised reaches receivers, whatever dies between. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { type Contoso, person } from '../contoso.fixture.ts';
import { serverHome } from '../home.ts';
import { type Talking, talking } from '../http/talking.fixture.ts';
import { alertSchema } from './alert.ts';
import {
  type Mail,
  mailServer,
  type Post,
  type Receiver,
  webhookReceiver,
} from './receivers.fixture.ts';
import { webhookKeyFile, writeAlertSettings } from './settings.ts';

let mail: Receiver<Mail>;
let hook: Receiver<Post>;
let scene: Talking;
let dana = '';
before(async () => {
  mail = await mailServer({ disabledCommands: ['STARTTLS', 'AUTH'] });
  hook = await webhookReceiver();
  scene = await talking([await person('eve', ['security'])], sinksOf);
  dana = await scene.token(scene.contoso.people.dana);
});
after(async () => {
  await scene.end();
  for (const receiver of [mail, hook]) await receiver.close();
});

async function sinksOf({ root }: Contoso): Promise<void> {
  const home = serverHome(root);
  await mkdir(dirname(webhookKeyFile(home, 'hook')), { recursive: true });
  await writeFile(webhookKeyFile(home, 'hook'), `whsk_${randomBytes(32).toString('base64')}\n`);
  await writeAlertSettings(home, {
    v: 'halligan/alerts/v1',
    sinks: [
      {
        kind: 'smtp',
        name: 'mail',
        host: '127.0.0.1',
        port: mail.port,
        tls: 'none',
        from: 'halligan@contoso.example',
        to: ['oncall@contoso.example'],
      },
      { kind: 'webhook', name: 'hook', url: `http://127.0.0.1:${hook.port}/`, asks: ['phone'] },
      { kind: 'syslog', name: 'gone', host: '127.0.0.1', port: 1, tls: false },
    ],
  });
}

const tested = z.object({
  tested: z.array(
    z.object({ sink: z.string(), delivered: z.boolean(), why: z.string().optional() }),
  ),
});
const listed = z.object({
  sinks: z.array(z.object({ name: z.string(), proven: z.string().nullable(), waiting: z.int() })),
  last: z.array(alertSchema),
});

test('a test says of each sink whether it took it, and the date is kept', async () => {
  const answer = await scene.send('POST', '/v1/alerts/test', { token: dana });
  const results = tested.parse(await answer.json()).tested;
  assert.deepEqual(
    results.map(({ sink, delivered }) => [sink, delivered]),
    [
      ['mail', true],
      ['hook', true],
      ['gone', false],
    ],
  );
  assert.match(results[2]?.why ?? '', /ECONNREFUSED/);
  assert.match((await mail.until(1))[0]?.text ?? '', /This is a test/);
  const { sinks } = listed.parse(
    await (await scene.send('GET', '/v1/alerts', { token: dana })).json(),
  );
  assert.deepEqual(
    sinks.map(({ proven }) => proven !== null),
    [true, true, false],
  );
});

test('people give their own addresses; an admin who changes somebody’s is seen, also by that person', async () => {
  const { lea } = scene.contoso.people;
  const token = await scene.token(lea);
  const path = '/v1/people/lea/contacts';
  const own = { email: 'lea@contoso.example', phone: '+44 20 7946 0001' };
  assert.equal((await scene.send('PUT', path, { token, body: own })).status, 200);
  const moved = { email: 'elsewhere@contoso.example' };
  assert.equal((await scene.send('PUT', path, { token: dana, body: moved })).status, 200);
  await scene.server.settled();
  const mails = mail.got.filter(({ text }) => /dana changed how lea is reached/.test(text));
  assert.deepEqual(mails.flatMap(({ to }) => to).sort(), [
    'lea@contoso.example',
    'oncall@contoso.example',
  ]);
  const posts = hook.got
    .map(({ body }) => JSON.parse(body))
    .filter(({ data }) => data.by === 'dana');
  assert.ok(posts.some(({ to }) => to?.address === '+44 20 7946 0001'));
  assert.equal(
    scene.log.some((line) => /@contoso|7946/.test(line)),
    false,
  );
  const read = await (await scene.send('GET', path, { token })).json();
  assert.deepEqual(read, { contacts: moved, unreachable: ['phone', 'message'] });
});

test('addresses are for their owner and for admins, and hold no second line', async () => {
  const { lea } = scene.contoso.people;
  assert.equal(lea.card.roles.includes('admin'), true);
  for (const body of [
    { email: 'a@contoso.example\r\nBcc: b@contoso.example' },
    { message: 'one\ntwo' },
    { phone: 'call me' },
    { pager: '1' },
  ])
    assert.equal(
      (await scene.send('PUT', '/v1/people/lea/contacts', { token: dana, body })).status,
      400,
    );
  const nobody = await scene.send('PUT', '/v1/people/nobody/contacts', { token: dana, body: {} });
  assert.equal(nobody.status, 404);
});

test('what waits for a receiver that is gone is still there after a restart', async () => {
  const waiting = async () =>
    listed
      .parse(await (await scene.send('GET', '/v1/alerts', { token: dana })).json())
      .sinks.find(({ name }) => name === 'gone')?.waiting;
  const had = await waiting();
  assert.ok((had ?? 0) > 0);
  await scene.restart();
  dana = await scene.token(scene.contoso.people.dana);
  assert.equal(await waiting(), had);
});
