/** Keys on a token: what their signatures must show, and what stock `ssh-keygen` lets pass. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { concat, utf8 } from '@halligan/format';
import fc from 'fast-check';
import { code } from './cast.fixture.ts';
import {
  armorSignature,
  parsePublicKey,
  readSshSignature,
  signRecipient,
  signSsh,
  verifyRecipient,
  verifySsh,
} from './index.ts';
import { SK_ECDSA, SK_ED25519 } from './public-key.ts';
import { sshString, sshUint32 } from './ssh-wire.ts';
import { type SoftwareToken, softwareToken, TOUCHED, VERIFIED } from './token.fixture.ts';

const message = utf8('15:12 UTC - Reset password');
const namespace = 'halligan/statement/v1/note';
const missing =
  spawnSync('ssh-keygen', ['-?']).error === undefined ? false : 'ssh-keygen is not installed';

/** A blob as an attacker makes it, past the check that {@link signSsh} does. */
async function forged(token: SoftwareToken, text = message): Promise<Uint8Array> {
  const digest = await crypto.subtle.digest('SHA-512', text.slice());
  const head = [sshString(namespace), sshString(''), sshString('sha512')];
  const signed = concat(utf8('SSHSIG'), ...head, sshString(new Uint8Array(digest)));
  const blob = Uint8Array.fromBase64(token.publicKey.split(' ')[1] ?? '');
  return concat(
    utf8('SSHSIG'),
    sshUint32(1),
    sshString(blob),
    ...head,
    sshString(await token.signData(signed)),
  );
}

function stockAccepts(token: SoftwareToken, signature: Uint8Array): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'sk-'));
  try {
    writeFileSync(join(folder, 'allowed'), `ana@contoso ${token.publicKey}\n`);
    writeFileSync(join(folder, 'note.sig'), armorSignature(signature));
    const asked = ['-f', join(folder, 'allowed'), '-I', 'ana@contoso', '-n', namespace];
    const done = spawnSync(
      'ssh-keygen',
      ['-Y', 'verify', ...asked, '-s', join(folder, 'note.sig')],
      { input: message },
    );
    return done.status === 0;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

for (const type of [SK_ED25519, SK_ECDSA] as const) {
  test(`${type}: signed with touch and PIN, it verifies, here and with stock ssh-keygen`, async () => {
    const token = await softwareToken(type);
    const signature = await signSsh(message, namespace, token);
    await verifySsh({ message, namespace, signature, publicKey: token.publicKey });
    assert.deepEqual(readSshSignature(signature).presence, {
      flags: TOUCHED | VERIFIED,
      counter: 1,
    });
    if (missing === false) assert.ok(stockAccepts(token, signature));
  });

  test(`${type}: what stock ssh-keygen accepts without touch or PIN is refused`, {
    skip: missing,
  }, async () => {
    const token = await softwareToken(type);
    const cases = [
      [0, 'statement.presence'],
      [VERIFIED, 'statement.presence'],
      [TOUCHED, 'statement.user-verification'],
      [TOUCHED | VERIFIED | 0x80, 'statement.presence'],
    ] as const;
    for (const [flags, expected] of cases) {
      token.flags = flags;
      const signature = await forged(token);
      assert.ok(stockAccepts(token, signature), `stock ssh-keygen with flags ${flags}`);
      const asked = { message, namespace, signature, publicKey: token.publicKey };
      await assert.rejects(verifySsh(asked), code(expected));
      await assert.rejects(signSsh(message, namespace, token), code(expected));
    }
  });

  test(`${type}: another message, another token, other flags than were signed do not verify`, async () => {
    const token = await softwareToken(type);
    const { publicKey } = token;
    const signature = await signSsh(message, namespace, token);
    const refused = (asked: Partial<Parameters<typeof verifySsh>[0]>) =>
      assert.rejects(
        verifySsh({ message, namespace, signature, publicKey, ...asked }),
        code('statement.signature'),
      );
    await refused({ message: utf8('another') });
    await refused({ publicKey: (await softwareToken(type)).publicKey });
    token.flags = TOUCHED;
    const without = await forged(token);
    // The last five bytes are flags and counter: a forger sets what was not signed.
    for (const at of [5, 1]) {
      const altered = without.slice();
      altered[altered.length - at] = at === 5 ? TOUCHED | VERIFIED : 0x77;
      if (at === 1) altered[altered.length - 5] = TOUCHED | VERIFIED;
      await refused({ signature: altered });
    }
  });

  test(`${type}: a person's recipient is theirs by its word`, async () => {
    const token = await softwareToken(type);
    const recipient = 'age1example';
    const claim = {
      person: 'ana',
      signing: [token.publicKey],
      recipient,
      recipientSignature: await signRecipient('ana', recipient, token),
    };
    await verifyRecipient(claim);
    await assert.rejects(verifyRecipient({ ...claim, person: 'ben' }), code('statement.signature'));
  });
}

test('a token’s key for a web site, of another curve or off the curve signs nothing here', async () => {
  const token = await softwareToken(SK_ECDSA);
  const { bytes } = parsePublicKey(token.publicKey);
  const line = (curve: string, point: Uint8Array, application: string) =>
    `${SK_ECDSA} ${concat(
      sshString(SK_ECDSA),
      sshString(curve),
      sshString(point),
      sshString(application),
    ).toBase64()}`;
  assert.equal(parsePublicKey(line('nistp256', bytes, 'ssh:')).publicKey, token.publicKey);
  for (const bad of [
    line('nistp384', bytes, 'ssh:'),
    line('nistp256', bytes, 'https://example.org'),
    line('nistp256', bytes, `ssh:${'x'.repeat(61)}`),
    line('nistp256', bytes.subarray(1), 'ssh:'),
  ])
    assert.throws(() => parsePublicKey(bad), code('statement.key'), bad);
  const off = bytes.slice();
  off[64] = (off[64] ?? 0) ^ 1;
  const publicKey = line('nistp256', off, 'ssh:');
  const signature = await forged({ ...token, publicKey });
  const asked = { message, namespace, signature, publicKey };
  await assert.rejects(verifySsh(asked), code('statement.key'));
});

test('a damaged token signature never verifies, and never fails otherwise than with a code', async () => {
  const token = await softwareToken(SK_ECDSA);
  const signature = await signSsh(message, namespace, token);
  await fc.assert(
    fc.asyncProperty(
      fc.nat(signature.length - 1),
      fc.integer({ min: 1, max: 255 }),
      fc.nat(3),
      async (at, flip, cut) => {
        const altered = signature.slice(0, signature.length - cut);
        if (at < altered.length) altered[at] = (altered[at] ?? 0) ^ flip;
        else if (cut === 0) return;
        const asked = { message, namespace, signature: altered, publicKey: token.publicKey };
        await assert.rejects(verifySsh(asked), (error: { code?: string }) =>
          String(error.code).startsWith('statement.'),
        );
      },
    ),
    { numRuns: 300 },
  );
});
