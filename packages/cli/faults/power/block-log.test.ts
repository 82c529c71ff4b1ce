import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { chances } from '../seeded.ts';
import { parseBlockLog, SECTOR } from './block-log.ts';
import { cutsOf } from './power-cut.ts';

const [FLUSH, FUA, DISCARD] = [1, 2, 4];

function superblock(): Buffer {
  const block = Buffer.alloc(SECTOR);
  block.write('rhswfsj', 'latin1');
  block.writeBigUInt64LE(1n, 8);
  block.writeUInt32LE(SECTOR, 24);
  return block;
}

/** A request for `count` sectors from `sector` on, as the recorder writes it. */
function request(sector: number, count: number, flags = 0): Buffer {
  const header = Buffer.alloc(SECTOR);
  header.writeBigUInt64LE(BigInt(sector), 0);
  header.writeBigUInt64LE(BigInt(count), 8);
  header.writeBigUInt64LE(BigInt(flags), 16);
  const data = (flags & DISCARD) === 0 ? count * SECTOR : 0;
  return Buffer.concat([header, Buffer.alloc(data, 7)]);
}

test('writes, flushes and discards in order, each with its place on the disk and in the log', () => {
  const log = Buffer.concat([
    superblock(),
    request(8, 2),
    request(0, 0, FLUSH),
    request(4, 1, FUA),
    request(100, 50, DISCARD),
  ]);
  assert.deepEqual(parseBlockLog(log), [
    { kind: 'write', at: 4096, length: 1024, from: 1024, end: 2048 },
    { kind: 'flush', at: 0, length: 0, from: 2560, end: 2560 },
    { kind: 'write', at: 2048, length: 512, from: 3072, end: 3584 },
    { kind: 'flush', at: 2048, length: 0, from: 3072, end: 3584 },
    { kind: 'discard', at: 51_200, length: 25_600, from: 4096, end: 4096 },
  ]);
});

test('a request that was half recorded is left out', () => {
  const whole = Buffer.concat([superblock(), request(1, 1, FLUSH), request(8, 4)]);
  for (let cut = SECTOR * 3; cut < whole.length; cut += 100)
    assert.equal(parseBlockLog(whole.subarray(0, cut)).length, 2);
});

test('anything else is refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
      assert.throws(() => parseBlockLog(Buffer.from(bytes)), { code: 'faults.block-log' });
    }),
  );
});

test('the power goes at every flush, and once between it and the next', () => {
  const log = Buffer.concat([
    superblock(),
    request(0, 1),
    request(0, 0, FLUSH),
    request(1, 1),
    request(2, 1),
    request(0, 0, FLUSH),
    request(3, 1),
  ]);
  const requests = parseBlockLog(log);
  const cuts = cutsOf(requests, log.length, chances('seed', 0));
  assert.deepEqual(
    cuts.filter(({ fate }, at) => at % 2 === 0 && fate === 'lost').map(({ after }) => after),
    [2, 5],
  );
  const [, between, , last] = cuts.map(({ after }) => after);
  assert.ok(between === 3 || between === 4, `${between}`);
  assert.equal(last, 6);
  // What was written while the disk was unmounted is no moment of the writers.
  assert.deepEqual(cutsOf(requests, 6 * SECTOR, chances('seed', 0)).at(-1)?.after, 3);
});
