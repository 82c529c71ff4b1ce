export { type Access, type AccessChange, accessChanges } from './account/access.ts';
export { type ByHandDocument, byHandOf, settersOf } from './account/by-hand.ts';
export {
  isWholePlace,
  type KitPlace,
  type OldCredential,
  type SealHeader,
} from './account/events.ts';
export { offlineUseOf } from './account/offline-use.ts';
export { isRotatedByPeople } from './account/rotated-by.ts';
export { sealFacts } from './account/seal-facts.ts';
export {
  type Account,
  type AccountState,
  lastVersion,
  type Version,
  versionUnderHands,
} from './account/state.ts';
export { SUSPICIONS, type SuspicionDocument, suspicionOf } from './account/suspicion.ts';
export { custodyFindings } from './custody/custody-findings.ts';
export {
  attestedBy,
  type CustodyDocument,
  custodyOf,
  subjectOfCustody,
} from './custody/document.ts';
export { ACCESS_METHODS, CHECKS, type Checks, type Content, isIntact } from './custody/envelope.ts';
export { accessTo, envelopesOf, isUseful, type Kept } from './custody/envelopes.ts';
export { jointCustody, keepersOf } from './custody/joint.ts';
export { looksLikeCombination, PLACE_KINDS, type PlaceDocument } from './custody/place.ts';
export { retrievalElsewhere } from './custody/retrieval.ts';
export type { Envelope, EnvelopeState, Place, Retrieval } from './custody/state.ts';
export { type WayTo, waysTo } from './custody/ways.ts';
export { decide } from './decide.ts';
export { after, isAfter, isDuration } from './duration.ts';
export { dueEffects, type Effect, packsDue } from './effects.ts';
export { actionsOf, openActions } from './emergency/actions.ts';
export type {
  LogDifference,
  ResetFailure,
  ResetItem,
  ResetOutcome,
  SoughtEvent,
  Violation,
} from './emergency/aftermath-events.ts';
export { codeCommitment } from './emergency/approval-codes.ts';
export { type LogEntry, parseAuditLog } from './emergency/audit-log.ts';
export { type AnnouncedSignIn, announcedSignIns } from './emergency/drill.ts';
export {
  type DrillRecord,
  drillHistory,
  lastTested,
  type Measures,
  measuresOf,
} from './emergency/drill-history.ts';
export { SOLO_PATH } from './emergency/dual-control.ts';
export type { Contact, Scenario } from './emergency/events.ts';
export { type ExerciseByHand, exerciseByHandOf } from './emergency/exercise-by-hand.ts';
export { governorsOf, isEscalationDue } from './emergency/governance.ts';
export { logCheckersOf } from './emergency/log-check.ts';
export { mayRelease, type Pins, type Release, type ReleaseCase } from './emergency/may-release.ts';
export { isOffline, pathsOfPeople } from './emergency/offline.ts';
export { ROTATOR } from './emergency/opening.ts';
export { type Comparison, compareLog, unexplainedIn } from './emergency/reconciliation.ts';
export { isSignedByBoth } from './emergency/record.ts';
export {
  allEmergencies,
  closedSince,
  emergencyById,
  openEmergencies,
  putBack,
  type Register,
  withEmergency,
} from './emergency/register.ts';
export {
  isMadeGood,
  RESET_FAILURES,
  RESET_REASONS,
  type ResetDue,
  resetListOf,
  resettersOf,
} from './emergency/reset-list.ts';
export { REVIEW_POINTS, ROOT_CAUSES } from './emergency/review-document.ts';
export { reviewersOf } from './emergency/reviewers.ts';
export { durationSeconds, recordLine, recordOf } from './emergency/session-record.ts';
export { lateSignOff, signersOffOf } from './emergency/sign-off.ts';
export { bothOf, closersOf, seatOf, signersOf } from './emergency/stand-ins.ts';
export {
  type Emergency,
  isOpen,
  isTouched,
  isUnderWay,
  liveOpening,
  type Note,
  type Opening,
  revealedAt,
  revealedBy,
} from './emergency/state.ts';
export { counterpartOf, decidersOf, executivesOf, participants } from './emergency/taking-part.ts';
export { SYMPTOMS, type Symptom, type WayOn, waysOn } from './emergency/troubles.ts';
export { isReset, versionToVerify } from './emergency/version-to-verify.ts';
export {
  type EventBody,
  type EventData,
  type EventType,
  type HalliganEvent,
  happened,
  streamOf,
  timeOf,
} from './events.ts';
export { evolve } from './evolve.ts';
export { type Decision, type Input, isSaid, type Observation, type Said } from './input.ts';
export { GROUNDS, type KeepingDocument, keepingOf } from './keeping/document.ts';
export { keptUntil, recordKeepers } from './keeping/keeping.ts';
export type { Erasure, Keeping, LegalHold } from './keeping/state.ts';
export { holdsOn } from './keeping/state.ts';
export { type AboutSoon, neededSoon } from './needed-soon.ts';
export { type Obligation, obligations } from './obligations.ts';
export { type Departure, departureOf, removalOf } from './organisation/departure.ts';
export type { Finding } from './organisation/finding.ts';
export {
  type AccountDocument,
  type DriverDocument,
  type InventoryEntry,
  inventoryOf,
  type MachinesDocument,
  type PersonDocument,
  type SystemDocument,
} from './organisation/inventory.ts';
export { modelOfKey } from './organisation/key-models.ts';
export {
  type KitAttestation,
  kitAttestationOf,
  lastKitAttestation,
} from './organisation/kit-attestation.ts';
export { lintPolicy } from './organisation/lint.ts';
export {
  type LogIdentity,
  type LogKeyDocument,
  logInForce,
  logKeyDocument,
} from './organisation/log-key.ts';
export { loosenedGroups, missingConsent } from './organisation/loosening.ts';
export { type Machine, type Machines, machineOf } from './organisation/machines.ts';
export { openingSets } from './organisation/opening-sets.ts';
export {
  approversOf,
  LATEST_RULES,
  type Policy,
  pathsOf,
  policyDigest,
  policyOf,
  type QuorumPath,
  SERVER_GROUP,
  thresholdOf,
  timerOf,
} from './organisation/policy.ts';
export { policyJsonSchema } from './organisation/policy-schema.ts';
export { parsePolicy } from './organisation/policy-text.ts';
export { type FoundAccount, findAccounts } from './organisation/search.ts';
export {
  type GroupProgress,
  isMet,
  oneCanOpen,
  onlyProgramsMissing,
  quorumProgress,
} from './quorum.ts';
export type { Refusal } from './refusal.ts';
export {
  ATTESTED_DUTIES,
  type DutyDocument,
  dutyOf,
  type RiskDocument,
  riskOf,
} from './standing/duty.ts';
export { findings } from './standing/findings.ts';
export { tooEarly, type Watched, watch } from './standing/watch.ts';
export { EMPTY, policyOfEmergency, type State } from './state.ts';
export { type StoredInput, storedInputOf, verifyInput } from './stored-input.ts';
export { eventOf, type Upcast } from './upcast.ts';
