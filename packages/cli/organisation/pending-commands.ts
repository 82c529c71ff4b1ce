import type { ProvenState } from '@halligan/evidence';
import { digestOf, HalliganError, type Json, visible } from '@halligan/format';
import type { State } from '@halligan/procedure';
import { Command } from 'commander';
import { type Context, show } from '../commands.ts';
import {
  consentToChange,
  consentToPolicy,
  lineOfConsent,
  type MissingConsent,
} from './missing-consent.ts';
import { send } from './proposal.ts';

/** A change that waits: of the policy or of the roster. */
interface Waiting {
  readonly digest: string;
  readonly kind: 'policy.adopt' | 'roster.change';
  readonly document: Json;
  readonly signers: readonly string[];
  /** When it takes effect by the record's clock; this device counts for itself. */
  readonly effective: string | undefined;
  readonly missing: readonly MissingConsent[];
}

/** `halligan policy pending | consent | cancel`: changes that wait for consent or for their delay. */
export function pendingCommands(context: Context): readonly Command[] {
  const pending = new Command('pending')
    .description('changes of policy and roster that wait for consent, or for their delay')
    .action(async () => {
      const { state } = await (await context.device()).prove();
      const waiting = waitingIn(state);
      show(
        context.terminal,
        { pending: waiting },
        waiting.length === 0 ? ['Nothing waits.'] : waiting.flatMap(linesOf),
      );
    });
  const consent = new Command('consent')
    .description('agree to a change that waits')
    .argument('<change>', 'beginning of its digest')
    .action(async (change: string) => {
      const device = await context.device();
      const proven = await device.prove();
      const { kind, document, digest } = oneOf(proven, change);
      context.terminal.say(`You sign: ${visible(JSON.stringify(document))}`);
      const signed = [await device.sign(proven, kind, { subject: digest, purpose: 'real' })];
      await send(context, { kind, document, signed }, undefined);
    });
  const cancel = new Command('cancel')
    .description('object to a change that waits: it is cancelled')
    .argument('<change>', 'beginning of its digest')
    .action(async (change: string) => {
      const device = await context.device();
      const proven = await device.prove();
      const { digest } = oneOf(proven, change);
      const document = { v: 'halligan/objection/v1', change: digest } as const;
      await device.say(
        proven,
        'attest',
        { subject: digest, purpose: 'real', what: 'objection', digest: digestOf(document) },
        { document },
      );
      show(context.terminal, { cancelled: digest }, [
        'Cancelled. Whoever wants it proposes it again, and the delay begins anew.',
      ]);
    });
  return [pending, consent, cancel];
}

function waitingIn(state: State): readonly Waiting[] {
  const { roster, standing } = state;
  if (roster === undefined) return [];
  const policies = Object.entries(standing.proposals).map(
    ([digest, { policy, signers, effective }]): Waiting => ({
      digest,
      kind: 'policy.adopt',
      document: policy as unknown as Json,
      signers,
      effective,
      missing: consentToPolicy(state, roster, policy, signers),
    }),
  );
  const links = roster.pending.map(
    ({ digest, link, signers }): Waiting => ({
      digest,
      kind: 'roster.change',
      document: link as unknown as Json,
      signers,
      effective: state.proposedAt[digest],
      missing: consentToChange(state, roster, link.change, signers),
    }),
  );
  return [...policies, ...links];
}

/** @throws `cli.pending` */
function oneOf({ state }: ProvenState, beginning: string): Waiting {
  const found = waitingIn(state).filter(({ digest }) => digest.startsWith(beginning));
  const [one] = found;
  if (one !== undefined && found.length === 1) return one;
  throw new HalliganError(
    'cli.pending',
    found.length === 0 ? 'No such change waits.' : 'More than one change begins so.',
    'See halligan policy pending.',
  );
}

function linesOf({ digest, kind, signers, effective, missing }: Waiting): readonly string[] {
  const when =
    kind === 'policy.adopt'
      ? `takes effect ${effective ?? 'by its delay'}`
      : `takes effect 48 h after ${effective ?? 'it was proposed'}`;
  return [
    `${digest.slice(0, 12)}  ${kind === 'policy.adopt' ? 'policy' : 'roster'}  signed by ${signers.join(', ')}; ${when}`,
    ...missing.map((one) => `  missing: ${lineOfConsent(one)}`),
    `  agree: halligan policy consent ${digest.slice(0, 12)}   object: halligan policy cancel ${digest.slice(0, 12)}`,
  ];
}
