export { addSink, removeSink, useIncidentSystem } from './alerts/add-sink.ts';
export {
  incidentSystemSchema,
  readAlertSettings,
  type Sink,
  sinkSchema,
} from './alerts/settings.ts';
export { createBackup } from './backup/create.ts';
export { type BackupManifest, backupDigest } from './backup/manifest.ts';
export { readBackup, restoreBackup, type SeenLog } from './backup/restore.ts';
export { BACKUP_ACCOUNT } from './backup/sealed-keys.ts';
export { certificatePin, makeCertificate, type TlsPair } from './certificate.ts';
export { type CosignerOptions, type RunningCosigner, startCosigner } from './cosigner/serve.ts';
export { PROGRAM_VERSION, requireKnownData } from './data-version.ts';
export { packFile } from './effects/packing.ts';
export {
  completeGenesis,
  type Founding,
  type FoundingState,
  prepareGenesis,
  readFounding,
} from './found.ts';
export {
  readSettings,
  type ServerHome,
  type ServerSettings,
  serverHome,
  useCosigners,
} from './home.ts';
export { type Level, type LogOptions, levelNamed } from './log/log.ts';
export { type LookedAt, lookAtBlobs, lookAtSeals } from './named-files.ts';
export { makeNextLogKey } from './next-log-key.ts';
export type { ServerParts } from './parts.ts';
export { memoryOpeners } from './programs/inspector.ts';
export { separatePrograms } from './programs/separate.ts';
export { systemdUnits, userOf } from './programs/systemd-units.ts';
export { type Clocks, type RunningServer, startServer } from './start.ts';
