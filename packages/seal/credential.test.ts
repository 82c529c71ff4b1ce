import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { canonicalBytes, utf8 } from '@halligan/format';
import { CREDENTIAL } from './example.ts';
import { credentialBytes, parseCredential } from './index.ts';
import { refused } from './refused.ts';

test('a credential survives, with everything in it and with the least', () => {
  assert.deepEqual(parseCredential(credentialBytes(CREDENTIAL)), CREDENTIAL);
  const least = { kind: 'token', username: 'u', password: 'p' } as const;
  assert.deepEqual(parseCredential(credentialBytes(least)), least);
});

test('what is not a credential is refused by member, never by value', () => {
  const secret = 'hunter2-hunter2';
  const v = 'halligan/credential/v1';
  const good = { v, kind: 'password', username: 'u', password: secret };
  const wrong = [
    utf8(secret),
    utf8(`{"password":"${secret}"`),
    utf8(`"${secret}"`),
    canonicalBytes({ ...good, kind: secret }),
    canonicalBytes({ ...good, more: secret }),
    canonicalBytes({ v, password: secret }),
    canonicalBytes({ ...good, recoveryCodes: secret }),
    new Uint8Array(1 << 20),
  ];
  for (const bytes of wrong) {
    assert.throws(
      () => parseCredential(bytes),
      (error) => {
        assert.ok(!inspect(error, { depth: 9 }).includes('hunter2'), 'the error quotes the secret');
        return refused('seal.credential')(error) || refused('seal.version')(error);
      },
    );
  }
  assert.throws(
    () => parseCredential(canonicalBytes({ ...good, v: 'halligan/credential/v2' })),
    refused('seal.version'),
  );
  assert.throws(
    () => credentialBytes({ ...CREDENTIAL, steps: Array(100).fill('x'.repeat(4096)) }),
    refused('seal.credential', /limit/),
  );
});
