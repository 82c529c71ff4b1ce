import { digestOf, type Json } from '@halligan/format';
import {
  codeCommitment,
  type Decision,
  decide,
  type EventBody,
  type HalliganEvent,
  happened,
  type Input,
  jointCustody,
  ROTATOR,
  retrievalElsewhere,
  type State,
  streamOf,
} from '@halligan/procedure';
import type { Statement } from '@halligan/statement';
import { z } from 'zod';

const NOTHING: Decision = { events: [] };

/**
 * What a statement about an emergency that the transcript leaves out does to the transcript's account. Whether the
 * rules allowed it there rests on what is left out; what follows for the account is derived here, from the verified
 * statement alone. So a server that claims an emergency elsewhere can move the account between armed and used, or spend a
 * spoken code that was signed for, and nothing else: no approval, no release and no quorum of the emergency at hand comes in by this way.
 */
export function consequencesElsewhere(
  state: State,
  input: Input,
  events: readonly HalliganEvent[],
  own: readonly HalliganEvent[],
): Decision {
  const others = new Set(events.filter((event) => !own.includes(event)).map(streamOf));
  const accounts = new Set(own.map(streamOf));
  const [elsewhere = '', ...more] = others;
  const [place = '', ...places] = accounts;
  const emergency = /^emergency:([0-9a-f]{64})$/.exec(elsewhere)?.[1];
  const account = /^account:([a-z0-9-]{1,63})$/.exec(place)?.[1];
  if (emergency === undefined || more.length + places.length > 0) return NOTHING;
  if (input.type !== 'statements') return NOTHING;
  if (place === 'organisation') return { events: spentElsewhere(state, emergency, input) };
  if (account === undefined) return NOTHING;
  const [first] = input.statements;
  if (first?.statement.kind === 'attest' && first.statement.what === 'reset')
    return resetElsewhere(state, input, events[0]?.at ?? '');
  if (input.statements.length === 2)
    return { events: custodyElsewhere(state, input, account, emergency) };
  if (input.statements.length !== 1) return NOTHING;
  const statement = input.statements[0]?.statement;
  if (statement === undefined) return NOTHING;
  return statement.subject === emergency
    ? { events: consequenceOf(state, account, emergency, statement, input.document) }
    : NOTHING;
}

/** What two people did with an envelope of the account in another emergency. */
function custodyElsewhere(
  state: State,
  { statements, document }: Extract<Input, { readonly type: 'statements' }>,
  account: string,
  emergency: string,
): readonly EventBody[] {
  const joint = jointCustody(state, statements, document);
  const kept = state.accounts[account];
  return 'refusal' in joint || kept === undefined || statements[0]?.statement.subject !== emergency
    ? []
    : retrievalElsewhere(kept, joint, emergency);
}

function consequenceOf(
  state: State,
  account: string,
  emergency: string,
  statement: Statement,
  document: Json | undefined,
): readonly EventBody[] {
  switch (statement.kind) {
    case 'share.release': {
      const version = versionOfShare(state, account, statement);
      return version === undefined
        ? []
        : [
            happened('VersionTouched', { account, version, emergency }),
            happened('AccountTaken', { account, emergency }),
          ];
    }
    case 'end':
      return [happened('AccountUnarmed', { account, why: 'used' })];
    case 'abort':
      return [happened('AccountUnarmed', { account, why: 'touched' })];
    // By the second rules the account is armed when everything is done.
    case 'close': {
      const version = state.accounts[account]?.current;
      return version === undefined ? [] : [happened('AccountArmed', { account, version })];
    }
    case 'attest':
      return statement.what === 'exercise' && statement.by === ROTATOR
        ? exercisedElsewhere(account, statement.digest, document)
        : [];
    default:
      return [];
  }
}

/** A spoken code that was spent on another emergency is spent here, too: if its approver's sheet holds it. */
function spentElsewhere(
  state: State,
  emergency: string,
  { statements }: Extract<Input, { readonly type: 'statements' }>,
): readonly EventBody[] {
  const [said, ...others] = statements;
  const statement = said?.statement;
  if (statement?.kind !== 'approve' || statement.subject !== emergency || others.length > 0)
    return [];
  const { approver = '', code, purpose } = statement;
  if (code === undefined || !Object.hasOwn(state.approvalCodes, approver)) return [];
  const commitment = codeCommitment(code.preimage);
  const sheet = state.approvalCodes[approver]?.[purpose === 'drill' ? 'drill' : 'real'];
  return sheet?.[code.number - 1] === commitment
    ? [happened('ApprovalCodeSpent', { person: approver, commitment, spentOn: emergency })]
    : [];
}

/** The version that a released share is of: its commitment stands in one seal only, beside its holder. */
function versionOfShare(
  state: State,
  account: string,
  { by, path, group, commitment }: Extract<Statement, { readonly kind: 'share.release' }>,
): number | undefined {
  const found = Object.entries(state.accounts[account]?.versions ?? {}).find(([, version]) =>
    version.header.shares.some(
      (share) =>
        share.holder === by &&
        share.path === path &&
        share.group === group &&
        share.commitment === commitment,
    ),
  );
  return found === undefined ? undefined : Number(found[0]);
}

const exercise = z.object({ account: z.string(), version: z.int().min(1) });

function exercisedElsewhere(
  account: string,
  digest: string,
  document: Json | undefined,
): readonly EventBody[] {
  const parsed = exercise.safeParse(document);
  return parsed.success &&
    document !== undefined &&
    digestOf(document) === digest &&
    parsed.data.account === account
    ? [happened('AccountArmed', { account, version: parsed.data.version })]
    : [];
}

/** A reset is about the account: the rules judge all of it, but for whether an emergency waits for it. */
function resetElsewhere(state: State, input: Input, at: string): Decision {
  const decision = decide(state, input, at);
  return 'refusal' in decision
    ? decision
    : { events: decision.events.filter(({ type }) => type !== 'AccountArmed') };
}
