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

const DENIED =
  /^(authorisation|acknowledgement|declaration|opening|release|exercise|use|record|review|close|rotation|roster|log-key|policy|inventory|drill|exception|convert|codes|notification|sign-off|emergency|input|offline)\./;
const UNVERIFIED =
  /^(evidence|tlog|statement)\.|^seal\.(damaged|share-mismatch|false-share|other-seal|other-path)$|^kit\.(file|history|old-roster|other-organisation|record|forked)$/;

/** The exit code of an error: what a script can act on. */
export function exitCodeOfError(error: unknown): number {
  if (!(error instanceof HalliganError)) return EXIT.failed;
  const { code } = error;
  if (code === 'cli.waiting') return EXIT.waiting;
  if (
    code === 'cli.usage' ||
    code === 'cli.cancelled' ||
    code === 'cli.no-terminal' ||
    code === 'cli.which'
  )
    return EXIT.usage;
  if (
    code === 'server.session' ||
    code === 'server.sign-in' ||
    code === 'cli.no-home' ||
    code === 'cli.not-joined'
  )
    return EXIT.signIn;
  if (code === 'server.forbidden' || DENIED.test(code)) return EXIT.denied;
  if (
    UNVERIFIED.test(code) ||
    code === 'server.behind' ||
    code === 'server.other-history' ||
    code === 'cli.check-words' ||
    code === 'cli.genesis-words' ||
    code === 'cli.card-words' ||
    code === 'cli.other-genesis' ||
    code === 'cli.certificate'
  )
    return EXIT.verification;
  return EXIT.failed;
}
