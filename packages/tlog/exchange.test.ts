import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8 } from '@halligan/format';
import fc from 'fast-check';
import {
  formatAddCheckpoint,
  formatEntryProof,
  parseAddCheckpoint,
  parseEntryProof,
} from './index.ts';

const NOTE = 'log.example/1\n3\nx\n\n— log.example/1 AAAAAAA=\n';
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const proof = fc.array(hash, { maxLength: 63 });
const size = fc.nat(2 ** 50);

/** What is refused is refused by a code of this room's; what is not is written as it was read. */
function soleSpelling<T>(text: string, parse: (text: string) => T, format: (parsed: T) => string) {
  let parsed: T;
  try {
    parsed = parse(text);
  } catch (error) {
    assert.ok(error instanceof Error && 'code' in error && /^tlog\./.test(String(error.code)));
    return;
  }
  assert.equal(format(parsed), text);
}

/** Texts that are nearly right: lines swapped, doubled, cut and altered. */
function near(text: string): fc.Arbitrary<string> {
  const lines = text.split('\n');
  const line = fc.oneof(
    fc.constantFrom(...lines),
    fc.string(),
    fc.constantFrom('old 01', 'index -1', 'extra ', 'old 9007199254740993'),
  );
  return fc
    .tuple(fc.nat(lines.length), fc.nat(3), fc.array(line, { maxLength: 3 }))
    .map(([at, cut, put]) => [...lines.slice(0, at), ...put, ...lines.slice(at + cut)].join('\n'));
}

test('a request to cosign is read as it was written', () => {
  fc.assert(
    fc.property(size, proof, (oldSize, hashes) => {
      const request = { oldSize, proof: hashes, note: NOTE };
      assert.deepEqual(parseAddCheckpoint(formatAddCheckpoint(request)), request);
    }),
  );
  const written = formatAddCheckpoint({ oldSize: 2, proof: [new Uint8Array(32)], note: NOTE });
  assert.equal(written, `old 2\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n${NOTE}`);
  fc.assert(
    fc.property(near(written), (text) =>
      soleSpelling(text, parseAddCheckpoint, formatAddCheckpoint),
    ),
    { numRuns: 1000 },
  );
});

test('a request of more than 63 hashes is refused', () => {
  const long = Array.from({ length: 64 }, () => new Uint8Array(32));
  assert.throws(
    () => parseAddCheckpoint(formatAddCheckpoint({ oldSize: 1, proof: long, note: NOTE })),
    {
      code: 'tlog.add-checkpoint',
    },
  );
});

test('a .tlog-proof is read as it was written', () => {
  const extra = fc.option(fc.uint8Array({ maxLength: 200 }), { nil: undefined });
  fc.assert(
    fc.property(size, proof, extra, (index, hashes, given) => {
      const one = {
        index,
        proof: hashes,
        checkpoint: NOTE,
        ...(given === undefined ? {} : { extra: given }),
      };
      assert.deepEqual(parseEntryProof(formatEntryProof(one)), one);
    }),
  );
  const written = formatEntryProof({
    index: 1,
    proof: [new Uint8Array(32)],
    checkpoint: NOTE,
    extra: utf8('{}'),
  });
  assert.equal(
    written,
    `c2sp.org/tlog-proof@v1\nextra e30=\nindex 1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n${NOTE}`,
  );
  fc.assert(
    fc.property(near(written), (text) => soleSpelling(text, parseEntryProof, formatEntryProof)),
    { numRuns: 1000 },
  );
});
