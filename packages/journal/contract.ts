import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hex } from '@halligan/format';
import {
  leafHash,
  parseCheckpoint,
  rootHash,
  verifyConsistency,
  verifyInclusion,
  verifyNote,
} from '@halligan/tlog';
import fc from 'fast-check';
import { lifeContract } from './contract-life.ts';
import { all, group, groups, inFolder, marks } from './fixture.ts';
import type { Checkpoint, Entry, Journal } from './journal.ts';

/**
 * What every driver of the journal must keep to. A driver's test file calls this and adds tests of its own storage.
 * @param open opens the journal of an empty or used folder to write, always under the same key
 * @param verifier that key's verifier key
 */
export function journalContract(
  name: string,
  open: (folder: string) => Promise<Journal>,
  verifier: string,
): void {
  const inJournal = (work: (journal: Journal, folder: string) => Promise<void>) => () =>
    inFolder(async (folder) => {
      const journal = await open(folder);
      try {
        await work(journal, folder);
      } finally {
        await journal.close();
      }
    });

  describe(`journal contract: ${name}`, () => {
    test(
      'begins empty, with a signed checkpoint',
      inJournal(async (journal) => {
        assert.deepEqual(await all(journal.read(0)), []);
        await requireCheckpoint(journal.checkpoint(), [], journal.origin);
      }),
    );

    test(
      'keeps entries in order, under signed checkpoints',
      inJournal(async (journal) => {
        await journal.append(groups('a', 'b'), 0);
        const checkpoint = await journal.append(groups('c'), 2);
        assert.deepEqual(await marks(journal.read(0)), ['a', 'b', 'c']);
        const entries = await all(journal.read(0));
        assert.deepEqual(
          entries.map(({ index }) => index),
          [0, 1, 2],
        );
        await requireCheckpoint(checkpoint, entries, journal.origin);
        assert.deepEqual(journal.checkpoint(), checkpoint);
      }),
    );

    test(
      'stores canonical bytes of what was given, as it was when given',
      inJournal(async (journal) => {
        const events = [{ type: 'b', at: 'x' }];
        const appended = journal.append([{ input: { z: 1, a: 'é' }, events }], 0);
        events.push({ type: 'too late', at: 'y' });
        await appended;
        const [entry] = await all(journal.read(0));
        assert.equal(
          new TextDecoder().decode(entry?.bytes),
          '{"events":[{"at":"x","type":"b"}],"input":{"a":"é","z":1},"v":"halligan/group/v1"}',
        );
        assert.deepEqual(entry?.group, {
          input: { a: 'é', z: 1 },
          events: [{ at: 'x', type: 'b' }],
        });
      }),
    );

    test(
      'reads ranges and refuses what lies outside',
      inJournal(async (journal) => {
        await journal.append(groups(0, 1, 2, 3, 4), 0);
        assert.deepEqual(await marks(journal.read(1, 4)), [1, 2, 3]);
        assert.deepEqual(await marks(journal.read(3)), [3, 4]);
        assert.deepEqual(await marks(journal.read(5)), []);
        for (const [from, to] of [[6], [0, 6], [-1], [0.5], [3, 2]] as const) {
          await assert.rejects(all(journal.read(from ?? 0, to)), { code: 'journal.range' });
        }
      }),
    );

    test(
      'reads long journals whole',
      inJournal(async (journal) => {
        const long = Array.from({ length: 1500 }, (_, mark) => mark);
        await journal.append(groups(...long), 0);
        assert.deepEqual(await marks(journal.read(0)), long);
      }),
    );

    test(
      'refuses what was decided on another size',
      inJournal(async (journal) => {
        await journal.append(groups('a'), 0);
        for (const expect of [0, 2, -1, 0.5, Number.NaN]) {
          await assert.rejects(journal.append(groups('x'), expect), { code: 'journal.conflict' });
        }
        await journal.append(groups('b'), 1);
        assert.deepEqual(await marks(journal.read(0)), ['a', 'b']);
      }),
    );

    test(
      'counts what is pending',
      inJournal(async (journal) => {
        const first = journal.append(groups('a', 'b'), 0);
        const conflicting = journal.append(groups('x'), 0);
        const second = journal.append(groups('c'), 2);
        await assert.rejects(conflicting, { code: 'journal.conflict' });
        await Promise.all([first, second]);
        assert.deepEqual(await marks(journal.read(0)), ['a', 'b', 'c']);
      }),
    );

    test(
      'takes an append of nothing',
      inJournal(async (journal) => {
        const first = journal.append(groups('a'), 0);
        assert.equal((await journal.append([], 1)).size, 1);
        await first;
        await assert.rejects(journal.append([], 0), { code: 'journal.conflict' });
      }),
    );

    test(
      'refuses an entry beyond 65,535 bytes before anything is written',
      inJournal(async (journal) => {
        const frame = '{"events":[],"input":"","v":"halligan/group/v1"}'.length;
        const largest = { input: 'x'.repeat(65_535 - frame), events: [] };
        const larger = { input: 'x'.repeat(65_536 - frame), events: [] };
        await assert.rejects(journal.append([group('a'), larger, group('b')], 0), {
          code: 'journal.entry-too-large',
        });
        assert.equal(journal.checkpoint().size, 0);
        await journal.append([largest], 0);
        assert.equal((await all(journal.read(0)))[0]?.bytes.length, 65_535);
      }),
    );

    test(
      'refuses what JSON cannot carry before anything is written',
      inJournal(async (journal) => {
        const appended = journal.append([group('a'), { input: Number.NaN, events: [] }], 0);
        await assert.rejects(appended, { code: 'format.json' });
        await journal.append(groups('b'), 0);
        assert.deepEqual(await marks(journal.read(0)), ['b']);
      }),
    );

    test(
      'shows nothing that is not durable',
      inJournal(async (journal) => {
        const appended = journal.append(groups('a'), 0);
        assert.equal(journal.checkpoint().size, 0);
        assert.deepEqual(await marks(journal.read(0)), []);
        await appended;
        assert.equal(journal.checkpoint().size, 1);
      }),
    );

    test(
      'commits together what is asked for together',
      inJournal(async (journal) => {
        const sizes = await Promise.all(
          Array.from(
            { length: 40 },
            async (_, mark) => (await journal.append(groups(mark), mark)).size,
          ),
        );
        assert.deepEqual(new Set(sizes), new Set([40]));
        assert.deepEqual(
          await marks(journal.read(0)),
          Array.from({ length: 40 }, (_, mark) => mark),
        );
      }),
    );

    test(
      'keeps the order of many writers',
      inJournal(async (journal) => {
        let size = 0;
        const written: string[] = [];
        const write = async (writer: number) => {
          for (let round = 0; round < 20; round += 1) {
            const expect = size;
            size += 2;
            written.push(`${writer}.${round}.a`, `${writer}.${round}.b`);
            const checkpoint = await journal.append(groups(...written.slice(-2)), expect);
            assert.ok(checkpoint.size >= expect + 2);
          }
        };
        await Promise.all([0, 1, 2, 3, 4].map(write));
        assert.deepEqual(await marks(journal.read(0)), written);
      }),
    );

    test(
      'proves every entry and every growth',
      inJournal(async (journal) => {
        const checkpoints = [journal.checkpoint()];
        for (let size = 0; size < 9; size += 1) {
          checkpoints.push(await journal.append(groups(size), size));
        }
        const entries = await all(journal.read(0));
        for (const { size, root } of checkpoints) {
          for (const { index, bytes } of entries.slice(0, size)) {
            const proof = journal.inclusionProof(index, size);
            verifyInclusion({ leafHash: leafHash(bytes), index, size, proof, root });
          }
          for (const { size: size2, root: root2 } of checkpoints.slice(size)) {
            const proof = journal.consistencyProof(size, size2);
            verifyConsistency({ size1: size, size2, proof, root1: root, root2 });
          }
        }
      }),
    );

    test(
      'refuses proofs of what is not durable',
      inJournal(async (journal) => {
        const appended = journal.append(groups('a', 'b'), 0);
        assert.throws(() => journal.inclusionProof(0, 1), { code: 'journal.range' });
        await appended;
        for (const [index, size] of [
          [2, 2],
          [0, 3],
          [-1, 1],
          [0, 0],
          [0.5, 2],
        ] as const) {
          assert.throws(() => journal.inclusionProof(index, size), { code: 'journal.range' });
        }
        for (const [size1, size2] of [
          [2, 1],
          [0, 3],
          [-1, 1],
        ] as const) {
          assert.throws(() => journal.consistencyProof(size1, size2), { code: 'journal.range' });
        }
      }),
    );

    lifeContract(open, inJournal);

    test('agrees with a list, whatever is done to it', async () => {
      const step = fc.oneof(
        { weight: 6, arbitrary: fc.record({ append: fc.nat(4), late: fc.boolean() }) },
        { weight: 1, arbitrary: fc.constant('settle' as const) },
        { weight: 1, arbitrary: fc.constant('reopen' as const) },
      );
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 25 }), (steps) =>
          inFolder(async (folder) => {
            let journal = await open(folder);
            const model: number[] = [];
            let pending: Promise<unknown>[] = [];
            for (const [mark, step] of steps.entries()) {
              if (typeof step !== 'string') {
                const batch = Array.from({ length: step.append }, () => mark);
                const appended = journal.append(
                  groups(...batch),
                  model.length + (step.late ? 1 : 0),
                );
                pending.push(
                  step.late ? assert.rejects(appended, { code: 'journal.conflict' }) : appended,
                );
                if (!step.late) model.push(...batch);
                continue;
              }
              await Promise.all(pending);
              pending = [];
              if (step === 'reopen') {
                await journal.close();
                journal = await open(folder);
              }
              assert.deepEqual(await marks(journal.read(0)), model);
            }
            await Promise.all(pending);
            assert.deepEqual(await marks(journal.read(0)), model);
            await requireCheckpoint(
              journal.checkpoint(),
              await all(journal.read(0)),
              journal.origin,
            );
            await journal.close();
          }),
        ),
        { numRuns: 15 },
      );
    });
  });

  async function requireCheckpoint(
    { size, root, note }: Checkpoint,
    entries: readonly Entry[],
    origin: string,
  ): Promise<void> {
    const { text } = await verifyNote(note, [verifier]);
    const said = parseCheckpoint(text);
    assert.equal(said.origin, origin);
    assert.equal(said.size, size);
    assert.equal(size, entries.length);
    assert.equal(hex(said.root), hex(root));
    assert.equal(hex(root), hex(rootHash(entries.map(({ bytes }) => bytes))));
  }
}
