import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { HalliganError } from '@halligan/format';

/** Milliseconds between two attempts, and after which the holder is taken to be stuck. */
const EVERY = 10;
const PATIENCE = 10_000;

/**
 * Runs `work` while no other process, and no other call in this one, is inside a lock on the same file. The lock is
 * an SQLite transaction: the kernel drops it when its holder dies, so that a killed rotator leaves nothing to clean.
 * @throws `systems.busy` when it was not to be had within ten seconds
 */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = await take(path);
  try {
    return await work();
  } finally {
    lock.close();
  }
}

async function take(path: string): Promise<DatabaseSync> {
  const giveUp = performance.now() + PATIENCE;
  for (;;) {
    const lock = openLock(path);
    try {
      lock.exec('BEGIN EXCLUSIVE');
      return lock;
    } catch (cause) {
      lock.close();
      if (performance.now() > giveUp) {
        throw new HalliganError(
          'systems.busy',
          'Another process is changing the practice system.',
          'Try again; if it stays so, look for a rotator that hangs.',
          { cause },
        );
      }
    }
    await pause(EVERY);
  }
}

function openLock(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path);
  } catch (cause) {
    throw new HalliganError(
      'systems.practice-missing',
      'There is no practice system in this folder, or it cannot be written.',
      'Make one with createPracticeSystem, or correct the folder in the inventory.',
      { cause },
    );
  }
}
