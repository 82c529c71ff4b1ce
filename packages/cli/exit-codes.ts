import { HalliganError } from '@halligan/format';

/** Documented exit codes: scripts rely on them. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  waiting: 3,
  signIn: 4,
  verification: 5,
  denied: 6,
} as const;

/** What each exit code means, for help and manual. */
export const EXIT_MEANINGS: Readonly<Record<(typeof EXIT)[keyof typeof EXIT], string>> = {
  0: 'done',
  1: 'failed; the code and the hint say why',
  2: 'usage, or cancelled',
  3: 'waiting for others; it has not happened yet',
  4: 'sign-in needed: no key here, not joined',
  5: 'verification failed: trust nothing, tell security',
  6: 'denied by the rules; the hint says who can',
};

/** Whose refusals are the rules' own: what a code begins with. */
const RULES: ReadonlySet<string> = new Set([
  ...['declaration', 'authorisation', 'exception', 'notification', 'codes', 'drill', 'convert'],
  ...[
    'opening',
    'acknowledgement',
    'release',
    'exercise',
    'use',
    'record',
    'sign-off',
    'emergency',
  ],
  ...['reset', 'reconcile', 'review', 'escalation', 'action', 'verification', 'close', 'keeping'],
  ...['rotation', 'by-hand', 'suspicion', 'custody', 'duty', 'risk', 'offline', 'input'],
  ...['policy', 'objection', 'inventory', 'roster', 'log-key', 'procedure'],
]);
const UNVERIFIED: ReadonlySet<string> = new Set(['evidence', 'tlog', 'statement']);

/** Codes that say what to do by themselves, not by what they begin with. */
const CODES: Readonly<Record<string, number>> = {
  ...of(EXIT.waiting, ['cli.waiting']),
  ...of(EXIT.usage, ['cli.usage', 'cli.cancelled', 'cli.no-terminal', 'cli.which']),
  ...of(EXIT.signIn, ['server.session', 'server.sign-in', 'cli.no-home', 'cli.not-joined']),
  ...of(EXIT.denied, ['server.forbidden']),
  ...of(EXIT.denied, ['kit.attestation', 'kit.person', 'kit.ahead', 'kit.again']),
  ...of(EXIT.verification, ['kit.file', 'kit.history', 'kit.old-roster', 'kit.record']),
  ...of(EXIT.verification, ['kit.other-organisation', 'kit.forked']),
  ...of(EXIT.verification, ['seal.damaged', 'seal.share-mismatch', 'seal.false-share']),
  ...of(EXIT.verification, ['seal.other-seal', 'seal.other-path']),
  ...of(EXIT.verification, ['server.behind', 'server.other-history', 'cli.check-words']),
  ...of(EXIT.verification, ['cli.genesis-words', 'cli.card-words', 'cli.other-genesis']),
  ...of(EXIT.verification, ['cli.certificate']),
  ...of(EXIT.verification, ['vault.token-used', 'vault.token-foreign', 'vault.other-seal']),
};

/** The exit code of an error: what a script can act on. */
export function exitCodeOfError(error: unknown): number {
  if (!(error instanceof HalliganError)) return EXIT.failed;
  const { code } = error;
  const [area = ''] = code.split('.');
  if (Object.hasOwn(CODES, code)) return CODES[code] ?? EXIT.failed;
  if (RULES.has(area)) return EXIT.denied;
  return UNVERIFIED.has(area) ? EXIT.verification : EXIT.failed;
}

function of(exit: number, codes: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(codes.map((code) => [code, exit]));
}
