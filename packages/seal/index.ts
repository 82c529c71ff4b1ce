export { decryptStreamWith, decryptWith, encryptStreamTo, encryptTo } from './age.ts';
export { type CodePlace, makeApprovalCode, stretchApprovalCode } from './approval-code.ts';
export { checkWords } from './check-words.ts';
export {
  type Credential,
  CredentialSchema,
  credentialBytes,
  parseCredential,
} from './credential.ts';
export { parseHeader, type SealHeader, shareFile } from './header.ts';
export {
  generateIdentity,
  identityBytes,
  identityOfBytes,
  kindOfIdentity,
  kindOfRecipient,
  type RecipientKind,
  recipientOf,
} from './identity.ts';
export { readKeyFile, unwrapIdentity, wrapIdentity, writeKeyFile } from './key-file.ts';
export { type Kit, type OpenedKit, readKit, writeKit } from './kit.ts';
export { recoverCredential } from './open.ts';
export { checkPaths, type Path, type PathGroup, type SharePlace } from './paths.ts';
export { type Missing, missingFor, type Openers, whoCanOpen } from './quorum.ts';
export { identityFromRecoveryWords, recoveryWords, requireShareWords } from './recovery-words.ts';
export {
  packSeal,
  parseSeal,
  parseSealToOpen,
  type Seal,
  type SealRequest,
  sealCredential,
  unpackSeal,
  unpackSealToOpen,
} from './seal.ts';
export { openReleased, openShare, reencryptShare, verifyShare } from './share.ts';
