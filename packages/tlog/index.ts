export { type AddCheckpoint, formatAddCheckpoint, parseAddCheckpoint } from './add-checkpoint.ts';
export { type Checkpoint, formatCheckpoint, parseCheckpoint } from './checkpoint.ts';
export { type Cosigned, cosignedBy, cosignersOf } from './cosigners.ts';
export { type EntryProof, formatEntryProof, parseEntryProof } from './entry-proof.ts';
export { emptyRoot, HASH_SIZE, leafHash, nodeHash } from './hash.ts';
export { logKeysOf, verifyLogNote } from './log-key.ts';
export { MemoryTree } from './memory-tree.ts';
export {
  formatNote,
  type Note,
  type NoteSignature,
  parseNote,
  signNote,
  type VerifiedNote,
  verifyNote,
  verifySignatures,
} from './note.ts';
export {
  generateNoteKey,
  type NoteSigner,
  noteSigner,
  parseVerifierKey,
  type VerifierKey,
  verifierOf,
} from './note-key.ts';
export { type Consistency, type Inclusion, verifyConsistency, verifyInclusion } from './proof.ts';
export { consistencyProof, inclusionProof, type NodeHashes, rootAt } from './proving.ts';
export type { NoteKeyType } from './signature-type.ts';
export {
  bundleBytes,
  hasTile,
  parseBundle,
  parseTile,
  parseTilePath,
  TILE_WIDTH,
  type Tile,
  tileBytes,
  tilePath,
  tilesOf,
} from './tile.ts';
export { type ReadTile, readEntries, readTileTree } from './tile-tree.ts';
export { type Frontier, rootHash, rootOfHashes, Tree } from './tree.ts';
