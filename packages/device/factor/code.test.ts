import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8, utf8Text } from '@halligan/format';
import fc from 'fast-check';
import {
  claimCode,
  codeMac,
  type Enrolment,
  freshCodes,
  noEnrolment,
  openSeed,
  otpauth,
  partAnswer,
  readCode,
  SEED_SIZE,
  sealSeed,
} from '../index.ts';

const KEY = new Uint8Array(32).fill(1);
const random = (size: number) => crypto.getRandomValues(new Uint8Array(size));

test('codes are twelve characters that people do not mistake, and no two are the same', () => {
  const codes = freshCodes(random);
  assert.equal(new Set(codes).size, 10);
  for (const code of codes) {
    assert.match(code, /^(?:[0-9A-HJKMNP-TV-Z]{4}-){2}[0-9A-HJKMNP-TV-Z]{4}$/);
    assert.equal(
      readCode(` ${code.toLowerCase().replaceAll('-', ' ')} `),
      code.replaceAll('-', ''),
    );
  }
  assert.equal(readCode('oooo-iiii-llll'), '000011111111');
  for (const text of ['', 'OOOO-OOOO', 'UUUU-UUUU-UUUU', '0000-0000-0000-0'])
    assert.equal(readCode(text), undefined);
});

test('a code is claimed once, by its own person, under this machine’s key', () => {
  const macs = ['A', 'B'].map((code) => codeMac(KEY, 'ana', code));
  const left = claimCode(macs, codeMac(KEY, 'ana', 'A'));
  assert.deepEqual(left, macs.slice(1));
  assert.equal(claimCode(left ?? [], codeMac(KEY, 'ana', 'A')), undefined);
  assert.equal(claimCode(macs, codeMac(KEY, 'ben', 'A')), undefined);
  assert.equal(claimCode(macs, codeMac(random(32), 'ana', 'A')), undefined);
});

test('a seed is opened by this machine, for its own person', () => {
  const seed = random(SEED_SIZE);
  const sealed = sealSeed(seed, KEY, 'ana', random);
  assert.deepEqual(openSeed(sealed, KEY, 'ana'), seed);
  const flipped = sealed.map((byte, at) => (at === 20 ? byte ^ 1 : byte));
  for (const [text, key, subject] of [
    [sealed, KEY, 'ben'],
    [sealed, random(32), 'ana'],
    [flipped, KEY, 'ana'],
    [sealed.subarray(0, 40), KEY, 'ana'],
  ] as const)
    assert.throws(() => openSeed(text, key, subject), { code: 'device.store' });
});

test('an authenticator takes the seed in base32, RFC 4648', () => {
  const uri = otpauth(utf8('12345678901234567890'), 'ana@example.org', 'desk 1');
  assert.equal(
    uri,
    'otpauth://totp/desk%201:ana%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=desk%201',
  );
});

const TOTP = { sealed: new Uint8Array(48), isConfirmed: true };
const WITH_TOTP: Enrolment = { ...noEnrolment('ana'), totp: TOTP };
const WITH_CODES: Enrolment = { ...noEnrolment('ana'), codes: [new Uint8Array(32)] };

function parted(typed: string, enrolment: Enrolment): readonly [string, string | undefined] {
  const { password, code } = partAnswer(utf8(typed), enrolment);
  return [utf8Text(password), code];
}

test('one answer is a password, a space and a code where somebody has such a factor, and else a password', () => {
  assert.deepEqual(parted('correct horse 123456', WITH_TOTP), ['correct horse', '123456']);
  assert.deepEqual(parted('x 123456 654321', WITH_TOTP), ['x 123456', '654321']);
  assert.deepEqual(parted('pass  123456', WITH_TOTP), ['pass ', '123456']);
  assert.deepEqual(parted('pass abcd-efgh-0000', WITH_CODES), ['pass', 'abcd-efgh-0000']);
  for (const typed of [
    'pass',
    'pass 12345',
    'pass 1234567',
    'pass123456',
    'pass 123456 ',
    'pass ١٢٣٤٥٦',
  ])
    assert.deepEqual(parted(typed, WITH_TOTP), [typed, undefined], typed);
  assert.deepEqual(parted('pass 123456', WITH_CODES), ['pass 123456', undefined]);
  assert.deepEqual(parted('pass 123456', noEnrolment('ana')), ['pass 123456', undefined]);
  const unconfirmed = { ...WITH_TOTP, totp: { ...TOTP, isConfirmed: false } };
  assert.deepEqual(parted('pass 123456', unconfirmed), ['pass 123456', undefined]);
});

test('whatever is typed is parted in one way, and nothing of it is lost', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.boolean(), (typed, hasTotp) => {
      const { password, code } = partAnswer(typed, hasTotp ? WITH_TOTP : WITH_CODES);
      const length = code === undefined ? 0 : 1 + code.length;
      assert.equal(password.length + length, typed.length);
    }),
  );
});
