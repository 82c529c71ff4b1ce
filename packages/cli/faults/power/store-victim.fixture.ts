/**
 * A victim of `power-loss`: writes to every kind of store that the journal's room offers, from several writers at once,
 * and says what was acknowledged. `store-victim.fixture.ts FOLDER LOG ROUNDS [DEFECT]`; the log's key comes on standard
 * input. A DEFECT is what a careless program would do, for a test that must notice it.
 */
import fs, { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { hex, sha256, utf8 } from '@halligan/format';
import {
  BlobStore,
  type EventGroup,
  encodeEntry,
  openJournal,
  writeFileDurably,
  writeFolderDurably,
} from '@halligan/journal';
import { leafHash } from '@halligan/tlog';
import { chances } from '../seeded.ts';
import { witness } from './promise.ts';

const [folder = '', log = '', rounds = '1', defect = 'none'] = process.argv.slice(2);
const acknowledged = witness(log);
plant(defect);
const journal = await openJournal({
  folder: join(folder, 'journal'),
  signer: readFileSync(0, 'utf8').trim(),
  ballast: 1 << 20,
});
const blobs = await BlobStore.open(join(folder, 'blobs'), journal.ballast);
const seals = join(folder, 'seals');
await mkdir(seals, { recursive: true });
let size = journal.checkpoint().size;
await Promise.all(
  Array.from({ length: 6 }, (_, writer) => append(writer)).concat(keep(), replace()),
);
await journal.close();

async function append(writer: number): Promise<void> {
  for (let round = 0; round < Number(rounds); round += 1) {
    const { below } = chances(`entries ${writer}`, round);
    const groups = Array.from({ length: 1 + below(4, 'groups') }, (_, at): EventGroup => {
      const length = below(40, `large ${at}`) === 0 ? 60_000 : below(1500, `length ${at}`);
      return { input: { writer, round, at }, events: [{ text: 'x'.repeat(length) }] };
    });
    const first = size;
    size += groups.length;
    await journal.append(groups, first);
    acknowledged(
      ...groups.map((group, at) => ({
        entry: first + at,
        leaf: hex(leafHash(encodeEntry(group))),
      })),
    );
  }
}

/** Blobs, and folders as seals are. */
async function keep(): Promise<void> {
  for (let round = 0; round < Number(rounds); round += 1) {
    const { below } = chances('blobs', round);
    const bytes = Buffer.alloc(1 + below(20_000, 'length'), `blob ${round} `);
    acknowledged({ blob: await blobs.put(bytes) });
    const name = `seal-${round}`;
    const files = new Map([
      ['seal.json', utf8(`{"round":${round}}`)],
      ['shares/standard/ana.age', bytes],
    ]);
    await writeFolderDurably(seals, name, files);
    acknowledged({ folder: name, digest: hex(sha256(bytes)) });
  }
}

/** A file that is replaced, as settings and a device's memory are. */
async function replace(): Promise<void> {
  for (let number = 0; number < Number(rounds); number += 1) {
    const text = `${number} ${'.'.repeat(number * 37)} ${number}`;
    await writeFileDurably(join(folder, 'settings'), utf8(text));
    acknowledged({ file: 'settings', number });
  }
}

/** Makes this process careless in one way. */
function plant(name: string): void {
  if (name === 'commits-unsynced' || name === 'commits-synced-sometimes') {
    const level = name === 'commits-unsynced' ? 'OFF' : 'NORMAL';
    const exec = DatabaseSync.prototype.exec;
    DatabaseSync.prototype.exec = function careless(this: DatabaseSync, sql: string) {
      exec.call(this, sql.replace('synchronous = FULL', `synchronous = ${level}`));
    };
  } else if (name === 'names-unsynced') {
    fs.fsyncSync = () => undefined;
    syncBuiltinESMExports();
  } else if (name !== 'none') {
    throw new Error(`no such defect: ${name}`);
  }
}
