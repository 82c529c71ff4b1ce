import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { describe, test } from 'node:test';
import { fromBase64, utf8, utf8Text } from '@halligan/format';
import fc from 'fast-check';
import { refuses } from '../contract.ts';
import { generatePassword } from '../generate-password.ts';
import { samePassword, scramVerifier } from './scram-verifier.ts';

/** The exchange of RFC 7677 section 3. */
const exchange = [
  'n=user,r=rOprNGfwEbeRWgbNEkqO',
  'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
  'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0',
].join(',');
const proof = fromBase64('dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=');
const signature = '6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=';

const hmac = (key: Uint8Array, text: string) => createHmac('sha256', key).update(text).digest();

describe('the verifier of a password', () => {
  test('checks the proof of RFC 7677, and signs as its server does', async () => {
    const verifier = await scramVerifier(
      utf8('pencil'),
      4096,
      fromBase64('W22ZaJ0SNY7soEsUEjb6gQ=='),
    );
    const parts = /^SCRAM-SHA-256\$4096:(.+)\$(.+):(.+)$/.exec(verifier);
    const [, salt = '', stored = '', server = ''] = parts ?? [];
    assert.equal(salt, 'W22ZaJ0SNY7soEsUEjb6gQ==');
    assert.equal(hmac(fromBase64(server), exchange).toString('base64'), signature);
    const mask = hmac(fromBase64(stored), exchange);
    const clientKey = proof.map((byte, at) => byte ^ (mask[at] ?? 0));
    assert.equal(createHash('sha256').update(clientKey).digest('base64'), stored);
  });

  test('is another one each time, of the form that PostgreSQL tells from a password', async () => {
    const password = generatePassword();
    const [one, two] = [await scramVerifier(password, 4096), await scramVerifier(password, 4096)];
    assert.notEqual(one, two);
    const form = /^SCRAM-SHA-256\$4096:[A-Za-z0-9+/]{22}==\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$/;
    for (const verifier of [one, two]) assert.match(verifier, form);
  });
});

describe('what SASLprep could change is refused', () => {
  test('the examples of RFC 4013 section 3 that are mapped, and spaces that are not seen', async () => {
    for (const text of [
      'I\u00adX',
      '\u00aa',
      '\u2168',
      'a\u00a0b',
      'a\u200bb',
      'a\u3000b',
      'e\u0301',
      '\ufeffa',
    ])
      await refuses('systems.password-unusable', async () => samePassword(utf8(text)));
  });

  test('all that is generated passes, and what passes is what normalisation makes of it', () => {
    for (const text of ['user', 'USER', 'a b', 'Zürich–試験🔑']) samePassword(utf8(text));
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }), (text) => {
        fc.pre(text.isWellFormed());
        try {
          samePassword(utf8(text));
        } catch {
          return;
        }
        assert.equal(
          text.normalize('NFKC').replaceAll(/[\u00ad\u200b-\u200d\ufeff\u00a0\u3000]/g, ''),
          text,
        );
      }),
    );
    const generated = generatePassword();
    assert.equal(utf8Text(samePassword(generated)), utf8Text(generated));
  });
});
