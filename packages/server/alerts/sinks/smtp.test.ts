import assert from 'node:assert/strict';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { SMTPServerAuthentication } from 'smtp-server';
import { authority, badServer, mailServer, SAMPLE } from '../receivers.fixture.ts';
import type { SmtpSink } from '../settings.ts';
import { sendMail } from './smtp.ts';

let tls: Awaited<ReturnType<typeof authority>>;
before(async () => {
  tls = await authority();
});
after(() => tls.remove());

const sinkTo = (port: number, more: Partial<SmtpSink> = {}): SmtpSink => ({
  kind: 'smtp',
  name: 'mail',
  host: '127.0.0.1',
  port,
  tls: 'none',
  from: 'halligan@contoso.example',
  to: ['oncall@contoso.example', 'security@contoso.example'],
  ...more,
});
const patient = () => AbortSignal.timeout(60_000);

test('what concerns everybody goes to all whom the sink names, with the same message id each time', async () => {
  const server = await mailServer({ disabledCommands: ['STARTTLS', 'AUTH'] });
  await sendMail(sinkTo(server.port), SAMPLE, undefined, patient());
  await sendMail(sinkTo(server.port), SAMPLE, undefined, patient());
  const [first, second] = await server.until(2);
  assert.deepEqual(first?.to, ['oncall@contoso.example', 'security@contoso.example']);
  const idOf = (text = '') => /^Message-ID: (.*)$/im.exec(text)?.[1];
  assert.equal(idOf(first?.text), `<${SAMPLE.id}@halligan.invalid>`);
  assert.equal(idOf(second?.text), idOf(first?.text));
  assert.match(first?.text ?? '', /^Subject: \[Halligan\] EMERGENCY admin-1/m);
  assert.match(first?.text ?? '', /What to do: halligan emergency show/);
  assert.match(first?.text ?? '', /^Auto-Submitted: auto-generated/m);
  await server.close();
});

test('one person is asked at their own address alone', async () => {
  const server = await mailServer({ disabledCommands: ['STARTTLS', 'AUTH'] });
  await sendMail(sinkTo(server.port), SAMPLE, 'cio@contoso.example', patient());
  assert.deepEqual((await server.until(1))[0]?.to, ['cio@contoso.example']);
  await server.close();
});

test('STARTTLS and TLS from the start, with an authority of the organisation and a password from a file', async () => {
  const passwordFile = join(tls.folder, 'password');
  await writeFile(passwordFile, 'correct horse\n', { mode: 0o600 });
  const options = {
    ...tls.pair,
    authOptional: false,
    onAuth: (
      { username, password }: SMTPServerAuthentication,
      _session: unknown,
      done: (error: Error | null, answer?: { user: string }) => void,
    ) =>
      username === 'halligan' && password === 'correct horse'
        ? done(null, { user: username })
        : done(new Error('no')),
  };
  const login = { user: 'halligan', password: { file: passwordFile } };
  const secured = { host: 'localhost', ca: tls.ca, login };
  const starttls = await mailServer(options);
  await sendMail(
    sinkTo(starttls.port, { ...secured, tls: 'starttls' }),
    SAMPLE,
    undefined,
    patient(),
  );
  const implicit = await mailServer({ ...options, secure: true });
  await sendMail(
    sinkTo(implicit.port, { ...secured, tls: 'implicit' }),
    SAMPLE,
    undefined,
    patient(),
  );
  for (const server of [starttls, implicit]) {
    const [mail] = await server.until(1);
    assert.deepEqual([mail?.secure, mail?.user], [true, 'halligan']);
  }
  await writeFile(passwordFile, 'wrong');
  const wrong = sendMail(
    sinkTo(implicit.port, { ...secured, tls: 'implicit' }),
    SAMPLE,
    undefined,
    patient(),
  );
  await assert.rejects(wrong, { code: 'alert.undelivered', isRejected: false });
  await chmod(passwordFile, 0o644);
  const open = sendMail(
    sinkTo(implicit.port, { ...secured, tls: 'implicit' }),
    SAMPLE,
    undefined,
    patient(),
  );
  await assert.rejects(open, /can be read by others/);
  for (const server of [starttls, implicit]) await server.close();
});

test('where STARTTLS is not offered, or the certificate is another’s, nothing is sent', async () => {
  const plain = await mailServer({ disabledCommands: ['STARTTLS', 'AUTH'] });
  const starttls = sinkTo(plain.port, { tls: 'starttls' });
  await assert.rejects(sendMail(starttls, SAMPLE, undefined, patient()), { isRejected: false });
  const other = await mailServer({ ...tls.pair, secure: true });
  const unknown = sinkTo(other.port, { tls: 'implicit', host: 'localhost' });
  await assert.rejects(sendMail(unknown, SAMPLE, undefined, patient()), { isRejected: false });
  assert.deepEqual([plain.got.length, other.got.length], [0, 0]);
  for (const server of [plain, other]) await server.close();
});

test('a refused receiver is refused for this alert alone, and the server’s words are not repeated', async () => {
  const server = await mailServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo: ({ address }, _session, done) =>
      done(address.startsWith('gone') ? new Error('secret words') : null),
  });
  await assert.rejects(
    sendMail(sinkTo(server.port), SAMPLE, 'gone@contoso.example', patient()),
    (error) => {
      assert.equal(Object(error).isRejected, true);
      assert.doesNotMatch(String(error), /secret words/);
      return true;
    },
  );
  const partly = sinkTo(server.port, { to: ['oncall@contoso.example', 'gone@contoso.example'] });
  await assert.rejects(sendMail(partly, SAMPLE, undefined, patient()), { isRejected: true });
  await server.close();
});

test('garbage, a reset and a server that says nothing are failures of the sink', async () => {
  const garbage = await badServer(
    (socket) => void socket.write('\u0000\u0001 nonsense\r\n'.repeat(50)),
  );
  const reset = await badServer((socket) => void socket.resetAndDestroy());
  const silent = await badServer(() => undefined);
  for (const { port } of [garbage, reset])
    await assert.rejects(sendMail(sinkTo(port), SAMPLE, undefined, patient()), {
      code: 'alert.undelivered',
      isRejected: false,
    });
  await assert.rejects(sendMail(sinkTo(silent.port), SAMPLE, undefined, AbortSignal.timeout(200)));
  for (const server of [garbage, reset, silent]) await server.close();
});
