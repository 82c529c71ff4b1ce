import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { all, groups, inFolder, marks } from './fixture.ts';
import type { Journal } from './journal.ts';

/** The part of the contract that is about time: opening again, following, closing, one writer at a time. */
export function lifeContract(
  open: (folder: string) => Promise<Journal>,
  inJournal: (work: (journal: Journal, folder: string) => Promise<void>) => () => Promise<void>,
): void {
  test('is the same after it was opened again', () =>
    inFolder(async (folder) => {
      const first = await open(folder);
      await first.append(groups('a', 'b', 'c'), 0);
      const before = first.checkpoint();
      await first.close();
      const second = await open(folder);
      assert.deepEqual(second.checkpoint(), before);
      assert.deepEqual(await marks(second.read(0)), ['a', 'b', 'c']);
      await second.append(groups('d'), 3);
      assert.deepEqual(await marks(second.read(2)), ['c', 'd']);
      await second.close();
    }));

  test(
    'follows: what is there, then what comes, each durable',
    { timeout: 20_000 },
    inJournal(async (journal) => {
      await journal.append(groups(0, 1), 0);
      const seen: number[] = [];
      const stop = new AbortController();
      const following = (async () => {
        for await (const { index } of journal.follow(1, stop.signal)) {
          assert.ok(journal.checkpoint().size > index);
          seen.push(index);
          if (index === 6) stop.abort();
        }
      })();
      for (let size = 2; size < 7; size += 1) await journal.append(groups(size), size);
      await following;
      assert.deepEqual(seen, [1, 2, 3, 4, 5, 6]);
      assert.equal(getEventListeners(stop.signal, 'abort').length, 0);
    }),
  );

  test(
    'wakes whoever follows while nothing happens',
    { timeout: 20_000 },
    inJournal(async (journal) => {
      const stop = new AbortController();
      const following = journal.follow(0, stop.signal)[Symbol.asyncIterator]();
      const waiting = following.next();
      await journal.append(groups('a'), 0);
      assert.equal((await waiting).value?.index, 0);
      const aborted = following.next();
      stop.abort();
      assert.deepEqual(await aborted, { done: true, value: undefined });
      assert.deepEqual(await all(journal.follow(0, stop.signal)), []);
      assert.equal(getEventListeners(stop.signal, 'abort').length, 0);
    }),
  );

  test(
    'refuses to follow from beyond its end',
    inJournal(async (journal) => {
      const { signal } = new AbortController();
      await assert.rejects(all(journal.follow(1, signal)), { code: 'journal.range' });
    }),
  );

  test(
    'closes: commits what is pending, ends followers, refuses the rest',
    { timeout: 20_000 },
    () =>
      inFolder(async (folder) => {
        const journal = await open(folder);
        const { signal } = new AbortController();
        const following = marks(journal.follow(0, signal));
        const appended = journal.append(groups('a'), 0);
        const closing = journal.close();
        await assert.rejects(journal.append(groups('b'), 1), { code: 'journal.closed' });
        await Promise.all([appended, closing, following, journal.close()]);
        await assert.rejects(journal.append(groups('b'), 1), { code: 'journal.closed' });
        await assert.rejects(all(journal.read(0)), { code: 'journal.closed' });
        const again = await open(folder);
        assert.deepEqual(await marks(again.read(0)), ['a']);
        await again.close();
      }),
  );

  test(
    'has one writer',
    inJournal(async (journal, folder) => {
      await assert.rejects(open(folder), { code: 'journal.locked' });
      await journal.append(groups('a'), 0);
      await journal.close();
      const next = await open(folder);
      await next.append(groups('b'), 1);
      await next.close();
    }),
  );
}
