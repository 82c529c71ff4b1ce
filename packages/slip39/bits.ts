/**
 * Regroups a stream of bits, most significant first: numbers of `from` bits become numbers of `to` bits
 * (both at most 16). Bits that do not fill the last number are dropped.
 * @param lead zero bits put before the stream or, if negative, the number of its first bits left out.
 */
export function regroup(
  values: Iterable<number>,
  from: number,
  to: number,
  lead: number,
): readonly number[] {
  const mask = (1 << to) - 1;
  const regrouped: number[] = [];
  let pending = 0;
  let bits = lead;
  for (const value of values) {
    pending = (pending << from) | value;
    for (bits += from; bits >= to; bits -= to) regrouped.push((pending >>> (bits - to)) & mask);
    pending &= mask;
  }
  return regrouped;
}
