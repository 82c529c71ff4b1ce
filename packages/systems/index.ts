export { type Samba, startSamba } from './active-directory/samba.ts';
export { type AccountCheck, checkAccounts } from './check-account.ts';
export {
  changesItself,
  configDigest,
  parseSystemConfig,
  provesByRight,
  type SystemConfig,
} from './config.ts';
export { readSystemConfig } from './config-text.ts';
export { type DryStep, dryRun } from './declared/dry-run.ts';
export type { Access, Driver, Inspection, Proof, Shortcoming } from './driver.ts';
export { type FreshSecret, freshSecret } from './fresh-secret.ts';
export { generatePassword, type Random } from './generate-password.ts';
export { loadDrivers, openDriver } from './load.ts';
export { type ManualConfig, PLATFORMS, type Platform } from './manual/config.ts';
export { DESTRUCTION, GENERATORS, type GuidedSteps, guidedSteps } from './manual/guided-steps.ts';
export { type MariadbServer, startMariadb } from './mysql/mariadb-server.ts';
export { openEntry, wrapEntry } from './openbao/entries.ts';
export type { VaultAddress } from './openbao/line.ts';
export { readerPolicy, rescuerPolicy, rotatorPolicy, writerPolicy } from './openbao/policy.ts';
export {
  beginRootToken,
  cancelRootToken,
  giveRootShare,
  giveUnsealShare,
  type RootProgress,
  rootTokenOf,
  type SealStatus,
  vaultStatus,
} from './openbao/rescue.ts';
export { type Openbao, startOpenbao } from './openbao/server.ts';
export { storeAddress } from './openbao/store-paths.ts';
export { type Slapd, startSlapd } from './openldap/slapd.ts';
export { type PostgresqlServer, startPostgresql } from './postgresql/server.ts';
export { type Clock, createPracticeSystem, type NewPracticeAccount } from './practice/driver.ts';
export { type PracticeAuditLine, readPracticeAudit } from './practice/files.ts';
export { proveRotation, type RotationProof } from './prove-rotation.ts';
export type { SshConfig } from './ssh/config.ts';
export { type Sshd, startSshd } from './ssh/sshd.ts';
export {
  noEntry,
  parseEntry,
  readEntryText,
  type StoredEntry,
  type VaultEntry,
} from './vault/entry.ts';
export {
  entryPath,
  parseVaultAddress,
  parseVaultStore,
  requireWrapping,
  secretOf,
  type VaultStore,
} from './vault/settings.ts';
export { pasteSteps } from './vault/shared-vault.ts';
export { checkStore, fetchEntry, type KeptEntry, keepEntry } from './vault/store.ts';
