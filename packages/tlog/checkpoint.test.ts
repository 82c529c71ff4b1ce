import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HalliganError, hex } from '@halligan/format';
import fc from 'fast-check';
import {
  type Checkpoint,
  formatCheckpoint,
  generateNoteKey,
  MemoryTree,
  parseCheckpoint,
  signNote,
  verifyNote,
} from './index.ts';

const code = (expected: string) => (error: unknown) =>
  error instanceof HalliganError && error.code === expected && error.hint !== '';

const root = 'L6xGIG9BJ5WLe0paJgb2RVNCdNi6wVyMUVOfn9Oo/8s=';
const text = `go.sum database tree\n69959272\n${root}\n`;

test('a log signs its tree, a stranger reads the root back', async () => {
  const { signer, verifier } = await generateNoteKey('log.example/1');
  const tree = new MemoryTree([new Uint8Array(32).fill(5)]);
  const note = await signNote(
    formatCheckpoint({ origin: 'log.example/1', size: tree.size, root: tree.root() }),
    signer,
  );
  const read = parseCheckpoint((await verifyNote(note, [verifier])).text);
  assert.deepEqual(
    { ...read, root: hex(read.root) },
    { origin: 'log.example/1', size: 1, root: hex(tree.root()), extensions: [] },
  );
  assert.throws(() => parseCheckpoint(note), code('tlog.checkpoint-syntax'), 'with signatures');
});

test('extension lines are kept as they are', () => {
  const extended = `${text}one\n— two AAAA\n`;
  const read = parseCheckpoint(extended);
  assert.deepEqual(read.extensions, ['one', '— two AAAA']);
  assert.equal(formatCheckpoint(read), extended);
});

test('a size has one spelling and is exact', () => {
  for (const size of ['0', '1', '10', '9007199254740991']) {
    assert.equal(parseCheckpoint(`log\n${size}\n${root}\n`).size, Number(size));
  }
  for (const size of [
    '',
    '-1',
    '+1',
    '01',
    '00',
    '1.0',
    '1e3',
    '0x1',
    ' 1',
    '1 ',
    '１',
    '9007199254740992',
    '99999999999999999',
    '18446744073709551616',
  ]) {
    const wrong = `log\n${size}\n${root}\n`;
    assert.throws(() => parseCheckpoint(wrong), code('tlog.checkpoint-syntax'), size);
  }
});

test('anything else is no checkpoint', () => {
  for (const wrong of [
    '',
    '\n',
    '\n\n\n',
    'log\n',
    'log\n1\n',
    `log\n1\n${root}`,
    `\n1\n${root}\n`,
    `log\n1\n${root}\n\n`,
    `log\n1\n\n${root}\n`,
    `log\n1\n${root}\n\nextension\n`,
    `log\n1\n${root.slice(0, -1)}\n`,
    `log\n1\n${root.slice(4)}\n`,
    `log\n1\nAAAA${root}\n`,
    `log\n1\n${root.replace('8s=', '8t=')}\n`,
    `log\n1\n${root.replaceAll('/', '_')}\n`,
    `log\n1\n ${root}\n`,
    `log\r\n1\r\n${root}\r\n`,
    `l\u0000g\n1\n${root}\n`,
    `\ud800\n1\n${root}\n`,
    `log\n1\n${root}\n${'extension\n'.repeat(10_000)}`,
  ]) {
    const start = wrong.slice(0, 80);
    assert.throws(() => parseCheckpoint(wrong), code('tlog.checkpoint-syntax'), start);
  }
});

test('writes nothing that it would not read', () => {
  const right: Checkpoint = { origin: 'log', size: 1, root: new Uint8Array(32), extensions: [] };
  for (const wrong of [
    { origin: '' },
    { origin: 'two\nlines' },
    { origin: '\ud800' },
    { origin: 'a'.repeat(70_000) },
    { size: -1 },
    { size: 0.5 },
    { size: Number.NaN },
    { size: 2 ** 53 },
    { root: new Uint8Array(31) },
    { root: new Uint8Array(33) },
    { extensions: [''] },
    { extensions: ['two\nlines'] },
  ]) {
    assert.throws(
      () => formatCheckpoint({ ...right, ...wrong }),
      code('tlog.checkpoint-syntax'),
      JSON.stringify(wrong).slice(0, 80),
    );
  }
  assert.equal(formatCheckpoint({ ...right, size: -0 }).split('\n')[1], '0');
});

test('every checkpoint survives being written and read', () => {
  const line = fc
    .string({ unit: 'binary', minLength: 1 })
    .map((value) => value.replaceAll(/\p{Cc}/gu, '~'));
  const checkpoints = fc.record({
    origin: line,
    size: fc.maxSafeNat(),
    root: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    extensions: fc.array(line),
  });
  fc.assert(
    fc.property(checkpoints, (checkpoint) => {
      const read = parseCheckpoint(formatCheckpoint(checkpoint));
      assert.deepEqual(
        { ...read, root: hex(read.root) },
        { ...checkpoint, root: hex(checkpoint.root) },
      );
    }),
  );
});

test('random and mutated checkpoints parse to themselves or are refused as checkpoints', () => {
  const mutated = fc
    .tuple(
      fc.nat({ max: text.length }),
      fc.nat({ max: 3 }),
      fc.string({ unit: 'binary', maxLength: 3 }),
    )
    .map(([at, gone, put]) => text.slice(0, at) + put + text.slice(at + gone));
  const made = fc
    .array(fc.constantFrom('\n', 'log\n', '1\n', '0', `${root}\n`, ' ', '\u0000', '='))
    .map((parts) => parts.join(''));
  let parsed = 0;
  fc.assert(
    fc.property(fc.oneof(mutated, made, fc.string({ unit: 'binary' })), (candidate) => {
      try {
        assert.equal(formatCheckpoint(parseCheckpoint(candidate)), candidate);
        parsed += 1;
      } catch (error) {
        if (!code('tlog.checkpoint-syntax')(error)) throw error;
      }
    }),
    { numRuns: 4000, examples: [[text]] },
  );
  assert.ok(parsed > 100, `only ${parsed} of them were checkpoints`);
});
