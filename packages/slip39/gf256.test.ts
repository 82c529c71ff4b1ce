import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inverse, multiply } from './gf256.ts';

const elements = Array.from({ length: 256 }, (_, element) => element);

/** Multiplication the slow and obvious way: as polynomials, then the remainder by x⁸ + x⁴ + x³ + x + 1. */
function schoolbook(a: number, b: number): number {
  let product = 0;
  for (let bit = 0; bit < 8; bit += 1) if (b & (1 << bit)) product ^= a << bit;
  for (let bit = 14; bit >= 8; bit -= 1) if (product & (1 << bit)) product ^= 0x11b << (bit - 8);
  return product;
}

test('all 65536 products are those of schoolbook multiplication', () => {
  for (const a of elements)
    for (const b of elements) assert.equal(multiply(a, b), schoolbook(a, b));
});

test('every element but 0 has an inverse', () => {
  assert.equal(inverse(0), 0);
  for (const a of elements.slice(1)) assert.equal(multiply(a, inverse(a)), 1);
});

test('the example of FIPS 197 section 4.2: 57 · 83 = c1', () => {
  assert.equal(multiply(0x57, 0x83), 0xc1);
});
