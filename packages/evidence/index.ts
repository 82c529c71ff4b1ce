export {
  type Claim,
  claimLine,
  claimLines,
  exitCodeOf,
  type Topic,
  type Verdict,
} from './claim.ts';
export {
  type CosignedCheckpoint,
  type CosignerPolicy,
  cosignedOf,
  type ProvenCosigned,
  verifyCosigned,
} from './cosigned.ts';
export { htmlOf } from './document-html.ts';
export { faultOfEnclosed } from './enclosed.ts';
export { type EntryAnchors, type ProvenEntry, verifyEntryProof } from './entry-proof.ts';
export { JudgedBefore } from './judged-before.ts';
export {
  kitReaders,
  type ProvenKit,
  proveKit,
  readableFiles,
  sealedVersions,
} from './kit-state.ts';
export { type FilesBeside, largeFiles, nameBeside } from './large-files.ts';
export { MESSAGE_LIMIT, readMessage, writeMessage } from './message.ts';
export { namedTexts } from './named-texts.ts';
export { foldOffline, type OfflineFold, type OfflineStep } from './offline-fold.ts';
export {
  entryOf,
  headsOf,
  inputOf,
  type OfflineEntry,
  type OfflineRecord,
  offlineJson,
  offlineRecordOf,
  unionOf,
} from './offline-record.ts';
export { type OpenedPack, openPack } from './open-pack.ts';
export { type PackContents, packEvidence } from './pack.ts';
export type { Printer } from './printer.ts';
export {
  type DevicePins,
  genesisOf,
  type ProvenState,
  pinsAfter,
  proveState,
  type Seen,
  type View,
} from './proven-state.ts';
export { recordDocument } from './record-document.ts';
export { type JudgedCase, judgeReleaseCase, type ReleaseCaseBundle } from './release-case.ts';
export { type Replay, replay } from './replay.ts';
export { type ReportText, recordTextOf, reportOf } from './report.ts';
export { REPORT_VERSION } from './report-version.ts';
export type { ConsistencyProof } from './seen.ts';
export {
  type Anchor,
  eventsOf,
  type Group,
  groupOf,
  makeTranscript,
  provenGroups,
  streamsOf,
  type Transcript,
  transcriptOf,
  verifyCheckpoint,
} from './transcript.ts';
export { type Anchors, verifyPack } from './verify.ts';
