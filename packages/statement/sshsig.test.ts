import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { concat, HalliganError, utf8 } from '@halligan/format';
import fc from 'fast-check';
import { code, keyOf } from './cast.fixture.ts';
import {
  armorSignature,
  dearmorSignature,
  formatPrivateKey,
  parsePrivateKey,
  parsePublicKey,
  signSsh,
  verifySsh,
} from './index.ts';
import { sshString, sshUint32 } from './ssh-wire.ts';

const message = utf8('15:12 UTC - Reset password');
const namespace = 'halligan/statement/v1/note';
const missing =
  spawnSync('ssh-keygen', ['-?']).error === undefined ? false : 'ssh-keygen is not installed';

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sshsig-'));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function sshKeygen(input: Uint8Array, ...parameters: readonly string[]): string {
  const done = spawnSync('ssh-keygen', parameters, { input });
  assert.equal(done.status, 0, `${done.stderr}`);
  return String(done.stdout);
}

test('stock ssh-keygen verifies what we sign', { skip: missing }, () =>
  inFolder(async (folder) => {
    const key = await keyOf('ana');
    const allowed = join(folder, 'allowed');
    writeFileSync(allowed, `ana@contoso ${key.publicKey}\n`);
    const sig = join(folder, 'note.sig');
    writeFileSync(sig, armorSignature(await signSsh(message, namespace, key)));
    const verify = ['-Y', 'verify', '-f', allowed, '-I', 'ana@contoso', '-n', namespace, '-s', sig];
    assert.match(sshKeygen(message, ...verify), /Good "halligan.*" signature for ana@contoso/);
    const altered = spawnSync('ssh-keygen', verify, { input: utf8('another') });
    assert.notEqual(altered.status, 0);
  }),
);

test(
  'we verify what stock ssh-keygen signs, with its key or with a file of ours',
  { skip: missing },
  () =>
    inFolder(async (folder) => {
      const theirs = join(folder, 'theirs');
      sshKeygen(message, '-q', '-t', 'ed25519', '-N', '', '-C', 'a comment', '-f', theirs);
      const read = await parsePrivateKey(readFileSync(theirs));
      assert.equal(read.publicKey, parsePublicKey(readFileSync(`${theirs}.pub`, 'utf8')).publicKey);

      const own = await keyOf('ana');
      const ours = join(folder, 'ours');
      writeFileSync(ours, formatPrivateKey(own, 'ana'), { mode: 0o600 });
      assert.equal(sshKeygen(message, '-y', '-f', ours).trim(), `${own.publicKey} ana`);

      for (const [file, publicKey] of [
        [theirs, read.publicKey],
        [ours, own.publicKey],
      ] as const) {
        for (const hash of ['sha512', 'sha256']) {
          const armored = sshKeygen(
            message,
            '-Y',
            'sign',
            '-f',
            file,
            '-n',
            namespace,
            '-O',
            `hashalg=${hash}`,
          );
          const signature = dearmorSignature(armored);
          assert.equal(armorSignature(signature), armored);
          await verifySsh({ message, namespace, signature, publicKey });
        }
      }
      // Ed25519 is deterministic (RFC 8032), so the very same blob comes out of both programs.
      const armored = sshKeygen(message, '-Y', 'sign', '-f', ours, '-n', namespace);
      assert.equal(armorSignature(await signSsh(message, namespace, own)), armored);
    }),
);

test('other keys, purposes and messages do not verify', async () => {
  const ana = await keyOf('ana');
  const bob = await keyOf('bob');
  const signature = await signSsh(message, namespace, ana);
  const good = { message, namespace, signature, publicKey: ana.publicKey };
  await verifySsh(good);
  await assert.rejects(verifySsh({ ...good, message: utf8('other') }), code('statement.signature'));
  await assert.rejects(
    verifySsh({ ...good, publicKey: bob.publicKey }),
    code('statement.signature'),
  );
  await assert.rejects(
    verifySsh({ ...good, namespace: 'halligan/statement/v1/approve' }),
    code('statement.namespace'),
  );
  for (const bad of ['', 'a b', 'é', 'x'.repeat(256)]) {
    await assert.rejects(signSsh(message, bad, ana), code('statement.namespace'));
  }
});

test('input is read before the first await', async () => {
  const key = await keyOf('ana');
  const changing = message.slice();
  const signing = signSsh(changing, namespace, key);
  changing.fill(0);
  const signature = await signing;
  const asked = { message: message.slice(), namespace, signature, publicKey: key.publicKey };
  const verifying = verifySsh(asked);
  asked.message.fill(0);
  signature.fill(0);
  await verifying;
});

