import { fromHex, HalliganError } from '@halligan/format';
import { verifyConsistency } from '@halligan/tlog';
import type { DevicePins, Seen } from './proven-state.ts';
import { type Anchor, type Group, provenGroups, type Transcript } from './transcript.ts';

/** What a record says was lost of it: a restoration from a backup that was older than what devices had seen. */
export interface Loss {
  /** Entries that there were, as far as anybody’s device saw. */
  readonly seen: number;
  /** The admins who signed that. */
  readonly by: readonly string[];
}

/**
 * Why a log is not the one that a device saw; undefined where it grew from that.
 * @param proof hashes as in RFC 9162, 2.1.4
 */
export function rewritten(
  seen: Seen,
  anchor: Anchor,
  proof: readonly Uint8Array[],
): HalliganError | undefined {
  const older = { size1: seen.size, root1: fromHex(seen.root) };
  try {
    verifyConsistency({ ...older, size2: anchor.size, root2: anchor.root, proof });
    return undefined;
  } catch (cause) {
    const shown =
      anchor.size < seen.size
        ? `a log of ${anchor.size} entries; this device saw ${seen.size}`
        : `another history than the ${seen.size} entries that this device saw`;
    return new HalliganError(
      'tlog.consistency',
      `The server shows ${shown}.`,
      'Sign nothing and release nothing; tell security, and keep this device’s folder: it is the proof. In an emergency, work from a kit. Was the server restored from an older backup, two admins sign what was lost: docs/guides/back-up.md.',
      { cause },
    );
  }
}

/**
 * What entries of a record say was lost of what a device saw, under the key that the device knew; undefined where they
 * say nothing of it. Nothing is verified but that they are in the log: whoever uses the answer replays the record.
 */
export function lossIn(
  transcript: Transcript,
  anchor: Anchor,
  { seen, log, origin, logKey }: DevicePins,
): Loss | undefined {
  const known = log ?? { origin, logKey };
  for (const { input, events } of groupsIn(transcript, anchor))
    for (const { type, data } of events) {
      if (type !== 'LogKeyReplaced' || data.lost === undefined) continue;
      const { previous, lost } = data;
      // What this device saw of a later log was not lost then.
      if (previous.origin !== known.origin || previous.logKey !== known.logKey) continue;
      if (seen.size > lost.size) continue;
      if (seen.size === lost.size && seen.root !== lost.root) continue;
      const by = input.type === 'statements' ? input.signed.map((one) => one.statement.by) : [];
      return { seen: lost.size, by };
    }
  return undefined;
}

/** What a device says that saw entries which are lost: its person decides whether to go on, once it is asked. */
export function entriesLost({ seen, by }: Loss, saw: number): HalliganError {
  return new HalliganError(
    'evidence.entries-lost',
    `${by.join(' and ')} signed that the log’s end, up to entry ${seen - 1}, is lost. This device saw ${saw} entries, and the record is another now.`,
    'Ask each of them by voice, and tell security. Is it so: halligan journal accept-loss. Not sure: sign nothing.',
  );
}

/** What is no part of the log explains nothing. */
function groupsIn(transcript: Transcript, anchor: Anchor): readonly Group[] {
  try {
    return provenGroups(transcript, anchor);
  } catch {
    return [];
  }
}
