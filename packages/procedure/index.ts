export { decide } from './decide.ts';
export { after, isAfter, isDuration } from './duration.ts';
export { dueEffects, type Effect } from './effects.ts';
export {
  type EventBody,
  type EventData,
  type EventType,
  type HalliganEvent,
  happened,
  type KitPlace,
  type OldCredential,
  type SealHeader,
  streamOf,
} from './events.ts';
export { evolve } from './evolve.ts';
export { type Decision, type Input, isSaid, type Observation, type Said } from './input.ts';
export {
  type AccountDocument,
  type DriverDocument,
  inventoryOf,
  type SystemDocument,
} from './inventory.ts';
export { mayRelease, type Pins, type Release, type ReleaseCase } from './may-release.ts';
export { type Obligation, obligations } from './obligations.ts';
export { ROTATOR } from './opening.ts';
export {
  approversOf,
  type Policy,
  parsePolicy,
  pathsOf,
  policyDigest,
  policyOf,
  type QuorumPath,
  SERVER_GROUP,
  thresholdOf,
} from './policy.ts';
export {
  type GroupProgress,
  isMet,
  oneCanOpen,
  onlyProgramsMissing,
  quorumProgress,
} from './quorum.ts';
export { durationSeconds, isSignedByBoth, recordOf } from './record.ts';
export type { Refusal } from './refusal.ts';
export { closersOf, REVIEW_POINTS, ROOT_CAUSES, reviewersOf } from './review.ts';
export {
  type Account,
  type AccountState,
  EMPTY,
  type Emergency,
  isOpen,
  isTouched,
  isUnderWay,
  lastVersion,
  liveOpening,
  type Note,
  type Opening,
  policyOfEmergency,
  type State,
  type Version,
} from './state.ts';
export { type StoredInput, storedInputOf, verifyInput } from './stored-input.ts';
export { participants } from './use.ts';
export { isReset, versionToVerify } from './version-to-verify.ts';
