import {
  canonicalText,
  fromHex,
  HalliganError,
  hex,
  type Json,
  parseCanonical,
  sha256,
  utf8Text,
} from '@halligan/format';
import { type Emergency, recordOf, SERVER_GROUP, type State } from '@halligan/procedure';
import { wordsOfBits } from '@halligan/slip39';
import { parseVerifierKey } from '@halligan/tlog';
import type { Claim, Verdict } from './claim.ts';
import { attachmentsOf, fileOf, type OpenedPack, openPack, verifySignature } from './pack.ts';
import { genesisOf } from './proven-state.ts';
import { reportOf } from './report.ts';
import {
  type Anchor,
  type Group,
  provenGroups,
  replay,
  streamsOf,
  verifyCheckpoint,
} from './transcript.ts';

/** What the verifier holds on to besides the pack. Without them identity is not proven: the keys come from the pack. */
export interface Anchors {
  /** The log's verifier key, got from the organisation by another way. */
  readonly logKey?: string;
  /** The thirteen genesis words. */
  readonly genesisWords?: readonly string[];
}

/**
 * Verifies a pack, offline, from it alone: a line a claim, in the order in which one rests on the other. It never
 * throws for what the pack holds: whatever does not hold is a claim that failed.
 */
export async function verifyPack(
  bytes: Uint8Array,
  anchors: Anchors = {},
): Promise<readonly Claim[]> {
  const claims: Claim[] = [];
  const say = (verdict: Verdict, basis: string, claim: string) =>
    claims.push({ verdict, basis, claim });
  try {
    const pack = openPack(bytes);
    say(
      'PASS',
      'cryptographic',
      'the pack is whole: every file has the digest that its manifest says',
    );
    const { groups, anchor, genesis } = await verifyLog(pack, anchors, say);
    const { state, judged, folded } = await replay(
      groups,
      streamsOf(pack.facts.emergency, pack.facts.account),
    );
    say(
      'PASS',
      'cryptographic',
      `${judged} entries follow the rules when they are decided again${folded === 0 ? '' : `; ${folded} of other emergencies are folded only`}`,
    );
    const emergency = requireEmergency(state, pack);
    await verifyRest(pack, state, emergency, say);
    verifyIdentity(anchors, genesis, say);
    claims.push(...claimsOf(state, emergency, groups));
    claims.push(...limitsOf(state, emergency, anchor));
  } catch (cause) {
    if (!(cause instanceof HalliganError)) throw cause;
    say('FAIL', cause.code, cause.message);
  }
  return claims;
}

type Say = (verdict: Verdict, basis: string, claim: string) => void;

async function verifyLog(
  pack: OpenedPack,
  anchors: Anchors,
  say: Say,
): Promise<{ groups: readonly Group[]; anchor: Anchor; genesis: string }> {
  const { transcript } = pack;
  const { origin, logKey } = claimedLog(pack);
  const trusted = anchors.logKey?.trim() ?? logKey;
  parseVerifierKey(trusted);
  const anchor = await verifyCheckpoint(transcript.checkpoint, trusted, origin);
  say('PASS', 'cryptographic', `the log ${origin} signed its checkpoint of ${anchor.size} entries`);
  const groups = provenGroups(transcript, anchor);
  say(
    'PASS',
    'cryptographic',
    `${groups.length} of ${groups.length} entries are in the log at that checkpoint`,
  );
  if (trusted === logKey && anchors.logKey !== undefined)
    say('PASS', 'cryptographic', 'the log’s key is the one that you trust');
  else if (anchors.logKey === undefined)
    say(
      'NOT PROVEN',
      'keys come from the pack',
      'the log is the organisation’s: give --trust log.pub',
    );
  const genesis = genesisOf(groups);
  if (genesis === undefined)
    throw new HalliganError(
      'evidence.genesis',
      'The record does not begin with a genesis.',
      'It is incomplete.',
    );
  return { groups, anchor, genesis };
}

/** The log that the pack's own genesis names. It is only what the pack says, until anchors are compared. */
function claimedLog({ transcript }: OpenedPack): { origin: string; logKey: string } {
  const [first] = transcript.entries;
  const group: Json =
    first === undefined ? null : parseCanonical(Uint8Array.fromBase64(first.bytes), 65_535);
  const change = at(at(at(group, 'input'), 'document'), 'change');
  const origin = at(change, 'origin');
  const logKey = at(change, 'logKey');
  if (typeof origin !== 'string' || typeof logKey !== 'string') {
    throw new HalliganError(
      'evidence.genesis',
      'The record does not begin with a genesis.',
      'It is incomplete.',
    );
  }
  return { origin, logKey };
}

