/** Hybrid keys where the platform has no ML-KEM: the library's own, which knows them by their text. */
export { identityToRecipient as hybridRecipientOf } from 'age-encryption';

export const hybridRecipient = (recipient: string): string => recipient;
export const hybridIdentity = (identity: string): string => identity;
