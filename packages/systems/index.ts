export { parseSystemConfig, type SystemConfig } from './config.ts';
export type { Driver, Inspection, Proof } from './driver.ts';
export { openDriver } from './open.ts';
export { type Clock, createPracticeSystem, type NewPracticeAccount } from './practice.ts';
export { type PracticeAuditLine, readPracticeAudit } from './practice-files.ts';
