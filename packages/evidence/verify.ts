import { fromHex, HalliganError, parseCanonical } from '@halligan/format';
import type { Emergency, LogIdentity, State } from '@halligan/procedure';
import { emergencyById } from '@halligan/procedure';
import { wordsOfBits } from '@halligan/slip39';
import { logKeysOf } from '@halligan/tlog';
import type { Claim, Say } from './claim.ts';
import { cosignedOf, type ProvenCosigned, verifyCosigned } from './cosigned.ts';
import type { FilesBeside } from './large-files.ts';
import { limitsOf } from './limits.ts';
import { claimedSigner, requireInForce } from './log-identity.ts';
import { type OpenedPack, openPack } from './open-pack.ts';
import type { Printer } from './printer.ts';
import { genesisOf } from './proven-state.ts';
import { replay } from './replay.ts';
import { requireKnownRules } from './rules-version.ts';
import {
  type Anchor,
  type Group,
  provenGroups,
  streamsOf,
  verifyCheckpoint,
} from './transcript.ts';
import { verifyFiles } from './verify-files.ts';
import { whatHappened } from './what-happened.ts';

/** What the verifier holds on to besides the pack. Without them identity is not proven: the keys come from the pack. */
export interface Anchors {
  /** The log's verifier key, got from the organisation by another way. */
  readonly logKey?: string;
  /** The thirteen genesis words. */
  readonly genesisWords?: readonly string[];
}

/** Most bytes of cosigned.json. */
const COSIGNED_LIMIT = 1 << 20;

/**
 * Verifies a pack, offline, from it alone: a line a claim, in the order in which one rests on the other. Whoever made
 * the pack is the adversary: it never throws for what the pack holds, and stops at the first claim that fails, because
 * what follows would rest on it.
 * @param printer prints report.pdf again; without it nobody says what that file shows
 * @param beside large files at hand; one that is not is NOT PROVEN
 * @throws `evidence.anchor` where what the caller trusts is no key, or not thirteen words: that says nothing of the pack
 */
export async function verifyPack(
  bytes: Uint8Array,
  anchors: Anchors = {},
  printer?: Printer,
  beside: FilesBeside = async () => undefined,
): Promise<readonly Claim[]> {
  const { logKey, words } = anchorsOf(anchors);
  const claims: Claim[] = [];
  const say: Say = (verdict, basis, claim, about = 'proof') =>
    claims.push({ verdict, basis, claim, about });
  try {
    const pack = openPack(bytes);
    say('PASS', 'cryptographic', 'every file has the digest that the pack’s manifest says');
    const { groups, anchor, genesis, log } = await verifyLog(pack, logKey, say);
    const { emergency: id, account } = pack.facts;
    requireKnownRules(groups);
    const replayed = await replay(groups, streamsOf(id, account));
    requireInForce(groups, pack.claimedLog, log, anchor.size);
    say('PASS', 'cryptographic', rulesClaim(replayed.judged));
    const emergency = requireEmergency(replayed.state, pack);
    const texts = await verifyFiles(
      pack,
      replayed.state,
      emergency,
      groups,
      anchor,
      printer,
      beside,
      say,
    );
    verifyIdentity(words, genesis, say);
    const cosigned = await cosignedIn(pack, replayed.state, emergency, anchor, log);
    claims.push(...whatHappened(replayed.state, emergency, groups, texts));
    claims.push(...limitsOf(replayed, emergency, groups, anchor, cosigned));
  } catch (cause) {
    claims.push(failure(cause));
  }
  return claims;
}

/** The cosigned checkpoint of a pack, judged by the policy of its emergency. @throws `evidence.cosigned` */
async function cosignedIn(
  { files }: OpenedPack,
  state: State,
  emergency: Emergency,
  anchor: Anchor,
  { logKey }: LogIdentity,
): Promise<ProvenCosigned | undefined> {
  const bytes = files.get('cosigned.json');
  const policy = state.policies[emergency.policy]?.cosigners;
  if (bytes === undefined || policy === undefined) return undefined;
  const cosigned = cosignedOf(parseCanonical(bytes, COSIGNED_LIMIT));
  return verifyCosigned(cosigned, logKey, anchor, policy);
}

function failure(cause: unknown): Claim {
  const { code, message, hint } =
    cause instanceof HalliganError
      ? cause
      : new HalliganError(
          'evidence.fault',
          'This program could not judge the pack.',
          'Report this, with the pack.',
        );
  return { verdict: 'FAIL', basis: code, claim: message, about: 'proof', hint };
}

