import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { concat, HalliganError, utf8 } from '@halligan/format';
import fc from 'fast-check';
import {
  handshakeResponse,
  parseGreeting,
  parseQueryAnswer,
  parseRow,
  parseSignInAnswer,
} from './packets.ts';

/** A greeting as MariaDB 10.11 sends it, with a challenge of ours. */
const greeting = concat(
  ...[Uint8Array.of(10), utf8('5.5.5-10.11.19-MariaDB\0'), new Uint8Array(4), utf8('12345678\0')],
  ...[Uint8Array.of(0xfe, 0xf7, 0x2d, 2, 0, 0xff, 0x81, 21), new Uint8Array(10)],
  ...[utf8('abcdefghijkl\0'), utf8('mysql_native_password\0')],
);

describe('packets of a MySQL server', () => {
  test('a greeting tells whether it encrypts, and its challenge', () => {
    const { encrypts, challenge } = parseGreeting(greeting);
    assert.equal(encrypts, false);
    assert.deepEqual(challenge, utf8('12345678abcdefghijkl'));
    const secure = Uint8Array.from(greeting);
    const low = secure.indexOf(0xf7);
    secure[low] = 0xff;
    assert.equal(parseGreeting(secure).encrypts, true);
  });

  test('what a sign-in and a query are answered', () => {
    const change = concat(Uint8Array.of(0xfe), utf8('client_ed25519\0'), utf8('c'.repeat(32)));
    assert.deepEqual(parseSignInAnswer(change), {
      is: 'switch',
      plugin: 'client_ed25519',
      challenge: utf8('c'.repeat(32)),
    });
    assert.deepEqual(parseSignInAnswer(Uint8Array.of(0xfe)), {
      is: 'switch',
      plugin: '',
      challenge: new Uint8Array(),
    });
    assert.deepEqual(parseSignInAnswer(Uint8Array.of(0xff, 0x15, 0x04, 0x23)), {
      is: 'error',
      number: 1045,
    });
    assert.deepEqual(parseRow(concat(Uint8Array.of(3), utf8('abc'), Uint8Array.of(0xfb)), 2), {
      is: 'row',
      values: ['abc', undefined],
    });
    // LOCAL INFILE: a server that asks for a file of ours.
    const file = concat(Uint8Array.of(0xfb), utf8('/etc/passwd'));
    assert.throws(() => parseQueryAnswer(file), { code: 'systems.protocol' });
  });

  test('whatever comes is understood or refused, never read past its end', () => {
    const parsers = [
      parseGreeting,
      parseSignInAnswer,
      parseQueryAnswer,
      (packet: Uint8Array) => parseRow(packet, 3),
    ];
    const packets = fc.oneof(
      fc.uint8Array({ maxLength: 120 }),
      fc.nat({ max: greeting.length }).map((end) => greeting.slice(0, end)),
    );
    fc.assert(
      fc.property(packets, fc.constantFrom(...parsers), (packet, parse) => {
        try {
          assert.ok(parse(packet));
        } catch (error) {
          assert.ok(error instanceof HalliganError);
          assert.equal(error.code, 'systems.protocol');
        }
      }),
    );
  });

  test('an account’s name goes with its token, and nothing of the password', () => {
    const sent = handshakeResponse('ünï', 'mysql_native_password', utf8('t'.repeat(20)));
    const text = new TextDecoder().decode(sent.subarray(32));
    assert.equal(text, `ünï\0\x14${'t'.repeat(20)}mysql_native_password\0`);
  });
});
