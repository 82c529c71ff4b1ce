import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HalliganError } from '@halligan/format';
import { GroupCommit } from './group-commit.ts';
import type { Checkpoint } from './journal.ts';

const entry = (length = 1): Uint8Array => new Uint8Array(length);

/** A commit that the test finishes by hand, so that it can see what waits meanwhile. */
class ByHand {
  readonly batches: { readonly first: number; readonly entries: number }[] = [];
  #begun = Promise.withResolvers<void>();
  #finish = Promise.withResolvers<void>();

  readonly commit = async (batch: readonly Uint8Array[], first: number): Promise<Checkpoint> => {
    this.batches.push({ first, entries: batch.length });
    this.#begun.resolve();
    const { promise } = this.#finish;
    await promise;
    return { size: first + batch.length, root: entry(32), note: '' };
  };

  /** Waits for a commit to begin, and has it succeed or fail. */
  async next(error?: Error, meanwhile: () => void = () => {}): Promise<void> {
    await this.#begun.promise;
    this.#begun = Promise.withResolvers();
    const finish = this.#finish;
    this.#finish = Promise.withResolvers();
    meanwhile();
    if (error === undefined) finish.resolve();
    else finish.reject(error);
  }
}

test('what is asked for while a commit runs shares the next one', async () => {
  const hand = new ByHand();
  const commits = new GroupCommit(7, hand.commit);
  const appended = [commits.append([entry()], 7), commits.append([entry(), entry()], 8)];
  await hand.next(undefined, () => {
    for (let size = 10; size < 15; size += 1) appended.push(commits.append([entry()], size));
  });
  await hand.next();
  const sizes = (await Promise.all(appended)).map(({ size }) => size);
  assert.deepEqual(sizes, [10, 10, 15, 15, 15, 15, 15]);
  assert.deepEqual(hand.batches, [
    { first: 7, entries: 3 },
    { first: 10, entries: 5 },
  ]);
});

test('a commit that fails takes everything behind it along, and nothing else', async () => {
  const hand = new ByHand();
  const commits = new GroupCommit(0, hand.commit);
  const kept = commits.append([entry()], 0);
  await hand.next();
  await kept;
  const failed = [commits.append([entry()], 1), commits.append([entry()], 2)];
  await hand.next(new HalliganError('journal.full', 'The disk is full.', 'Free space.'), () => {
    failed.push(commits.append([entry()], 3));
  });
  for (const appended of failed) {
    await assert.rejects(appended, {
      code: 'journal.commit-failed',
      message:
        'Nothing of this was recorded; the size of the journal is still 1. The disk is full.',
      hint: 'Free space.',
    });
  }
  await assert.rejects(commits.append([entry()], 4), { code: 'journal.conflict' });
  const again = commits.append([entry()], 1);
  await hand.next();
  assert.equal((await again).size, 2);
  assert.equal(hand.batches.length, 3);
});

test('a transaction stays short, but an append is never split', async () => {
  const hand = new ByHand();
  const commits = new GroupCommit(0, hand.commit);
  const many = (count: number) => Array.from({ length: count }, () => entry());
  const appended = [commits.append(many(6000), 0), commits.append(many(6000), 6000)];
  appended.push(commits.append(many(15_000), 12_000));
  appended.push(
    commits.append([entry(12 << 20)], 27_000),
    commits.append([entry(12 << 20)], 27_001),
  );
  for (let at = 0; at < 5; at += 1) await hand.next();
  await Promise.all(appended);
  assert.deepEqual(
    hand.batches.map(({ entries }) => entries),
    [6000, 6000, 15_000, 1, 1],
  );
});

test('closing waits for what was asked for, and takes no more', async () => {
  const hand = new ByHand();
  const commits = new GroupCommit(0, hand.commit);
  const appended = commits.append([entry()], 0);
  let closed = false;
  const closing = commits.close().then(() => {
    closed = true;
  });
  await assert.rejects(commits.append([entry()], 1), { code: 'journal.closed' });
  await hand.next(undefined, () => assert.equal(closed, false));
  await Promise.all([appended, closing]);
});
