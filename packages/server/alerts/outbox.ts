import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { HalliganError } from '@halligan/format';
import { copyDatabase, makeFolder } from '@halligan/journal';
import { z } from 'zod';
import { type Alert, alertSchema } from './alert.ts';

/** Most alerts that wait for one sink; beyond it the oldest is given up, and counted. */
const MOST_WAITING = 10_000;
/** How long a sink is tried with an alert, milliseconds. */
const PATIENCE = 3 * 86_400_000;
/** Alerts that are kept after they were delivered, for `halligan alert list`. */
const KEPT = 1000;

const SCHEMA = `
CREATE TABLE IF NOT EXISTS alert (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, made INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS delivery (
  seq INTEGER NOT NULL REFERENCES alert, sink TEXT NOT NULL, tries INTEGER NOT NULL, next INTEGER NOT NULL,
  delivered TEXT, given_up INTEGER NOT NULL, PRIMARY KEY (seq, sink)) STRICT;
CREATE INDEX IF NOT EXISTS waiting ON delivery (sink, seq) WHERE delivered IS NULL AND given_up = 0;
CREATE TABLE IF NOT EXISTS place (one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS fired (key TEXT PRIMARY KEY) STRICT;
CREATE TABLE IF NOT EXISTS proof (sink TEXT PRIMARY KEY, at TEXT NOT NULL) STRICT;
PRAGMA user_version = 1;
`;

/** An alert that waits for a sink. */
export interface Waiting {
  readonly seq: number;
  readonly alert: Alert;
  readonly tries: number;
  /** When to try, milliseconds since 1970. */
  readonly next: number;
}

const waitingRow = z.object({
  seq: z.int(),
  tries: z.int(),
  next: z.int(),
  body: z.string(),
});

/**
 * Alerts between the record and their receivers, in a database of their own: whatever is in it survives a killed server,
 * and is sent until a receiver has taken it. How far the record was read is kept in the same transaction as what came of
 * it: where a power cut takes the last of these transactions, the record is read again from there, and what was sent may
 * be sent once more, under the same id. So nobody waits for a disk but where an alert rests on no entry.
 */
export class Outbox {
  readonly #db: DatabaseSync;
  /** How many entries of the record were read. */
  #place: number;

  /** @param size the record's, where the box is new: what came before it is no news */
  constructor(folder: string, size: number) {
    try {
      this.#db = new DatabaseSync(databaseIn(folder));
      this.#db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
      this.#db.exec(SCHEMA);
    } catch (cause) {
      throw damaged(folder, cause);
    }
    this.#db.prepare('INSERT OR IGNORE INTO place VALUES (1, ?)').run(size);
    this.#place = this.#number('SELECT size AS n FROM place');
  }

  /** How many entries of the record were read. */
  get place(): number {
    return this.#place;
  }

