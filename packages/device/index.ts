export {
  type Access,
  type AccessRefusal,
  accessOf,
  type Situation,
  type UserKind,
  type Way,
} from './access/access.ts';
export { Agent, type AgentParts, type Standing, type Status } from './agent/agent.ts';
export {
  ask,
  openDoor,
  PROMPT_SOCKET,
  parseQuestion,
  promptSocketBeside,
  type Question,
  SOCKET,
} from './agent/door.ts';
export { behind, type DeviceTime, deviceTime, type Reading } from './clock/device-time.ts';
export { readMachineClock } from './clock/machine-clock.ts';
export {
  CONFIGURATION_FILES,
  type Configuration,
  type ConfigurationFile,
  DEFAULTS,
  readConfiguration,
} from './configuration/configuration.ts';
export { configurationOn } from './configuration/on-disk.ts';
export type { ProviderSettings } from './configuration/provider.ts';
export { parseSeconds, SECONDS_FORMS } from './configuration/seconds.ts';
export { type Conversation, NO_CONVERSATION } from './conversation/conversation.ts';
export { type Answer, partAnswer } from './factor/answer.ts';
export { CODES, claimCode, codeMac, freshCodes, readCode } from './factor/code.ts';
export { type EnrolQuestion, enrol, type Factors, factorsOf } from './factor/enrol.ts';
export {
  type Enrolment,
  factorDue,
  hasFactor,
  hasTyped,
  kindOf,
  noEnrolment,
  type Pin,
  type Totp,
} from './factor/enrolment.ts';
export {
  attachedKeys,
  KEY_TOOLS,
  type KeyTools,
  RELYING_PARTY,
  readCredential,
  type SecurityKey,
  verifyAssertion,
} from './factor/security-key.ts';
export { openSeed, otpauth, SEED_SIZE, sealSeed } from './factor/seed.ts';
export { acceptTotp, hotp, type TotpSeed } from './factor/totp.ts';
export { Charges, type Judged, type Ledger, type OpenCharge } from './guesses/charges.ts';
export {
  afterNone,
  afterRight,
  type Charge,
  charge,
  type Failures,
  type Guessed,
  type Guesses,
  nameOf,
  noGuesses,
  type Origin,
  waitOf,
} from './guesses/guesses.ts';
export { type MachineKey, machineKey, type Sealer } from './key/machine-key.ts';
export { keyFor, type Purpose } from './key/purpose.ts';
export { requireLatest } from './key/state-age.ts';
export { type Tpm, tpmOf } from './key/tpm.ts';
export { blockDevice, type DiskState, diskOf } from './machine/disk.ts';
export { type DeviceUnitPlaces, deviceUnit } from './machine/systemd-unit.ts';
export { type Installed, installPam, type PamState, pamState, removePam } from './pam/install.ts';
export { compiled, modulesFolder } from './pam/parts.ts';
export { linesByHand, profileText, type Relay, stackLines } from './pam/profile.ts';
export { isListed, machineGroupsOf } from './people/listed.ts';
export { isKept, type Person, usableVerifier } from './people/person.ts';
export { type Caller, callAt, type Screen, type Verdict } from './prompt/client.ts';
export { type Frame, frame, framesOf, LETTERS } from './prompt/frames.ts';
export { isLocal, type LocalRecords, machineRecords } from './prompt/local-people.ts';
export { configuredProvider, requireProvider } from './provider/configured.ts';
export { type EntraSettings, entraProvider } from './provider/entra.ts';
export { type LdapSettings, ldapProvider } from './provider/ldap.ts';
export { type OpenidSettings, openidProvider } from './provider/openid.ts';
export type { Provider, ProviderAnswer } from './provider/provider.ts';
export { type Handed, handOver, type ServerAnswer } from './record/hand-over.ts';
export type { Happening } from './record/happening.ts';
export { recordKey, recordSigner } from './record/log-key.ts';
export { MachineRecord, readRecord, type ShownRecord } from './record/record.ts';
export { openRecordFile, type RecordFile } from './record/record-file.ts';
export { codeOf, reportOf, UNKNOWN } from './record/report-of.ts';
export { type Attempt, type Case, type Desk, type SignIn, timeOf } from './sign-in/case.ts';
export { clockTime } from './sign-in/clock-time.ts';
export { PIN_TRIES } from './sign-in/pin.ts';
export { signIn } from './sign-in/sign-in.ts';
export { type Change, Memory } from './store/memory.ts';
export { type SealedStore, sealedStore } from './store/sealed.ts';
export { openStore, type Store } from './store/store.ts';
export { calibrate, isIdle } from './verifier/calibrate.ts';
export {
  type GuessCost,
  isPassword,
  LEAST_COST,
  makeVerifier,
  type Verifier,
} from './verifier/verifier.ts';
export {
  endOf,
  openWindow,
  type Window,
  type WindowEnd,
  type WindowRefusal,
  type Wish,
} from './window/window.ts';
