import { fromBase64, HalliganError } from '@halligan/format';
import type { LogIdentity } from '@halligan/procedure';
import { parseCheckpoint, parseNote } from '@halligan/tlog';
import { type Group, groupOf, type Transcript } from './transcript.ts';

/** A log's key in the order of the record: from which size on it signs, and up to which. */
interface Reign {
  readonly log: LogIdentity;
  readonly from: number;
  readonly until: number;
}

/**
 * Which of the log's keys claims to have signed a transcript's checkpoint: `first`, or one that an entry names. Nothing is
 * verified: whoever uses the answer verifies the checkpoint with it, replays, and then asks {@link requireInForce}.
 */
export function claimedSigner(transcript: Transcript, known: readonly LogIdentity[]): LogIdentity {
  const { origin } = parseCheckpoint(parseNote(transcript.checkpoint).text);
  const isIts = (log: LogIdentity) => log.origin === origin;
  const own = known.find(isIts);
  if (own !== undefined) return own;
  const groups = transcript.entries.map(({ index, bytes }) => groupOf(index, fromBase64(bytes)));
  const found = successors(groups).find(({ log }) => isIts(log));
  if (found !== undefined) return found.log;
  throw new HalliganError(
    'evidence.origin',
    'This checkpoint is of another log.',
    'Ask for the record of your own organisation.',
  );
}

/**
 * That a key was the log's at this size, by a record that was replayed: two admins signed each replacement. A key that was
 * replaced, because it was stolen, signs nothing that comes later.
 * @param pinned the key that this device followed the log to, where that is not the genesis'
 * @throws `evidence.log-key`
 */
export function requireInForce(
  groups: readonly Group[],
  genesis: LogIdentity,
  used: LogIdentity,
  size: number,
  pinned: LogIdentity = genesis,
): void {
  const reigns = reignsOf(groups, genesis);
  const place = (log: LogIdentity) => reigns.findIndex((one) => same(one.log, log));
  const known = place(pinned);
  // The entry that made the pinned key the log's may have been left out: then only that key will do.
  if (known === -1 && same(used, pinned)) return;
  const reign = reigns[place(used)];
  if (
    known !== -1 &&
    reign !== undefined &&
    place(used) >= known &&
    reign.from <= size &&
    size <= reign.until
  )
    return;
  throw new HalliganError(
    'evidence.log-key',
    'This checkpoint is signed with a key that was not the log’s any more.',
    'The log’s key was replaced, and somebody has the old one: believe nothing of this, and tell security.',
  );
}

/** The entries that replaced the key of the log, as they say it. */
function successors(groups: readonly Group[]): readonly { log: LogIdentity; index: number }[] {
  return groups.flatMap(({ index, events }) =>
    events.flatMap((event) =>
      event.type === 'LogKeyReplaced' ? [{ log: event.data.next, index }] : [],
    ),
  );
}

function reignsOf(groups: readonly Group[], genesis: LogIdentity): readonly Reign[] {
  const begun = [{ log: genesis, index: -1 }, ...successors(groups)];
  // The entry of the change is the old key's last and, signed again, where the new one begins.
  return begun.map(({ log, index }, at) => ({
    log,
    from: index + 1,
    until: (begun[at + 1]?.index ?? Number.POSITIVE_INFINITY) + 1,
  }));
}

function same(a: LogIdentity, b: LogIdentity): boolean {
  return a.origin === b.origin && a.logKey === b.logKey;
}
