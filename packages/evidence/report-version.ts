/**
 * Names the wording of report.html, record.txt, report.pdf and verify.md. Under one version a record has one report, byte for byte, so that
 * an altered one is found; whoever changes a word of either raises the version.
 */
export const REPORT_VERSION = 'halligan/report/v5';
