import { fromBase64, HalliganError, hex } from '@halligan/format';
import type { LogIdentity, State, Watched } from '@halligan/procedure';
import { z } from 'zod';
import { cosignedOf, type ProvenCosigned, verifyCosigned } from './cosigned.ts';
import { JudgedBefore, type Shown } from './judged-before.ts';
import { claimedSigner, requireInForce } from './log-identity.ts';
import { entriesLost, lossIn, rewritten } from './lost-entries.ts';
import { replay } from './replay.ts';
import {
  type Anchor,
  type Group,
  provenGroups,
  type Transcript,
  transcriptOf,
  verifyCheckpoint,
} from './transcript.ts';

const viewSchema = z.strictObject({
  transcript: z.unknown(),
  /** That the checkpoint's tree begins with the one that the device last saw. */
  consistency: z.array(z.string().length(44)).max(63),
  /** The latest checkpoint that cosigners signed. */
  cosigned: z.unknown().optional(),
});

/** What a server sends for a device to judge by itself. */
export interface View {
  readonly transcript: unknown;
  readonly consistency: readonly string[];
  readonly cosigned?: unknown;
}

/** What a device holds on to, whatever a server tells it. */
export interface DevicePins {
  readonly organisation: string;
  readonly origin: string;
  /** C2SP verifier key of the log. */
  readonly logKey: string;
  /** Digest of the genesis link, whose words people compared when they joined. */
  readonly genesis: string;
  /** What signs the log, where the device followed it to another key than the genesis'. */
  readonly log?: LogIdentity;
  /** The last checkpoint that this device saw: size, and root in hexadecimal. */
  readonly seen: Seen;
  /** Undefined before it first looked. */
  readonly watched?: Watched | undefined;
}

export interface Seen {
  readonly size: number;
  readonly root: string;
}

/** A state that a device proved to itself, and the checkpoint to pin next. */
export interface ProvenState {
  readonly state: State;
  readonly anchor: Anchor;
  readonly groups: readonly Group[];
  /** What signed it, to be pinned with the checkpoint. */
  readonly log: LogIdentity;
  /** What cosigners signed of it, judged by the policy in force. */
  readonly cosigned?: ProvenCosigned;
}

/**
 * Proves a view of the record. The server that sent it is the adversary: nothing in it counts before the log's
 * signature, the log's growth since this device last looked, the genesis, every entry's place in the tree, every
 * signature and every decision were checked here.
 * @param before what this process judged of it already; a view may begin after what it was {@link JudgedBefore.shown}
 * @throws `evidence.*`, `tlog.*`, `statement.*`; `tlog.consistency` where it is not what this device saw,
 *   `evidence.entries-lost` where two admins signed that this is so
 */
export async function proveState(
  view: unknown,
  pins: DevicePins,
  streams: ReadonlySet<string>,
  before = new JudgedBefore(),
): Promise<ProvenState> {
  const parsed = viewSchema.safeParse(view);
  if (!parsed.success) {
    throw new HalliganError(
      'evidence.view',
      'This is not a view of the record.',
      'Check the address of the server.',
    );
  }
  const transcript = transcriptOf(parsed.data.transcript);
  const genesis = { origin: pins.origin, logKey: pins.logKey };
  const log = claimedSigner(transcript, [genesis, ...(pins.log === undefined ? [] : [pins.log])]);
  const anchor = await verifyCheckpoint(transcript.checkpoint, log.logKey, log.origin);
  const fault = rewritten(pins.seen, anchor, parsed.data.consistency.map(fromBase64));
  const loss = fault === undefined ? undefined : lossIn(transcript, anchor, pins);
  if (fault !== undefined && loss === undefined) throw fault;
  const shown = shownBefore(transcript, before.shown(streams, pins.seen));
  const groups = [
    ...shown,
    ...provenGroups(transcript, anchor, (index, bytes) => before.group(index, bytes)),
  ];
  if (genesisOf(groups) !== pins.genesis) {
    throw new HalliganError(
      'evidence.genesis',
      'This record begins with another roster than the one that was compared.',
      'Sign nothing and release nothing. Compare the genesis words again, and tell security.',
    );
  }
  const { state } = await replay(groups, streams, before);
  requireInForce(groups, genesis, log, anchor.size, pins.log);
  // Two admins said so: the record was replayed. Whether that is true, people ask.
  if (loss !== undefined) throw entriesLost(loss, pins.seen.size);
  if ((state.roster?.number ?? 0) < (pins.watched?.roster ?? 0)) {
    throw new HalliganError(
      'evidence.roster-behind',
      'Changes of the roster that this device has seen are left out.',
      'Sign nothing and release nothing: who was removed or replaced is hidden. Tell security.',
    );
  }
  before.show(streams, pins.seen, anchor, groups);
  const policy = state.policies[state.policy ?? '']?.cosigners;
  if (parsed.data.cosigned === undefined || policy === undefined)
    return { state, anchor, groups, log };
  const given = cosignedOf(parsed.data.cosigned);
  const cosigned = await verifyCosigned(given, log.logKey, anchor, policy);
  return { state, anchor, groups, log, cosigned };
}

/**
 * What a view need not show again: it begins with the genesis, or after what this process was shown before.
 * @throws `evidence.entry`
 */
function shownBefore({ entries }: Transcript, shown: Shown): readonly Group[] {
  const first = entries[0]?.index ?? shown.size;
  if (first === 0) return [];
  if (first >= shown.size) return shown.groups;
  throw new HalliganError(
    'evidence.entry',
    `Entry ${first} was shown before, and the one before it was not.`,
    'The record was altered, or is incomplete.',
  );
}

/** The pins after a proof: the checkpoint that was seen, and the key that signed it where that is not the genesis'. */
export function pinsAfter<Pins extends DevicePins>(pins: Pins, proven: ProvenState): Pins {
  const { anchor, log } = proven;
  const seen = { size: anchor.size, root: hex(anchor.root) };
  return log.origin === pins.origin ? { ...pins, seen } : { ...pins, seen, log: { ...log } };
}

/** The digest of the roster link that a record begins with. */
export function genesisOf(groups: readonly Group[]): string | undefined {
  const [first] = groups;
  if (first === undefined || first.index !== 0 || first.input.type !== 'statements')
    return undefined;
  return first.input.signed[0]?.statement.subject;
}