  /** Takes in what some entries called for, together with how far the record was read. */
  takeIn(alerts: readonly Addressed[], place: number, now: number): void {
    this.#whole(() => {
      this.#insertAll(alerts, now);
      this.#db.prepare('UPDATE place SET size = ?').run(place);
    });
    this.#place = place;
  }

  /** Takes in alerts that rest on no entry, durably. What has this id already is not taken in again. */
  add(alerts: readonly Addressed[], now: number): void {
    if (alerts.length === 0) return;
    // In WAL mode a commit syncs all that was committed before it, too.
    this.#db.exec('PRAGMA synchronous = FULL');
    try {
      this.#whole(() => this.#insertAll(alerts, now));
    } finally {
      this.#db.exec('PRAGMA synchronous = NORMAL');
    }
  }

  /** Takes in alerts under keys: each key once, ever. Returns the keys that were new. */
  fire(keyed: readonly (Addressed & { readonly key: string })[], now: number): readonly string[] {
    return this.#whole(() => {
      const fresh = keyed.filter(({ key }) => {
        const insert = this.#db.prepare('INSERT OR IGNORE INTO fired VALUES (?)');
        return insert.run(key).changes !== 0;
      });
      this.#insertAll(fresh, now);
      return fresh.map(({ key }) => key);
    });
  }

  /** Forgets the keys of what is over. */
  forgetKeys(living: ReadonlySet<string>): void {
    const keys = this.#rows('SELECT key FROM fired', z.object({ key: z.string() }));
    const over = keys.filter(({ key }) => !living.has(key));
    if (over.length === 0) return;
    this.#whole(() => {
      for (const { key } of over) this.#db.prepare('DELETE FROM fired WHERE key = ?').run(key);
    });
  }

  /** What a sink is to be sent next: of what may be tried now, the oldest. */
  nextFor(sink: string, now: number): Waiting | undefined {
    const [row] = this.#rows(
      `SELECT seq, tries, next, body FROM delivery JOIN alert USING (seq)
       WHERE sink = ? AND delivered IS NULL AND given_up = 0 AND next <= ? ORDER BY seq LIMIT 1`,
      waitingRow,
      sink,
      now,
    );
    return row === undefined
      ? undefined
      : { ...row, alert: alertSchema.parse(JSON.parse(row.body)) };
  }

  /** When something waits for a sink next. */
  nextTime(sink: string): number | undefined {
    const [row] = this.#rows(
      `SELECT min(next) AS n FROM delivery WHERE sink = ? AND delivered IS NULL AND given_up = 0`,
      z.object({ n: z.int().nullable() }),
      sink,
    );
    return row?.n ?? undefined;
  }

  delivered(seq: number, sink: string, at: string): void {
    this.#db
      .prepare('UPDATE delivery SET delivered = ?, tries = tries + 1 WHERE seq = ? AND sink = ?')
      .run(at, seq, sink);
  }

  /** It failed: to be tried at `next`, unless it has waited too long. Returns whether it was given up. */
  failed(seq: number, sink: string, next: number, now: number): boolean {
    const made = this.#number('SELECT made AS n FROM alert WHERE seq = ?', seq);
    const over = now - made > PATIENCE;
    this.#db
      .prepare(
        'UPDATE delivery SET tries = tries + 1, next = ?, given_up = ? WHERE seq = ? AND sink = ?',
      )
      .run(next, over ? 1 : 0, seq, sink);
    return over;
  }

  /** A clock that was set back must not make alerts wait for hours: none waits longer than `longest`. */
  hurry(now: number, longest: number): void {
    this.#db
      .prepare('UPDATE delivery SET next = ? WHERE delivered IS NULL AND next > ?')
      .run(now, now + longest);
  }

  proven(sink: string, at: string): void {
    this.#db.prepare('INSERT OR REPLACE INTO proof VALUES (?, ?)').run(sink, at);
  }

  /** What a sink has done. */
  standing(sink: string): {
    readonly waiting: number;
    readonly givenUp: number;
    readonly delivered: number;
    readonly lastDelivered: string | null;
    readonly oldestWaiting: number | null;
    readonly proven: string | null;
  } {
    const [row] = this.#rows(
      `SELECT count(*) FILTER (WHERE delivered IS NULL AND given_up = 0) AS waiting,
              count(*) FILTER (WHERE given_up = 1) AS givenUp,
              count(*) FILTER (WHERE delivered IS NOT NULL) AS delivered,
              max(delivered) AS lastDelivered,
              min(made) FILTER (WHERE delivered IS NULL AND given_up = 0) AS oldestWaiting,
              (SELECT at FROM proof WHERE proof.sink = ?1) AS proven
       FROM delivery JOIN alert USING (seq) WHERE delivery.sink = ?1`,
      standingRow,
      sink,
    );
    if (row === undefined) throw new Error('an aggregate has one row');
    return row;
  }

  /** The last alerts, newest first. */
  last(most: number): readonly Alert[] {
    return this.#rows(
      'SELECT body FROM alert ORDER BY seq DESC LIMIT ?',
      z.object({ body: z.string() }),
      most,
    ).map(({ body }) => alertSchema.parse(JSON.parse(body)));
  }

  close(): void {
    this.#db.close();
  }

  #insertAll(alerts: readonly Addressed[], now: number): void {
    if (alerts.length === 0) return;
    const insert = this.#db.prepare(
      'INSERT OR IGNORE INTO alert (id, made, body) VALUES (?, ?, ?)',
    );
    const address = this.#db.prepare('INSERT INTO delivery VALUES (?, ?, 0, ?, NULL, 0)');
    for (const { alert, sinks } of alerts) {
      const { changes, lastInsertRowid } = insert.run(alert.id, now, JSON.stringify(alert));
      if (changes === 0) continue;
      for (const sink of sinks) address.run(lastInsertRowid, sink, now);
    }
    for (const sink of new Set(alerts.flatMap(({ sinks }) => sinks))) this.#bound(sink);
    this.#prune();
  }

  #bound(sink: string): void {
    this.#db
      .prepare(
        `UPDATE delivery SET given_up = 1 WHERE sink = ?1 AND seq IN (SELECT seq FROM delivery
         WHERE sink = ?1 AND delivered IS NULL AND given_up = 0 ORDER BY seq DESC LIMIT -1 OFFSET ?2)`,
      )
      .run(sink, MOST_WAITING);
  }

  #prune(): void {
    const old = `SELECT seq FROM alert WHERE seq <= (SELECT max(seq) FROM alert) - ${KEPT}
      AND NOT EXISTS (SELECT 1 FROM delivery WHERE delivery.seq = alert.seq AND delivered IS NULL AND given_up = 0)`;
    this.#db.exec(`DELETE FROM delivery WHERE seq IN (${old})`);
    this.#db.exec(
      `DELETE FROM alert WHERE seq <= (SELECT max(seq) FROM alert) - ${KEPT}
       AND NOT EXISTS (SELECT 1 FROM delivery WHERE delivery.seq = alert.seq)`,
    );
  }

  #whole<T>(work: () => T): T {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const done = work();
      this.#db.exec('COMMIT');
      return done;
    } catch (cause) {
      this.#db.exec('ROLLBACK');
      throw cause;
    }
  }

  #rows<S extends z.ZodType>(
    sql: string,
    shape: S,
    ...values: readonly (string | number)[]
  ): readonly z.output<S>[] {
    return z.array(shape).parse(this.#db.prepare(sql).all(...values));
  }

  #number(sql: string, ...values: readonly (string | number)[]): number {
    return this.#rows(sql, z.object({ n: z.int() }), ...values)[0]?.n ?? 0;
  }
}

/** An alert with the names of the sinks that it goes to. */
export interface Addressed {
  readonly alert: Alert;
  readonly sinks: readonly string[];
}

const standingRow = z.object({
  waiting: z.int(),
  givenUp: z.int(),
  delivered: z.int(),
  lastDelivered: z.string().nullable(),
  oldestWaiting: z.int().nullable(),
  proven: z.string().nullable(),
});

/**
 * Copies an outbox, beside a running server, as it stands at one moment; nothing where there is none yet.
 * @param target made if missing
 * @throws `alert.outbox`
 */
export async function copyOutbox(folder: string, target: string): Promise<void> {
  if (!existsSync(databaseIn(folder))) return;
  try {
    makeFolder(target);
    await copyDatabase(databaseIn(folder), databaseIn(target));
  } catch (cause) {
    throw damaged(folder, cause);
  }
}

function databaseIn(folder: string): string {
  return join(folder, 'outbox.db');
}

function damaged(folder: string, cause: unknown): HalliganError {
  return new HalliganError(
    'alert.outbox',
    `The outbox in ${folder} cannot be opened.`,
    'Move that folder away: alerts that were on their way are lost, and new ones are sent.',
    { cause },
  );
}
