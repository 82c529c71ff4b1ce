export { type Checkpoint, formatCheckpoint, parseCheckpoint } from './checkpoint.ts';
export { emptyRoot, HASH_SIZE, leafHash, nodeHash } from './hash.ts';
export { MemoryTree } from './memory-tree.ts';
export {
  formatNote,
  type Note,
  type NoteSignature,
  parseNote,
  signNote,
  type VerifiedNote,
  verifyNote,
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
export { type Frontier, rootHash, rootOfHashes, Tree } from './tree.ts';
