/** MySQL's own method, from the manual's description of its packets: there is no MySQL server here to ask. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { after, type TestContext, test } from 'node:test';
import { TLSSocket } from 'node:tls';
import { concat, utf8, utf8Text } from '@halligan/format';
import { refuses } from '../contract.ts';
import { listening } from '../harmful-relay.fixture.ts';
import { generatePassword, parseSystemConfig } from '../index.ts';
import { makeCertificate } from '../loopback-certificate.ts';
import { openDriver } from '../open.ts';

const folder = mkdtempSync(join(tmpdir(), 'halligan-caching-'));
after(() => rmSync(folder, { recursive: true }));
const ca = await makeCertificate(folder, 'Halligan practice database');
const key = readFileSync(join(folder, 'tls.key'));

const CHALLENGE = utf8('abcdefghijklmnopqrst');
const OK = Uint8Array.of(0, 0, 0, 2, 0, 0, 0);
const DENIED = concat(Uint8Array.of(0xff, 0x15, 0x04), utf8('#28000Access denied'));
const END = Uint8Array.of(0xfe, 0, 0, 2, 0);

/** What the server answers to each packet after TLS, one entry a packet; its own are numbered on. */
type Script = readonly ((packet: Uint8Array) => readonly Uint8Array[])[];

async function serverThat(t: TestContext, script: Script): Promise<number> {
  return listening(t, undefined, (socket) => {
    const greeting = concat(
      ...[Uint8Array.of(10), utf8('8.4.0\0'), new Uint8Array(4), utf8('12345678\0')],
      ...[Uint8Array.of(0xff, 0xff, 45, 2, 0, 0xff, 0xc1, 21), new Uint8Array(10)],
      ...[utf8('abcdefghijkl\0'), utf8('caching_sha2_password\0')],
    );
    socket.write(framed(greeting, 0));
    let before = 36;
    const line = new Duplex({
      read: () => undefined,
      write: (chunk, _, done) => void socket.write(chunk, () => done()),
    });
    socket.on('data', (chunk: Buffer) => {
      const skipped = Math.min(before, chunk.length);
      before -= skipped;
      if (chunk.length > skipped) line.push(chunk.subarray(skipped));
    });
    const secure = new TLSSocket(line, { isServer: true, key, cert: ca });
    secure.on('error', () => socket.destroy());
    let waiting = Buffer.alloc(0);
    let turn = 0;
    secure.on('data', (chunk: Buffer) => {
      waiting = Buffer.concat([waiting, chunk]);
      const length = 4 + (waiting[0] ?? 0) + (waiting[1] ?? 0) * 256;
      if (waiting.length < 4 || waiting.length < length) return;
      const sequence = waiting[3] ?? 0;
      const answers = script[turn]?.(Uint8Array.from(waiting.subarray(4, length))) ?? [];
      waiting = waiting.subarray(length);
      turn += 1;
      for (const [at, answer] of answers.entries()) secure.write(framed(answer, sequence + 1 + at));
    });
  });
}

function framed(payload: Uint8Array, sequence: number): Uint8Array {
  return concat(Uint8Array.of(payload.length & 0xff, payload.length >> 8, 0, sequence), payload);
}

const toCaching = () => [
  concat(Uint8Array.of(0xfe), utf8('caching_sha2_password\0'), CHALLENGE, Uint8Array.of(0)),
];
const self = () => [
  Uint8Array.of(1),
  utf8('the column'),
  END,
  concat(Uint8Array.of(18), utf8('breakglass-admin@%')),
  END,
];

const sha256 = (...parts: readonly Uint8Array[]) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** Whether the answer to the challenge is by this password: what the server's cache holds suffices to see it. */
function isBy(password: Uint8Array, token: Uint8Array): boolean {
  const cached = sha256(sha256(password));
  const mask = sha256(cached, CHALLENGE);
  return sha256(token.map((byte, at) => byte ^ (mask[at] ?? 0))).equals(cached);
}

function proverAt(port: number) {
  const config = {
    ...{ driver: 'mysql', server: 'mysql', host: '127.0.0.1', port, ca },
    ...{ authentication: 'caching_sha2_password', timeout: 20_000 },
  };
  return openDriver(parseSystemConfig(config), undefined);
}

test('from the cache, and without it, the right password is accepted and a wrong one rejected', async (t) => {
  const right = generatePassword();
  const fromCache: Script = [
    toCaching,
    (token) => (isBy(right, token) ? [Uint8Array.of(1, 3), OK] : [DENIED]),
    self,
  ];
  const byItself: Script = [
    toCaching,
    () => [Uint8Array.of(1, 4)],
    (sent) => (utf8Text(sent) === `${utf8Text(right)}\0` ? [OK] : [DENIED]),
    self,
  ];
  for (const script of [fromCache, byItself]) {
    const driver = proverAt(await serverThat(t, script));
    assert.equal(await driver.prove('breakglass-admin', right), 'accepted');
    const again = proverAt(await serverThat(t, script));
    assert.equal(await again.prove('breakglass-admin', generatePassword()), 'rejected');
  }
});

test('a server that asks twice for a method, or for what no method asks, gets nothing more', async (t) => {
  const twice: Script = [toCaching, toCaching];
  const key: Script = [toCaching, () => [Uint8Array.of(1, 9)]];
  const more: Script = [() => [Uint8Array.of(1, 4)]];
  for (const script of [twice, key, more]) {
    const driver = proverAt(await serverThat(t, script));
    await refuses('systems.protocol', () => driver.prove('breakglass-admin', generatePassword()));
  }
});

test('settings that would put a password into a statement, or a method that the server lacks, are refused', () => {
  const base = { driver: 'mysql', server: 'mysql', host: 'db.example.org' };
  for (const wrong of [
    { ...base, authentication: 'ed25519' },
    { ...base, authentication: 'caching_sha2_password', rotation: 'self' },
    { ...base, server: 'mariadb', authentication: 'caching_sha2_password' },
  ])
    assert.throws(() => parseSystemConfig(wrong), { code: 'systems.config' });
});
