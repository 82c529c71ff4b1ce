import { HalliganError } from '@halligan/format';

/** What a batch was refused for, with how many reports of its machine are known: it goes on from there. */
export class KnownSize extends HalliganError {
  readonly size: number;

  constructor(size: number, code: string, message: string, hint: string) {
    super(code, message, hint);
    this.size = size;
  }
}

/** The batch begins after what is known. */
export function gapBefore(from: number, size: number): KnownSize {
  return new KnownSize(
    size,
    'reports.gap',
    `This batch begins at report ${from}; ${size} are known here.`,
    `Send from report ${size} on. What the machine does not have any more it reports as a gap.`,
  );
}

export function noRoom(): HalliganError {
  return new HalliganError(
    'reports.no-room',
    'The server keeps what room its disk has left for emergencies.',
    'Keep the reports, and send them again later. Free space on the disk of the data folder.',
  );
}

export function notEnrolled(): HalliganError {
  return new HalliganError(
    'reports.signature',
    'This is not signed by a key that a machine of this name is enrolled with.',
    'Compare the keys: halligan machine show. A machine that was set up anew has a new one: halligan machine add --replace.',
  );
}

export function retired(): HalliganError {
  return new HalliganError(
    'reports.retired',
    'This machine is retired.',
    'It reports no more. Enrol it by another id: halligan machine add.',
  );
}

export function isForked(size: number): KnownSize {
  return new KnownSize(
    size,
    'reports.fork',
    'This machine’s key has signed another history before.',
    'Security was told. Look at the machine; then set it up anew, with a new key.',
  );
}

/** The journal of reports is not there (yet). */
export function notOpen(cause?: unknown): HalliganError {
  return new HalliganError(
    'reports.closed',
    'The journal of reports is not open.',
    'Send it again in a minute; nothing was recorded. If it stays so, see the server’s log.',
    { cause },
  );
}
