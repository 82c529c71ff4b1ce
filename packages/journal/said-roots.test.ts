/** The short way to a checkpoint's root: what it takes, the parser takes, too, and says the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HalliganError, hex } from '@halligan/format';
import {
  formatCheckpoint,
  generateNoteKey,
  leafHash,
  parseCheckpoint,
  parseNote,
  signNote,
} from '@halligan/tlog';
import fc from 'fast-check';
import { SaidRoots } from './said-roots.ts';

const { signer } = await generateNoteKey('log.example');
const other = await generateNoteKey('other.example');
const SIZES = [0, 1, 9, 10, 12_345, Number.MAX_SAFE_INTEGER];
const root = leafHash(new Uint8Array(1));
const noteOf = (size: number, signers: readonly string[] = [signer], extensions: string[] = []) =>
  signNote(formatCheckpoint({ origin: 'log.example', size, root, extensions }), signers);
const ordinary = await Promise.all(SIZES.map((size) => noteOf(size)));
const others = await Promise.all([
  noteOf(7, [signer, other.signer]),
  noteOf(7, [other.signer]),
  noteOf(7, [signer], ['more']),
  noteOf(7, [signer], Array<string>(200).fill('long')),
]);

/** What the parser makes of it. */
function parsed(size: number, note: string): string {
  try {
    const said = parseCheckpoint(parseNote(note).text);
    return said.size === size ? hex(said.root) : 'refused';
  } catch (error) {
    assert.ok(error instanceof HalliganError);
    return 'refused';
  }
}

function short(roots: SaidRoots, size: number, note: string): string {
  const all = Buffer.alloc(3 * 32);
  try {
    roots.put(all, 32, { size, note });
  } catch (error) {
    assert.ok(error instanceof HalliganError);
    return 'refused';
  }
  assert.ok([...all.subarray(0, 32), ...all.subarray(64)].every((byte) => byte === 0));
  return hex(all.subarray(32, 64));
}

test('checkpoints of a journal, and others, one after the other', () => {
  const roots = new SaidRoots();
  for (const [at, note] of [...ordinary, ...others, ...ordinary].entries()) {
    const size = SIZES[at % (SIZES.length + others.length)] ?? 7;
    assert.equal(short(roots, size, note), hex(root), note);
    assert.equal(short(roots, size + 1, note), 'refused');
  }
});

test('whatever a note is changed to, it is taken as the parser takes it', () => {
  const text = fc.constantFrom(...ordinary, ...others);
  const piece = fc.oneof(
    fc.constantFrom('', '\n', '\n\n', '=', '==', 'A', 'B', '/', ' ', '—', '0', '\t', '\ud800', 'é'),
    fc.string({ maxLength: 4 }),
  );
  let taken = 0;
  fc.assert(
    fc.property(text, fc.nat(), fc.nat({ max: 3 }), piece, (note, at, gone, put) => {
      const roots = new SaidRoots();
      // One before, as a journal has: from then on the short way is open.
      short(roots, 1, ordinary[1] ?? '');
      // Most of what matters is near the end of a line.
      const ends = [...note.matchAll(/\n|$/g)].map(({ index }) => index);
      const from =
        at % 2 === 0 ? at % note.length : Math.max(0, (ends[at % ends.length] ?? 0) - (at % 4));
      const changed = note.slice(0, from) + put + note.slice(from + gone);
      const size = Number(/^[^\n]*\n([0-9]{1,15})\n/.exec(changed)?.[1] ?? 7);
      const said = parsed(size, changed);
      assert.equal(short(roots, size, changed), said, changed);
      if (said !== 'refused') taken += 1;
    }),
    { numRuns: 5000 },
  );
  assert.ok(taken > 100 && taken < 4900, `${taken} of 5000`);
});
