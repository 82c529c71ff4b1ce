import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { factorsOf, isOf, loginOf, NAME_CLAIMS } from './claims.ts';

test('whatever a token holds, nobody is taken for whom it does not name, and no factor is made up', () => {
  const value = fc.oneof(fc.anything(), fc.array(fc.constantFrom('pwd', 'otp', 'mfa', 'pin', 'x')));
  const claims = fc.dictionary(fc.constantFrom(...NAME_CLAIMS, 'email_verified', 'amr'), value);
  fc.assert(
    fc.property(claims, fc.constantFrom(...NAME_CLAIMS), (token, claim) => {
      assert.notEqual(isOf(token, claim, 'ana@contoso.example'), true);
      const { amr } = token;
      const said: readonly unknown[] = Array.isArray(amr) ? amr : [];
      if (factorsOf(token) === 'several')
        assert.ok(said.includes('mfa') || (said.includes('otp') && said.length > 1));
      if (!said.some((method) => typeof method === 'string'))
        assert.equal(factorsOf(token), 'unsaid');
    }),
  );
});

test('a login is the typed name in its place, and nothing else that was typed', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      const login = loginOf('{user}@contoso.example', name);
      if (login === undefined) return;
      assert.match(name, /^[A-Za-z0-9._@-]+$/);
      assert.equal(login, `${name}@contoso.example`);
    }),
  );
  assert.equal(loginOf('{user}@contoso.example', '$&'), undefined);
});
