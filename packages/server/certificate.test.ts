import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { certificatePin, makeCertificate, requireHostName, requireUsable } from './certificate.ts';

test('a certificate names its server, is free of RSA, and fits its key only', async () => {
  const pair = await makeCertificate('halligan.contoso.example');
  const read = new X509Certificate(pair.cert);
  assert.equal(
    read.subjectAltName,
    'DNS:halligan.contoso.example, DNS:localhost, IP Address:127.0.0.1',
  );
  assert.equal(read.publicKey.asymmetricKeyType, 'ec');
  assert.equal(read.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1');
  assert.ok(read.verify(read.publicKey), 'it is signed by its own key');
  assert.ok(!read.ca);
  assert.equal(certificatePin(pair.cert), read.fingerprint256.replaceAll(':', '').toLowerCase());
  requireUsable(pair);

  const other = await makeCertificate('halligan.contoso.example');
  assert.notEqual(certificatePin(other.cert), certificatePin(pair.cert));
  const unusable = (key: string, cert: string, message: RegExp, now?: number) =>
    assert.throws(() => requireUsable({ key, cert }, now), {
      code: 'server.certificate',
      message,
      hint: /--tls-key/,
    });
  unusable(other.key, pair.cert, /another certificate/);
  unusable('no key', pair.cert, /key cannot be read/);
  unusable(pair.key, 'no certificate', /not a PEM certificate/);
  unusable(pair.key, pair.cert, /expired/, Date.parse(read.validTo));
});

test('a certificate outlives 2049, where its times change their spelling', async () => {
  const { cert } = await makeCertificate('h.example', Date.UTC(2049, 11, 31));
  const read = new X509Certificate(cert);
  assert.equal(read.validFrom, 'Dec 30 00:00:00 2049 GMT');
  assert.equal(new Date(read.validTo).getUTCFullYear(), 2069);
});

test('addresses stand as addresses, names as names', async () => {
  for (const [name, expected] of [
    ['192.0.2.7', 'IP Address:192.0.2.7, DNS:localhost, IP Address:127.0.0.1'],
    ['2001:db8::17', 'IP Address:2001:DB8:0:0:0:0:0:17, DNS:localhost, IP Address:127.0.0.1'],
    ['::1', 'IP Address:0:0:0:0:0:0:0:1, DNS:localhost, IP Address:127.0.0.1'],
    ['localhost', 'DNS:localhost, IP Address:127.0.0.1'],
  ] as const)
    assert.equal(new X509Certificate((await makeCertificate(name)).cert).subjectAltName, expected);
});

test('what is no host name is refused', () => {
  for (const name of ['', 'a b', 'https://x', 'x:1', '-x', 'x-', 'x..y', 'é', 'a'.repeat(64)])
    assert.throws(() => requireHostName(name), { code: 'server.name', hint: /halligan\.example/ });
  for (const name of ['h', 'H-1.example', '10.0.0.1', '::1']) requireHostName(name);
});
