export { changesItself, configDigest, parseSystemConfig, type SystemConfig } from './config.ts';
export type { Access, Driver, Inspection, Proof } from './driver.ts';
export { generatePassword, type Random } from './generate-password.ts';
export { openDriver } from './open.ts';
export { type Clock, createPracticeSystem, type NewPracticeAccount } from './practice.ts';
export { type PracticeAuditLine, readPracticeAudit } from './practice-files.ts';
export { proveRotation, type RotationProof } from './prove-rotation.ts';
export { type Slapd, startSlapd } from './slapd.ts';
export { type Sshd, startSshd } from './sshd.ts';
