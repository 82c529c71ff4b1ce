import type { ProvenState, Seen } from '@halligan/evidence';
import { digestOf, HalliganError, type Json, utf8, utf8Text, visible } from '@halligan/format';
import { inventoryOf, logKeyDocument, policyOf } from '@halligan/procedure';
import { type SignedStatement, subjectOf } from '@halligan/statement';
import { cosignersOf } from '@halligan/tlog';
import { z } from 'zod';
import { type Context, show } from '../commands.ts';
import type { Device } from '../device.ts';
import { jsonOf } from '../person-home.ts';
import { signEntry } from './signed-entry.ts';

/** A decision that waits for more signatures: passed from person to person as a file. */
const proposalSchema = z.strictObject({
  v: z.literal('halligan/proposal/v1'),
  kind: z.enum(['roster.change', 'policy.adopt', 'inventory', 'log-key']),
  document: z.json(),
  signed: z.array(z.unknown()),
});

/** What was signed so far, and for what. */
export interface Proposal {
  readonly kind: z.infer<typeof proposalSchema>['kind'];
  readonly document: Json;
  readonly signed: readonly SignedStatement[];
}

/** Which command signs a proposal of a kind. */
const SIGNED_BY = {
  'roster.change': 'person',
  'policy.adopt': 'policy',
  inventory: 'account',
  'log-key': 'journal',
} as const;

/** Hands a proposal to the server, or writes it for another to sign where `path` names a file. */
export async function send(
  context: Context,
  proposal: Proposal,
  path: string | undefined,
): Promise<void> {
  const { kind, document, signed } = proposal;
  if (path !== undefined) {
    await context.writeFile(
      path,
      utf8(`${JSON.stringify({ v: 'halligan/proposal/v1', kind, document, signed })}\n`),
    );
    show(context.terminal, { proposal: path }, [
      `Written: ${path}. Next: another admin runs halligan ${SIGNED_BY[kind]} sign ${path}.`,
    ]);
    return;
  }
  const answer = z
    .object({ events: z.array(z.looseObject({ type: z.string() })) })
    .parse(await (await context.device()).api.post('/v1/statements', { signed, document }));
  const pending = answer.events.some(
    ({ type }) => type === 'RosterChangeProposed' || type === 'PolicyProposed',
  );
  show(context.terminal, answer, [
    pending
      ? 'Proposed: it waits for the consent that is missing, or for its delay. See halligan policy pending.'
      : 'Done.',
  ]);
}

function signedBy(device: Device, proven: ProvenState, kind: Proposal['kind'], document: Json) {
  if (kind === 'inventory') return signEntry(device, proven, inventoryOf(document));
  if (kind === 'log-key') return signLogKey(device, proven, document);
  return device.sign(proven, kind, { subject: digestOf(document), purpose: 'real' });
}

/**
 * The organisation, for an admin who signs that entries were lost: their own device may have seen them.
 * @throws `cli.lost` where it saw more than is said to be lost, or something else
 */
export async function proveBesidesLost(device: Device, { size, root }: Seen): Promise<ProvenState> {
  const { seen } = device.home.pins;
  try {
    // Who saw nothing of it, or has gone on already, has nothing to give up.
    return await device.prove();
  } catch (error) {
    if (!(error instanceof HalliganError) || error.code !== 'tlog.consistency') throw error;
  }
  if (seen.size < size || (seen.size === size && seen.root === root)) return device.proveAnew(true);
  throw new HalliganError(
    'cli.lost',
    seen.size > size
      ? `Your own device saw ${seen.size} entries, more than the ${size} that are said to be lost.`
      : `Your own device saw something else at ${size} entries: there were two histories.`,
    seen.size > size
      ? 'Ask everybody again: halligan backup seen. Give the most that any device saw.'
      : 'Sign nothing, and tell security.',
  );
}

/** What a proposal says was lost of the log. */
function lostIn({ kind, document }: Pick<Proposal, 'kind' | 'document'>): Seen | undefined {
  if (kind !== 'log-key') return undefined;
  const parsed = logKeyDocument.safeParse(document);
  return parsed.success ? parsed.data.lost : undefined;
}

/** Signs that another key signs the log from here on. */
export function signLogKey(
  device: Device,
  proven: ProvenState,
  document: Json,
): Promise<SignedStatement> {
  return device.sign(proven, 'attest', {
    subject: subjectOf('log-key', device.home.pins.organisation),
    purpose: 'real',
    what: 'log-key',
    digest: digestOf(document),
  });
}

/**
 * Signs another person’s proposal and sends it.
 * @throws `cli.proposal`; `procedure.policy`, `tlog.cosigners`, `tlog.key-syntax` where another admin proposes a policy
 *   that `halligan policy adopt` would not have proposed
 */
export async function signProposal(context: Context, path: string): Promise<void> {
  const parsed = proposalSchema.safeParse(jsonOf(utf8Text(await context.readFile(path))));
  if (!parsed.success)
    throw new HalliganError(
      'cli.proposal',
      `${path} is not a proposal.`,
      'Ask the other admin for it again.',
    );
  const { kind, document, signed } = parsed.data;
  // The file may come from another program: whoever signs second looks as closely as who signed first.
  if (kind === 'policy.adopt') void cosignersOf(policyOf(document).cosigners.of);
  const device = await context.device();
  const lost = lostIn({ kind, document });
  const proven = await (lost === undefined ? device.prove() : proveBesidesLost(device, lost));
  context.terminal.say(`You sign: ${visible(JSON.stringify(document))}`);
  const own = await signedBy(device, proven, kind, document);
  await send(
    context,
    { kind, document, signed: [...(signed as SignedStatement[]), own] },
    undefined,
  );
}
