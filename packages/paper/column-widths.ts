/** What a column of a table would take, in points. */
export interface Asked {
  /** Of its longest word: narrower, and words are broken. */
  readonly word: number;
  /** Of its longest cell on one line. */
  readonly whole: number;
}

/**
 * Widths of columns that fill no more than `room`: each as wide as its longest cell where all fit; else each first as wide
 * as its longest word, and the rest by what they have to say. A word so long that the words alone do not fit (a
 * digest, or what somebody wrote to push others out) takes no more than its even share.
 */
export function columnWidths(asked: readonly Asked[], room: number): readonly number[] {
  const whole = sum(asked.map((one) => one.whole));
  if (whole <= room) return asked.map((one) => one.whole);
  const words = sum(asked.map((one) => one.word));
  const share = room / asked.length;
  const least = asked.map(({ word }) => (words <= room ? word : Math.min(word, share)));
  const spare = room - sum(least);
  const wishes = asked.map((one, at) => Math.max(0, one.whole - (least[at] ?? 0)));
  const wished = sum(wishes);
  return least.map((one, at) =>
    wished === 0 ? one + spare / asked.length : one + (spare * (wishes[at] ?? 0)) / wished,
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}
