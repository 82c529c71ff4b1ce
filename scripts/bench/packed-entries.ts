/** Entries side by side in memory. Each thread has its own: what threads share is copied several times as slowly. */
export interface PackedEntries {
  readonly bytes: Uint8Array;
  /** Where each of them ends. */
  readonly ends: Float64Array;
}

export function packEntries(entries: readonly Uint8Array[]): PackedEntries {
  const size = entries.reduce((sum, entry) => sum + entry.length, 0);
  const bytes = new Uint8Array(size);
  const ends = new Float64Array(entries.length);
  let at = 0;
  for (const [index, entry] of entries.entries()) {
    bytes.set(entry, at);
    at += entry.length;
    ends[index] = at;
  }
  return { bytes, ends };
}

/** Entries `from` up to `to`, excluded, where they lie. */
export function* packedEntries(
  { bytes, ends }: PackedEntries,
  from: number,
  to: number,
): Generator<Uint8Array> {
  let begin = from === 0 ? 0 : (ends[from - 1] ?? 0);
  for (const end of ends.subarray(from, to)) {
    yield bytes.subarray(begin, end);
    begin = end;
  }
}
