export { Ballast } from './ballast.ts';
export { BlobStore, verifyBlob } from './blobs.ts';
export { copyDatabase, copyJournal } from './copy.ts';
export {
  isUnfinished,
  removeUnfinished,
  streamDurably,
  syncAll,
  writeFileDurably,
  writeFolderDurably,
  writeNewFileDurably,
} from './durable.ts';
export { encodeEntry, MAX_ENTRY_BYTES } from './entry.ts';
export { makeFolder, syncFolder } from './folder.ts';
export type {
  Checkpoint,
  Entry,
  EventGroup,
  Journal,
  JournalReader,
  Size,
} from './journal.ts';
export { readJournal } from './ledger.ts';
export { WriterLock } from './lock.ts';
export { programFile } from './program-file.ts';
export type { Sharing } from './range-threads.ts';
export type { Anchor } from './replay.ts';
export { openJournal, type SqliteJournal, type SqliteOptions } from './sqlite.ts';
