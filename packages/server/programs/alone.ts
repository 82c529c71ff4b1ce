import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { HalliganError } from '@halligan/format';

/** How long a rotator waits for one before it, milliseconds: longer than a system may take for its answer. */
const PATIENCE = 120_000;

/** Kept as long as the process lives: what is collected is closed. */
const held: DatabaseSync[] = [];

/**
 * Waits until no other process works with these keys, and keeps others waiting until this one has ended. A rotator
 * outlives a server that was killed: between “set” and its answer it may still set its password, and the rotator of the
 * restarted server must come after it, not at the same time. The kernel lets go of it when its holder dies.
 * @param folder of the program's keys
 * @throws `server.busy` when the one before did not end in time
 */
export function workAlone(folder: string, patience: number = PATIENCE): void {
  const path = join(folder, 'alone.db');
  const lock = new DatabaseSync(path, { timeout: patience });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    throw new HalliganError(
      'server.busy',
      'Another rotator still works with these keys.',
      'It was left by a server that was killed, and hangs. Look for it, and end it.',
      { cause },
    );
  }
  chmodSync(path, 0o600);
  held.push(lock);
}