function at(value: Json | undefined, name: string): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, Json>>)[name]
    : undefined;
}

function requireEmergency(state: State, { facts }: OpenedPack): Emergency {
  const emergency = state.emergencies[facts.emergency];
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

async function verifyRest(
  pack: OpenedPack,
  state: State,
  emergency: Emergency,
  say: Say,
): Promise<void> {
  if (state.roster === undefined) return;
  await verifySignature(pack, state.roster.evidenceKey);
  say('PASS', 'signed by the server', 'the pack was made by the server that the roster names');
  if (utf8Text(fileOf(pack.files, 'record.json')) !== canonicalText(recordOf(state, emergency))) {
    throw new HalliganError(
      'evidence.record',
      'record.json is not the record that the log gives.',
      'Ask for the pack again.',
    );
  }
  const texts = attachmentsOf(pack);
  const named = namedTexts(emergency);
  const missing = named.filter((digest) => !texts.has(digest));
  say(
    'PASS',
    'cryptographic',
    `${named.length - missing.length} of ${named.length} texts and files are those that were signed for`,
  );
  if (missing.length > 0)
    say(
      'NOT PROVEN',
      'erased or left out',
      `${missing.length} texts or files that were signed for are not in the pack`,
    );
  const seals = verifySeals(pack, state, emergency);
  say(
    'PASS',
    'cryptographic',
    `${seals} sealed versions of ${emergency.account} are those of the record`,
  );
  if (utf8Text(fileOf(pack.files, 'report.html')) !== reportOf(state, emergency, texts)) {
    say(
      'NOT PROVEN',
      'another program version',
      'report.html says what this program would say; read the claims, not the report',
    );
  } else say('PASS', 'cryptographic', 'report.html says what the record says');
}

function verifySeals({ files }: OpenedPack, state: State, emergency: Emergency): number {
  let count = 0;
  for (const [name, bytes] of files) {
    const [, version] = /^seals\/(\d{1,6})\.json$/.exec(name) ?? [];
    if (version === undefined) continue;
    const journaled = state.accounts[emergency.account]?.versions[Number(version)];
    if (journaled === undefined || journaled.digest !== hex(sha256(bytes))) {
      throw new HalliganError(
        'evidence.seal',
        `${name} is not the seal of the record.`,
        'Ask for the pack again.',
      );
    }
    count += 1;
  }
  return count;
}

/** Every text and file that the statements of an emergency name. */
export function namedTexts(emergency: Emergency): readonly string[] {
  const conditions = emergency.approval?.conditions;
  const reference = emergency.submitted?.reference;
  return [
    ...new Set([
      emergency.reason,
      emergency.incident,
      ...emergency.evidence,
      ...(emergency.attestation === undefined ? [] : [emergency.attestation]),
      ...(conditions === undefined ? [] : [conditions]),
      ...(reference === undefined ? [] : [reference]),
      ...emergency.refusals.map(({ reason }) => reason),
      ...emergency.notes.flatMap(({ text, outOfScope }) =>
        outOfScope === undefined ? [text] : [text, outOfScope],
      ),
      ...emergency.addenda.map(({ text }) => text),
    ]),
  ];
}

function verifyIdentity({ genesisWords }: Anchors, genesis: string, say: Say): void {
  const words = wordsOfBits(fromHex(genesis), 13);
  if (genesisWords === undefined) {
    say(
      'NOT PROVEN',
      'keys come from the pack',
      'the people are the organisation’s: give --roster with the genesis words',
    );
  } else if (genesisWords.map((word) => word.toLowerCase()).join(' ') === words.join(' ')) {
    say('PASS', 'cryptographic', 'the roster begins with the genesis whose words you gave');
  } else
    say(
      'FAIL',
      'evidence.genesis',
      'the roster begins with another genesis than the words that you gave',
    );
}

/** What happened, each with whose word it rests on. */
function claimsOf(state: State, emergency: Emergency, groups: readonly Group[]): readonly Claim[] {
  const claims: Claim[] = [];
  const signed = (by: string, claim: string) =>
    claims.push({ verdict: 'PASS', basis: `signed by ${by}`, claim });
  const lacking = (claim: string) =>
    claims.push({ verdict: 'NOT PROVEN', basis: 'not on the record', claim });
  signed(
    emergency.requester,
    `${emergency.requester} declared ${emergency.drill ? 'a DRILL' : 'an emergency'} on ${emergency.account} (${emergency.cause})`,
  );
  const { approval } = emergency;
  if (approval === undefined) lacking('somebody approved it');
  else if (approval.method === 'silence exception')
    signed(
      approval.by,
      `${approval.by} invoked the silence exception; the attempts are ${approval.by}’s word`,
    );
  else signed(approval.by, `${approval.by} approved it`);
  for (const [person, part] of Object.entries(emergency.parts))
    signed(person, `${person} took part as ${part.role} (${part.together})`);
  for (const opening of emergency.openings) {
    const what = opening.exercise
      ? `the exercise of version ${opening.version}`
      : `opening version ${opening.version}`;
    signed(opening.by, `${opening.by} asked for ${what} by the path ${opening.path}`);
    for (const release of opening.releases) {
      const who =
        release.group === SERVER_GROUP ? 'the server’s share' : `${release.holder}’s share`;
      signed(release.holder, `${who} was released for ${what}`);
    }
    if (opening.quorumAt === undefined) lacking(`the quorum for ${what} was complete`);
    else
      claims.push({
        verdict: 'PASS',
        basis: 'cryptographic',
        claim: `the releases for ${what} are a quorum of the seal’s path ${opening.path}`,
      });
  }
  for (const person of emergency.record?.signedBy ?? [])
    signed(person, `${person} signed the record`);
  if (emergency.submitted !== undefined)
    signed(emergency.submitted.by, `${emergency.submitted.by} submitted the record`);
  const account = state.accounts[emergency.account];
  const version =
    emergency.reset === undefined ? undefined : account?.versions[emergency.reset.version];
  if (emergency.reset === undefined || version?.proven === undefined)
    lacking('the credential was reset');
  else {
    signed('rotator', `the system accepts version ${emergency.reset.version}`);
    if (version.proven.old === 'rejected')
      signed('rotator', 'the system rejects the credential that was used');
    else lacking('the system rejects the credential that was used');
  }
  for (const person of Object.keys(emergency.reviews))
    signed(person, `${person} signed the review`);
  if (emergency.exercised !== undefined)
    signed(
      'rotator',
      `version ${emergency.exercised.version} was opened by a quorum and signed in with; no person saw it`,
    );
  if (emergency.closed !== undefined)
    signed(emergency.closed.by, `${emergency.closed.by} closed it`);
  const seen = new Set(
    groups.flatMap(({ input }) =>
      input.type === 'statements' ? input.signed.map((one) => one.statement.by) : [],
    ),
  );
  claims.push({
    verdict: 'PASS',
    basis: 'cryptographic',
    claim: `every signature is by a key that the roster held then (${[...seen].sort().join(', ')})`,
  });
  return claims;
}

/** What a pack cannot show, said. */
function limitsOf(state: State, emergency: Emergency, anchor: Anchor): readonly Claim[] {
  const policy = state.policies[emergency.policy];
  return [
    {
      verdict: 'ASSERTED',
      basis: 'by the server',
      claim: `the times: declared ${emergency.at}${emergency.closed === undefined ? '' : `, closed ${emergency.closed.at}`}`,
    },
    {
      verdict: 'ASSERTED',
      basis: 'by the server',
      claim: 'nothing that was refused, and no request, was kept from this record',
    },
    {
      verdict: 'ASSERTED',
      basis: `by ${emergency.requester}`,
      claim: 'what was done with the credential is in the notes',
    },
    policy !== undefined && policy.cosigners.need > 0
      ? {
          verdict: 'NOT PROVEN',
          basis: 'no cosignature here',
          claim: `nobody rewrote the ${anchor.size} entries: the policy asks for ${policy.cosigners.need} cosigners`,
        }
      : {
          verdict: 'NOT PROVEN',
          basis: 'no cosigners',
          claim: `nobody rewrote the ${anchor.size} entries: the policy asks for no cosigner`,
        },
  ];
}
