import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concat } from '@halligan/format';
import fc from 'fast-check';
import {
  AUTHENTICATED_USERS,
  accessListOf,
  EVERYONE,
  mayDo,
  passesOn,
  RESET_PASSWORD,
  RIGHT,
  sidOf,
} from './security-descriptor.ts';

const ROTATOR = 'S-1-5-21-1-2-3-1105';
const ROTATOR_SID = Uint8Array.fromHex(
  '010500000000000515000000' + '01000000' + '02000000' + '03000000' + '51040000',
);
/** 00299570-246d-11d0-a768-00aa006e0529 as it stands in bytes. */
const RESET = Uint8Array.fromHex('70952900' + '6d24' + 'd011' + 'a768' + '00aa006e0529');
const token = new Set([ROTATOR, EVERYONE]);

interface Ace {
  readonly kind: number;
  readonly flags?: number;
  readonly mask: number;
  readonly type?: Uint8Array;
  readonly below?: Uint8Array;
}

function ace({ kind, flags = 0, mask, type, below }: Ace): Uint8Array {
  const present = (type === undefined ? 0 : 1) + (below === undefined ? 0 : 2);
  const typed =
    kind >= 5
      ? concat(u32(present), type ?? new Uint8Array(), below ?? new Uint8Array())
      : new Uint8Array();
  const rest = concat(u32(mask), typed, ROTATOR_SID);
  return concat(Uint8Array.of(kind, flags), u16(rest.length + 4), rest);
}

function descriptor(...entries: Uint8Array[]): Uint8Array {
  const list = concat(...entries);
  return concat(
    Uint8Array.of(1, 0),
    u16(0x8004),
    u32(0),
    u32(0),
    u32(0),
    u32(20),
    Uint8Array.of(4, 0),
    u16(8 + list.length),
    u16(entries.length),
    u16(0),
    list,
  );
}

const u16 = (value: number) => Uint8Array.of(value & 0xff, value >> 8);
const u32 = (value: number) => new Uint8Array(new Uint32Array([value]).buffer);
const listOf = (...entries: Ace[]) =>
  accessListOf(descriptor(...entries.map(ace))) ?? assert.fail('no list');
const mayReset = (...entries: Ace[]) =>
  mayDo(listOf(...entries), token, RIGHT.control, RESET_PASSWORD);

test('SIDs are spelled as Windows spells them', () => {
  assert.equal(sidOf(ROTATOR_SID), ROTATOR);
  assert.equal(sidOf(Uint8Array.fromHex('010100000000000100000000')), EVERYONE);
  assert.equal(sidOf(Uint8Array.fromHex('01010000000000050b000000')), AUTHENTICATED_USERS);
  for (const wrong of ['', '01', '02010000000000050b000000', '01020000000000050b000000'])
    assert.equal(sidOf(Uint8Array.fromHex(wrong)), undefined, wrong);
});

test('a right is over one thing or over everything, and the first entry about it decides', () => {
  const reset = { kind: 5, mask: RIGHT.control, type: RESET };
  assert.equal(mayReset(reset), true);
  assert.equal(mayReset({ ...reset, type: new Uint8Array(16) }), false, 'another right');
  assert.equal(mayReset({ kind: 0, mask: RIGHT.control }), true, 'every extended right');
  assert.equal(mayReset({ kind: 0, mask: 0x10000000 }), true, 'generic all');
  assert.equal(mayReset({ kind: 0, mask: RIGHT.writeProperty }), false);
  assert.equal(mayReset({ kind: 6, mask: RIGHT.control, type: RESET }, reset), false, 'denied');
  assert.equal(mayReset(reset, { kind: 6, mask: RIGHT.control, type: RESET }), true);
  assert.equal(mayReset({ ...reset, below: new Uint8Array(16) }), true, 'inherited');
  assert.equal(mayReset({ kind: 2, mask: RIGHT.control }), false, 'an audit rule');
  assert.equal(mayReset(), false);
  assert.equal(mayDo(listOf(reset), new Set(['S-1-1-0']), RIGHT.control, RESET_PASSWORD), false);
});

test('what only passes on is no right on the object, and the reverse', () => {
  const onward = { kind: 5, flags: 0x0a, mask: RIGHT.control, type: RESET };
  assert.equal(mayReset(onward), false);
  const passes = (entry: Ace) => passesOn(listOf(entry), token, RIGHT.control, RESET_PASSWORD);
  assert.equal(passes(onward), true);
  assert.equal(passes({ ...onward, flags: 0 }), false);
  assert.equal(passes({ ...onward, kind: 6 }), false);
});

test('without an access list everybody may do everything', () => {
  const none = descriptor();
  none[2] = 0;
  const list = accessListOf(none) ?? assert.fail('no list');
  assert.equal(mayDo(list, token, RIGHT.control, RESET_PASSWORD), true);
  assert.equal(mayDo(list, token, RIGHT.writeDacl), true);
});

test('no bytes make it read beyond them, or fail', () => {
  const whole = descriptor(
    ace({ kind: 5, mask: RIGHT.control, type: RESET, below: RESET }),
    ace({ kind: 1, mask: RIGHT.writeProperty }),
  );
  for (let length = 0; length < whole.length; length += 1)
    assert.equal(accessListOf(whole.slice(0, length)), undefined, String(length));
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
      const bent = Uint8Array.from(whole);
      bent[at] = byte;
      const list = accessListOf(bent);
      assert.ok(list === undefined || list.length <= 2 ** 16);
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const sid = sidOf(bytes);
      assert.ok(sid === undefined || /^S-1(-\d+)+$/.test(sid));
      accessListOf(concat(Uint8Array.of(1, 0, 4, 0), bytes));
    }),
  );
});
