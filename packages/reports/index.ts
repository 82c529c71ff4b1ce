export {
  type Batch,
  type BatchHeader,
  formatBatch,
  MAX_BATCH_BYTES,
  MAX_BATCH_REPORTS,
  readBatchHeader,
  readBatchReports,
} from './batch.ts';
export { type Extended, extended, type Head, requireSigned, treeOf } from './machine-log.ts';
export { formatReport, MAX_REPORT_BYTES, type Report, reportOf } from './report.ts';
export { frontierOf, signBatch } from './sign-batch.ts';
export {
  type ReportInput,
  type ReportView,
  reportInputOf,
  reportViewOf,
  type VerifiedReports,
  verifyReports,
} from './view.ts';
