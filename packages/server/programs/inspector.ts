import { url } from 'node:inspector';
import { HalliganError } from '@halligan/format';

/** How every process of ours that holds keys is started: no inspector by signal, which listens for whoever connects. */
export const UNINSPECTED = '--disable-sigusr1';

/** Flags of Node that open a process's memory to others, or write it to a file. Ports and intervals do not by themselves. */
const OPENING =
  /^--(inspect(-brk|-wait)?|heapsnapshot-signal|heapsnapshot-near-heap-limit|heap-prof)(=(?!0$).*)?$/;

/**
 * What of the flags that Node was started with opens its memory.
 * @param argv flags on the command line
 * @param options `NODE_OPTIONS`
 */
export function memoryOpeners(argv: readonly string[], options = ''): readonly string[] {
  const flags = [...argv, ...options.split(/\s+/)];
  return flags.filter((flag) => OPENING.test(flag)).map((flag) => flag.replace(/=.*$/, ''));
}

/** The server of a real organisation does not run under an inspector. @throws `server.inspector` */
export function requireNoInspector(practice: boolean): void {
  const openers = memoryOpeners(process.execArgv, process.env.NODE_OPTIONS);
  if (practice || (openers.length === 0 && url() === undefined)) return;
  throw new HalliganError(
    'server.inspector',
    'Node’s inspector is open, or heap snapshots are: whoever reaches it reads what the server holds.',
    `Start it without ${openers.join(', ') || 'an inspector'}: look at the command line and at NODE_OPTIONS. Practice may be inspected.`,
  );
}
