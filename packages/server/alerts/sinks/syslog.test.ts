import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { type Alert, alertSchema } from '../alert.ts';
import { authority, badServer, SAMPLE, syslogReceiver } from '../receivers.fixture.ts';
import type { SyslogSink } from '../settings.ts';
import { sendSyslog, syslogFrame } from './syslog.ts';

const sinkTo = (port: number, more: Partial<SyslogSink> = {}): SyslogSink => ({
  kind: 'syslog',
  name: 'siem',
  host: '127.0.0.1',
  port,
  tls: false,
  ...more,
});
const patient = () => AbortSignal.timeout(60_000);

/** RFC 5424 section 6, with the length of RFC 6587 before it. */
const FRAME =
  /^(\d+) <(\d{1,3})>1 (\S+) ([\x21-\x7e]{1,255}) halligan - ([\x21-\x7e]{1,32}) - \ufeff(.*)$/s;

function parsed(text: string): { readonly priority: number; readonly alert: Alert } {
  const [, length, priority, , , , json = ''] = FRAME.exec(text) ?? [];
  const bytes = Buffer.from(text);
  assert.equal(Number(length), bytes.length - bytes.indexOf(' ') - 1);
  return { priority: Number(priority), alert: alertSchema.parse(JSON.parse(json)) };
}

let tls: Awaited<ReturnType<typeof authority>>;
before(async () => {
  tls = await authority();
});
after(() => tls.remove());

test('is a message of RFC 5424 with its length before it, over TCP and over TLS', async () => {
  const plain = await syslogReceiver();
  await sendSyslog(sinkTo(plain.port), SAMPLE, patient());
  const secured = await syslogReceiver(tls.pair);
  await sendSyslog(
    sinkTo(secured.port, { tls: true, host: 'localhost', ca: tls.ca }),
    SAMPLE,
    patient(),
  );
  for (const receiver of [plain, secured]) {
    const [text = ''] = await receiver.until(1);
    const { priority, alert } = parsed(text);
    assert.equal(priority, 10 * 8 + 2);
    assert.deepEqual(alert, SAMPLE);
    await receiver.close();
  }
});

test('whatever an alert says, its frame is one message', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 300 }),
      fc.string({ maxLength: 400 }),
      (title, host) => {
        const frame = Buffer.from(syslogFrame({ ...SAMPLE, title }, host)).toString('utf8');
        assert.equal(parsed(frame).alert.title, title);
      },
    ),
  );
});

test('a certificate that is another’s is not spoken to', async () => {
  const receiver = await syslogReceiver(tls.pair);
  const unknown = sinkTo(receiver.port, { tls: true, host: 'localhost' });
  await assert.rejects(sendSyslog(unknown, SAMPLE, patient()), { code: 'alert.undelivered' });
  assert.deepEqual(receiver.got, []);
  await receiver.close();
});

test('a reset, a receiver that closes before it has read, and one that hangs have not taken it', async () => {
  const reset = await badServer((socket) => void socket.resetAndDestroy());
  const hanging = await badServer((socket) => void socket.pause());
  await assert.rejects(sendSyslog(sinkTo(reset.port), SAMPLE, patient()), {
    code: 'alert.undelivered',
  });
  const large = { ...SAMPLE, data: { people: Array.from({ length: 64 }, () => 'a'.repeat(500)) } };
  await assert.rejects(sendSyslog(sinkTo(hanging.port), large, AbortSignal.timeout(300)));
  for (const server of [reset, hanging]) await server.close();
  const gone = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => gone.once('listening', resolve));
  const address = gone.address();
  const port = address === null || typeof address === 'string' ? 1 : address.port;
  await new Promise((resolve) => gone.close(resolve));
  await assert.rejects(sendSyslog(sinkTo(port), SAMPLE, patient()), /ECONNREFUSED/);
});

const RSYSLOGD = '/usr/sbin/rsyslogd';
const skip = existsSync(RSYSLOGD) ? false : 'rsyslog is not installed';

test('rsyslog reads it: priority, program, message and all', { skip }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'halligan-rsyslog-'));
  const port = await freePort();
  const config = join(folder, 'rsyslog.conf');
  const out = join(folder, 'out.log');
  await writeFile(
    config,
    [
      'module(load="imtcp")',
      `input(type="imtcp" port="${port}" address="127.0.0.1" supportOctetCountedFraming="on")`,
      'template(name="seen" type="string" string="%syslogfacility-text% %syslogseverity-text% %app-name% %msgid% %msg%\\n")',
      `action(type="omfile" file="${out}" template="seen")`,
      '',
    ].join('\n'),
  );
  const pidFile = join(folder, 'pid');
  const child = spawn(RSYSLOGD, ['-n', '-f', config, '-i', pidFile], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  try {
    await answering(port, ended);
    await sendSyslog(sinkTo(port), SAMPLE, patient());
    child.kill('SIGTERM');
    await ended;
    const [line = ''] = (await readFile(out, 'utf8')).split('\n');
    const [, facility, severity, program, id, json = ''] =
      /^(\S+) (\S+) (\S+) (\S+) ?\ufeff?(\{.*)$/.exec(line) ?? [];
    assert.deepEqual(
      [facility, severity, program, id],
      ['authpriv', 'crit', 'halligan', 'emergency.declared'],
    );
    assert.deepEqual(alertSchema.parse(JSON.parse(json)), SAMPLE);
  } finally {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await ended;
    await rm(folder, { recursive: true });
  }
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return address === null || typeof address === 'string' ? 0 : address.port;
}

/** Resolves when somebody listens there; rejects where the program ended instead. */
async function answering(port: number, ended: Promise<void>): Promise<void> {
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  for (;;) {
    if (isOver) throw new Error('rsyslogd ended');
    const isThere = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    if (isThere) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
