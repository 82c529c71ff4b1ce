/**
 * Arithmetic in GF(256) with the polynomial x⁸ + x⁴ + x³ + x + 1 (SLIP-0039, "Shamir's secret sharing").
 * Every step is done for every operand, bit by bit: logarithm tables would be read at places that the secret
 * chooses, and a neighbour on the same machine can see which cache lines were touched.
 */

const REDUCTION = 0x1b;

/** The product of two elements, 0 to 255 each. No branch and no memory address depends on them. */
export function multiply(a: number, b: number): number {
  let product = 0;
  let shifted = a;
  for (let bit = 0; bit < 8; bit += 1) {
    product ^= shifted & -((b >>> bit) & 1);
    shifted = ((shifted << 1) & 0xff) ^ (REDUCTION & -(shifted >>> 7));
  }
  return product;
}

/** The element that multiplies `a` to 1, as a²⁵⁴; 0 for 0. */
export function inverse(a: number): number {
  let result = 1;
  let square = a;
  for (let bit = 1; bit < 8; bit += 1) {
    square = multiply(square, square);
    result = multiply(result, square);
  }
  return result;
}