interface Parts {
  readonly magic?: string;
  readonly version?: number;
  readonly key?: Uint8Array;
  readonly reserved?: string;
  readonly hash?: string;
  readonly type?: string;
  readonly size?: number;
  readonly after?: string;
}

async function blob(parts: Parts): Promise<Uint8Array> {
  const { bytes } = parsePublicKey((await keyOf('ana')).publicKey);
  return concat(
    utf8(parts.magic ?? 'SSHSIG'),
    sshUint32(parts.version ?? 1),
    sshString(parts.key ?? concat(sshString('ssh-ed25519'), sshString(bytes))),
    sshString(namespace),
    sshString(parts.reserved ?? ''),
    sshString(parts.hash ?? 'sha512'),
    sshString(
      concat(sshString(parts.type ?? 'ssh-ed25519'), sshString(new Uint8Array(parts.size ?? 64))),
    ),
    utf8(parts.after ?? ''),
  );
}

test('each malformed blob has its code', async () => {
  const { publicKey } = await keyOf('ana');
  const identity = concat(Uint8Array.of(1), new Uint8Array(31));
  const cases: readonly (readonly [Parts, string])[] = [
    [{}, 'statement.signature'],
    [{ magic: 'SSHSIX' }, 'statement.signature-format'],
    [{ version: 2 }, 'statement.signature-format'],
    [{ reserved: 'x' }, 'statement.signature-format'],
    [{ hash: 'sha1' }, 'statement.signature-format'],
    [{ size: 63 }, 'statement.signature-format'],
    [{ after: 'x' }, 'statement.signature-format'],
    [{ after: 'x'.repeat(5000) }, 'statement.signature-format'],
    [{ type: 'ssh-rsa' }, 'statement.key-type'],
    [{ key: concat(sshString('ssh-rsa'), sshString('n')) }, 'statement.key-type'],
    [
      {
        key: concat(
          sshString('sk-ssh-ed25519@openssh.com'),
          sshString(identity),
          sshString('ssh:'),
        ),
      },
      'statement.key',
    ],
    [{ key: concat(sshString('ssh-ed25519'), sshString(new Uint8Array(31))) }, 'statement.key'],
    [{ key: concat(sshString('ssh-ed25519'), sshString(identity)) }, 'statement.key'],
  ];
  for (const [parts, expected] of cases) {
    const signature = await blob(parts);
    await assert.rejects(
      verifySsh({ message, namespace, signature, publicKey }),
      code(expected),
      JSON.stringify(parts),
    );
  }
});

test('armor that is not armor is refused', async () => {
  const armored = armorSignature(await blob({}));
  assert.deepEqual(dearmorSignature(armored.replaceAll('\n', '\r\n')), await blob({}));
  for (const bad of [
    '',
    'U1NIU0lH',
    armored.slice(1),
    armored.replace('END', 'BEGIN'),
    armored.replace('\n', '\n!'),
    `${armored}x`,
    armored.replace(/=*\n-----END/, '\n-----END').replace('U1NI', 'U1N'),
    'x'.repeat(10_000),
  ]) {
    assert.throws(() => dearmorSignature(bad), code('statement.signature-format'), bad);
  }
});

test('a mutated blob never verifies, and fails with a HalliganError only', async () => {
  const key = await keyOf('ana');
  const good = await signSsh(message, namespace, key);
  const mutation = fc.oneof(
    fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 })).map(([at, flip]) => {
      const bytes = good.slice();
      bytes[at] = (bytes[at] ?? 0) ^ flip;
      return bytes;
    }),
    fc.nat(good.length - 1).map((size) => good.slice(0, size)),
    fc
      .tuple(fc.nat(good.length), fc.uint8Array({ minLength: 1, maxLength: 8 }))
      .map(([at, extra]) => concat(good.subarray(0, at), extra, good.subarray(at))),
    fc.uint8Array({ maxLength: 300 }),
  );
  await fc.assert(
    fc.asyncProperty(mutation, async (signature) => {
      await assert.rejects(
        verifySsh({ message, namespace, signature, publicKey: key.publicKey }),
        (error) => error instanceof HalliganError,
      );
    }),
    { numRuns: 1000 },
  );
});

test('a signature has one form: S plus the order of the curve is refused (RFC 8032 section 8.4)', async () => {
  const key = await keyOf('ana');
  const signature = await signSsh(message, namespace, key);
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const scalar = BigInt(`0x${signature.slice(-32).reverse().toHex()}`) + order;
  const high = Uint8Array.fromHex(scalar.toString(16).padStart(64, '0')).reverse();
  const malleable = concat(signature.slice(0, -32), high);
  await assert.rejects(
    verifySsh({ message, namespace, signature: malleable, publicKey: key.publicKey }),
    code('statement.signature'),
  );
});
