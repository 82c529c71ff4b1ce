export { type Claim, claimLine, exitCodeOf, type Verdict } from './claim.ts';
export { openPack, type PackContents, packEvidence } from './pack.ts';
export {
  type DevicePins,
  genesisOf,
  type ProvenState,
  proveState,
  type Seen,
  type View,
} from './proven-state.ts';
export { type JudgedCase, judgeReleaseCase, type ReleaseCaseBundle } from './release-case.ts';
export { reportOf } from './report.ts';
export {
  type Anchor,
  type Group,
  groupOf,
  makeTranscript,
  provenGroups,
  replay,
  streamsOf,
  type Transcript,
  transcriptOf,
  verifyCheckpoint,
} from './transcript.ts';
export { type Anchors, namedTexts, verifyPack } from './verify.ts';
