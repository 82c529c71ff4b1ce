export {
  ATTACHMENT_LIMIT,
  type Attachment,
  attachmentSchema,
  checkAttachment,
  makeAttachment,
  textAttachment,
} from './attachment.ts';
export type { RandomBytes } from './fields.ts';
export {
  CAUSES,
  DRILL_FORMS,
  DRILL_NOTICES,
  SABOTAGES,
  STATEMENT_KINDS,
  STATEMENT_VERSION,
  type Statement,
  type StatementFields,
  type StatementKind,
  type StatementOf,
  statementSchema,
} from './kinds.ts';
export {
  type Member,
  memberSchema,
  type RecipientClaim,
  ROLES,
  type Role,
  signRecipient,
  verifyRecipient,
} from './member.ts';
export { formatPrivateKey, parsePrivateKey } from './openssh-key.ts';
export {
  checkPlainAttachment,
  MOST_HEAD,
  makePlainAttachment,
  type PlainAttachment,
  plainFormOf,
  readPlainHead,
} from './plain-attachment.ts';
export { type PublicKey, parsePublicKey } from './public-key.ts';
export {
  groupsOf,
  holdersOf,
  memberById,
  type PendingChange,
  personsWithRole,
  type Roster,
  rosterOfGenesis,
  rosterWith,
} from './roster.ts';
export { applyLink, verifyChain, verifyGenesis } from './roster-chain.ts';
export {
  pendingAfter,
  ROSTER_DELAY_HOURS,
  type RosterApplied,
  type RosterContext,
  type RosterOutcome,
  type RosterPending,
  rosterAfter,
  signersOf,
} from './roster-change.ts';
export { type Consent, consentFor } from './roster-consent.ts';
export { type RosterRefusal, rosterFault } from './roster-fault.ts';
export {
  linkDigest,
  ROSTER_VERSION,
  type RosterChange,
  type RosterLink,
  rosterLinkOf,
  type SignedLink,
  signedLinkOf,
  type VerifiedLink,
  verifyLink,
} from './roster-link.ts';
export { signSignIn, verifySignIn } from './sign-in.ts';
export {
  namespaceOf,
  type SignedStatement,
  signedStatementOf,
  signStatement,
  type VerifiedStatement,
  verifyStatement,
} from './signed-statement.ts';
export {
  addKeyRequest,
  agentKeys,
  agentSignature,
  identitiesRequest,
  requireAdded,
  signRequest,
} from './ssh-agent.ts';
export { type CertificateFacts, certificateLine, signCertificate } from './ssh-certificate.ts';
export {
  generateSigningKey,
  type RemoteKey,
  type Signer,
  type SigningKey,
  signingKeyOf,
} from './ssh-key.ts';
export {
  armorSignature,
  dearmorSignature,
  readSshSignature,
  type SshSignature,
  signSsh,
  verifySsh,
} from './sshsig.ts';
export {
  isKind,
  makeStatement,
  parseStatement,
  STATEMENT_LIMIT,
  statementBytes,
  statementDigest,
  statementOf,
  subjectOf,
} from './statement.ts';
