/** Certificates, as stock ssh-keygen reads them. That sshd takes them is seen in systems. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { certificateLine, generateSigningKey, type SigningKey, signCertificate } from './index.ts';

const missing =
  spawnSync('ssh-keygen', ['-?']).error === undefined ? false : 'openssh-client is not installed';

const facts = (key: SigningKey) => ({
  publicKey: key.publicKey,
  keyId: 'emergency-3f2a',
  serial: 0x1122334455667788n,
  principals: ['breakglass-admin'],
  validAfter: '2026-03-01T10:00:00Z',
  validBefore: '2026-03-01T14:00:00Z',
});

test('ssh-keygen reads what was certified, by whom, for whom and how long', {
  skip: missing,
}, async () => {
  const [authority, key] = [await generateSigningKey(), await generateSigningKey()];
  const line = certificateLine(await signCertificate(authority, facts(key)));
  const read = spawnSync('ssh-keygen', ['-L', '-f', '-'], {
    input: `${line}\n`,
    encoding: 'utf8',
    env: { TZ: 'UTC' },
  });
  assert.equal(read.status, 0, read.stderr);
  const lines = read.stdout.split('\n').map((one) => one.trim());
  for (const expected of [
    'Type: ssh-ed25519-cert-v01@openssh.com user certificate',
    'Key ID: "emergency-3f2a"',
    'Serial: 1234605616436508552',
    'Valid: from 2026-03-01T10:00:00 to 2026-03-01T14:00:00',
    'breakglass-admin',
    'Critical Options: (none)',
    'permit-pty',
  ])
    assert.ok(lines.includes(expected), `${expected}\n${read.stdout}`);
});

test('a certificate for everybody, or with a name that would break a log line, is not made', async () => {
  const [authority, key] = [await generateSigningKey(), await generateSigningKey()];
  for (const wrong of [
    { principals: [] },
    { principals: ['two words'] },
    { keyId: 'line\nend' },
    { validBefore: 'tomorrow' },
  ])
    await assert.rejects(signCertificate(authority, { ...facts(key), ...wrong }), {
      code: 'statement.certificate',
    });
  await assert.rejects(signCertificate(authority, { ...facts(key), publicKey: 'ssh-rsa AAAA' }), {
    code: 'statement.key-type',
  });
});
