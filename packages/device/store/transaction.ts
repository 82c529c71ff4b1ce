import type { DatabaseSync } from 'node:sqlite';

/** Writes all that `work` writes, durably, or none of it. @throws what `failed` makes of a failure */
export function inTransaction(
  database: DatabaseSync,
  work: () => void,
  failed: (cause: unknown) => Error,
): void {
  try {
    database.exec('BEGIN IMMEDIATE');
    work();
    database.exec('COMMIT');
  } catch (cause) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw failed(cause);
  }
}