function anchorsOf({ logKey, genesisWords }: Anchors): {
  readonly logKey?: string;
  readonly words?: string;
} {
  const key = logKey?.trim();
  if (key !== undefined) {
    try {
      logKeysOf(key);
    } catch (cause) {
      throw anchorError('The log key that you trust is none', cause);
    }
  }
  if (genesisWords !== undefined && genesisWords.length !== 13)
    throw anchorError(`The genesis has 13 words; these are ${genesisWords.length}`);
  const words = genesisWords?.map((word) => word.toLowerCase()).join(' ');
  return {
    ...(key === undefined ? {} : { logKey: key }),
    ...(words === undefined ? {} : { words }),
  };
}

function rulesClaim(judged: number): string {
  return `all ${judged} entries of this emergency and its account follow the rules, decided again here`;
}

async function verifyLog(
  pack: OpenedPack,
  trusted: string | undefined,
  say: Say,
): Promise<{
  readonly groups: readonly Group[];
  readonly anchor: Anchor;
  readonly genesis: string;
  readonly log: LogIdentity;
}> {
  const { transcript, claimedLog } = pack;
  const log = claimedSigner(transcript, [claimedLog]);
  const { origin } = log;
  logKeysOf(trusted ?? log.logKey);
  const anchor = await trustedCheckpoint(transcript.checkpoint, trusted, log, claimedLog);
  say('PASS', 'cryptographic', `the log ${origin} signed its checkpoint of ${anchor.size} entries`);
  const groups = provenGroups(transcript, anchor);
  say(
    'PASS',
    'cryptographic',
    `the pack’s ${groups.length} entries are in the log at that checkpoint`,
  );
  if (trusted === undefined)
    say(
      'NOT PROVEN',
      'keys come from the pack',
      'the log is the organisation’s: give --trust log.pub',
    );
  else say('PASS', 'cryptographic', 'the log’s key is the one that you trust');
  const genesis = genesisOf(groups);
  if (genesis === undefined)
    throw new HalliganError(
      'evidence.genesis',
      'The record does not begin with a genesis.',
      'It is incomplete.',
    );
  return { groups, anchor, genesis, log };
}

/** The key that is trusted must be the one that signed: that it is also the roster's, the replay shows. */
async function trustedCheckpoint(
  checkpoint: string,
  trusted: string | undefined,
  { origin, logKey }: LogIdentity,
  genesis: LogIdentity,
): Promise<Anchor> {
  if (trusted === genesis.logKey && trusted !== logKey)
    throw new HalliganError(
      'evidence.log-key',
      'The log’s key was replaced: the one that you trust signs nothing any more.',
      'Ask the organisation for its new log.pub, by another way than the pack.',
    );
  if (trusted !== undefined && trusted !== logKey)
    throw new HalliganError(
      'evidence.log-key',
      'The record is of another log than the one whose key you trust.',
      'Ask the organisation for its log.pub, by another way than the pack.',
    );
  return verifyCheckpoint(checkpoint, logKey, origin);
}

function requireEmergency(state: State, { facts }: OpenedPack): Emergency {
  const emergency = emergencyById(state, facts.emergency);
  const right =
    emergency !== undefined &&
    emergency.account === facts.account &&
    emergency.drill === facts.drill &&
    state.roster?.organisation === facts.organisation;
  if (!right)
    throw new HalliganError(
      'evidence.pack',
      'The record is of another emergency than pack.json says.',
      'Ask for the pack again.',
    );
  return emergency;
}

function verifyIdentity(given: string | undefined, genesis: string, say: Say): void {
  if (given === undefined) {
    say(
      'NOT PROVEN',
      'keys come from the pack',
      'the people are the organisation’s: give --roster with the genesis words',
    );
  } else if (given === wordsOfBits(fromHex(genesis), 13).join(' ')) {
    say('PASS', 'cryptographic', 'the roster begins with the genesis whose words you gave');
  } else
    throw new HalliganError(
      'evidence.genesis',
      'The roster begins with another genesis than the words that you gave.',
      'Compare the words; if they are right, the record is of other people.',
    );
}

function anchorError(what: string, cause?: unknown): HalliganError {
  return new HalliganError(
    'evidence.anchor',
    `${what}.`,
    'Give the content of log.pub with --trust, and the genesis words with --roster.',
    { cause },
  );
}
