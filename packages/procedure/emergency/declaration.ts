import { memberById, subjectOf } from '@halligan/statement';
import type { Account } from '../account/state.ts';
import { after, isAfter } from '../duration.ts';
import { happened } from '../events.ts';
import type { Decision, Said } from '../input.ts';
import { approversOf, type Policy, rulesOf } from '../organisation/policy.ts';
import { isPerson } from '../quorum.ts';
import { type Refusal, refuse } from '../refusal.ts';
import { entryOf, type State, userOf } from '../state.ts';
import { drillFault } from './drill.ts';
import { admitsSolo, holdsShare, SOLO_PATH, soloExecutives } from './dual-control.ts';
import { isOffline } from './offline.ts';
import { isGivenUp, MOST_GIVEN_UP } from './past.ts';
import { emergencyById, openEmergencies } from './register.ts';

/** The digest of the declaration is the emergency's id: every later statement is bound to exactly these words. */
export function decideDeclaration(state: State, said: Said<'declare'>, now: string): Decision {
  const { statement, digest } = said;
  const { roster } = state;
  const policy = state.policy === undefined ? undefined : state.policies[state.policy];
  const account = entryOf(state.accounts, statement.account);
  if (roster === undefined || policy === undefined || state.policy === undefined) {
    return refuse(
      'declaration.no-policy',
      'No policy has been adopted.',
      'Two admins adopt one: halligan policy adopt.',
    );
  }
  if (account === undefined || statement.subject !== subjectOf('account', statement.account)) {
    return refuse(
      'declaration.account',
      `There is no account “${statement.account}”.`,
      'See halligan account list.',
    );
  }
  if (account.document.system !== statement.system) {
    return refuse(
      'declaration.system',
      `“${statement.account}” is not an account of “${statement.system}”.`,
      `It belongs to “${account.document.system}”.`,
    );
  }
  if (!isPerson(roster, said.by))
    return refuse(
      'declaration.program',
      'Only a person declares an emergency.',
      'Declare it yourself.',
    );
  if (statement.purpose === 'exercise') {
    return refuse(
      'declaration.purpose',
      'An exercise is part of a reset; it is not declared.',
      'Declare with purpose real or drill.',
    );
  }
  if (!policy.circumstances.includes(statement.cause)) {
    return refuse(
      'declaration.circumstances',
      `The policy does not provide for “${statement.cause}”.`,
      `It provides for ${policy.circumstances.join(', ')}.`,
    );
  }
  if (emergencyById(state, digest) !== undefined) {
    return refuse(
      'declaration.replayed',
      'This declaration is already on the record.',
      'See halligan emergency show.',
    );
  }
  const { second, witness } = statement;
  // Where the policy lets one person be both, the second person watches as well.
  const watching = policy.may_be_second_person && witness === second ? undefined : witness;
  const people = [said.by, second, statement.approver, watching].filter((one) => one !== undefined);
  if (new Set(people).size !== people.length) {
    return refuse(
      'declaration.same-person',
      'The requester, second person, witness and approver are different people.',
      'Name somebody else.',
    );
  }
  const unknown = people.find((person) => !isPerson(roster, person));
  if (unknown !== undefined)
    return refuse(
      'declaration.unknown-person',
      `“${unknown}” is not a person on the roster.`,
      'See halligan person list.',
    );
  if (second !== undefined && memberById(roster, second)?.roles.includes('custodian') !== true)
    return refuse(
      'declaration.second-person',
      `“${second}” is not on the break-glass list.`,
      'Name a custodian.',
      custodiansBut(state, people),
    );
  const approvers = approversOf(policy, account.document.quorum);
  if (!approvers.includes(statement.approver)) {
    return refuse(
      'declaration.approver',
      `“${statement.approver}” does not approve for this account.`,
      'Name an approver.',
      approvers,
    );
  }
  if (policy.witness === 'required' && statement.witness === undefined) {
    return refuse(
      'declaration.witness',
      'The policy asks for a witness.',
      'Name one who holds no share of this seal.',
    );
  }
  if (policy.witness === 'none' && statement.witness !== undefined) {
    return refuse(
      'declaration.witness',
      'The policy provides for no witness.',
      'Declare without one.',
    );
  }
  const version = account.versions[account.current];
  if (version === undefined) {
    return refuse(
      'declaration.no-seal',
      `Nothing is sealed for “${statement.account}”.`,
      'Use another account, or rotate it first.',
    );
  }
  if (watching !== undefined && holdsShare(version, watching)) {
    return refuse(
      'declaration.witness-holds',
      `“${watching}” holds a share of this seal.`,
      'A witness observes and holds nothing.',
    );
  }
  const alone = second === undefined ? soloFault(state, account, policy, people) : undefined;
  if (alone !== undefined) return alone;
  const user = userOf(state, statement.account);
  if (user !== undefined) {
    return refuse(
      'declaration.in-use',
      `“${statement.account}” is in use by another emergency.`,
      'Take part in that one, or use another account.',
    );
  }
  const siblings = Object.values(state.accounts).filter(
    (one) => one.document.system === statement.system && one.document.id !== statement.account,
  );
  const armed = siblings.filter((one) => one.state === 'armed').map((one) => one.document.id);
  if (account.state !== 'armed' && (statement.purpose === 'drill' || armed.length > 0)) {
    return refuse(
      'declaration.unarmed',
      `“${statement.account}” is ${account.state}.`,
      armed.length > 0 ? `Use ${armed.join(' or ')}.` : 'Reset and verify it first.',
    );
  }
  // What was done without the server was done: neither waiting nor an older request on the record undoes it.
  const offline = isOffline(said);
  const flood = offline ? undefined : cooldownOf(state, said.by, policy, now);
  if (flood !== undefined) return flood;
  const open = openEmergencies(state).filter((one) => one.aborted === undefined);
  const drill = drillFault(state, statement);
  if (drill !== undefined) return drill;
  const pending = open.find(
    (one) =>
      one.requester === said.by &&
      one.ended === undefined &&
      offline === (one.offline !== undefined),
  );
  if (pending !== undefined) {
    return refuse(
      'declaration.pending',
      'You have a pending request already.',
      `End or abort ${pending.id.slice(0, 12)} first.`,
    );
  }
  return {
    events: [
      happened('EmergencyDeclared', {
        emergency: digest,
        account: statement.account,
        system: statement.system,
        drill: statement.purpose === 'drill',
        cause: statement.cause,
        requester: said.by,
        ...(second === undefined ? {} : { second }),
        ...(witness === undefined ? {} : { witness }),
        approver: statement.approver,
        ...(statement.titles === undefined ? {} : { titles: statement.titles }),
        ...(statement.scenario === undefined ? {} : { scenario: statement.scenario }),
        policy: state.policy,
        rules: rulesOf(policy),
        reason: statement.reason,
        evidence: statement.evidence,
        ...(statement.attestation === undefined ? {} : { attestation: statement.attestation }),
        incident: statement.incident,
      }),
      happened('ApproversAsked', {
        emergency: digest,
        approvers: approvers.filter((person) => person !== said.by),
      }),
    ],
  };
}

/** Why one person may not go without a second one here, if so. */
function soloFault(
  state: State,
  account: Account,
  policy: Policy,
  people: readonly string[],
): { readonly refusal: Refusal } | undefined {
  const version = account.versions[account.current];
  if (!admitsSolo(policy, account.document.quorum))
    return refuse(
      'declaration.solo',
      'The policy has no path for one person alone.',
      'Name a second person; if nobody can be had, wait for one.',
      custodiansBut(state, people),
    );
  if (version?.header.paths.some((path) => path.name === SOLO_PATH) !== true)
    return refuse(
      'declaration.solo',
      'This seal was made before the policy had a path for one person alone.',
      'Name a second person, or rotate the account first.',
      custodiansBut(state, people),
    );
  if (soloExecutives(state, version, people).length === 0)
    return refuse(
      'declaration.solo',
      'No executive who could sign first holds a share of this seal.',
      'Name a second person.',
      custodiansBut(state, people),
    );
  return undefined;
}

function custodiansBut({ roster }: State, people: readonly string[]): readonly string[] {
  return (roster?.members ?? [])
    .filter(({ id, roles }) => roles.includes('custodian') && !people.includes(id))
    .map(({ id }) => id);
}

/** Every request calls every approver: who asks and gives up over and over wears them out, so that person waits. */
function cooldownOf(
  state: State,
  person: string,
  policy: Policy,
  now: string,
): { readonly refusal: Refusal } | undefined {
  const before = Object.values(entryOf(state.emergencies.past.givenUp, person) ?? {});
  const stillOpen = openEmergencies(state).filter(
    (one) => one.requester === person && isGivenUp(one),
  );
  const waiting = [...before, ...stillOpen.map(({ at }) => at)]
    .map((at) => after(at, policy.timers.approver_wait, policy.time_zone))
    .filter((until) => isAfter(until, now))
    .sort();
  const until = waiting.at(-MOST_GIVEN_UP);
  if (until === undefined) return undefined;
  return refuse(
    'declaration.cool-down',
    `You gave up ${waiting.length} requests just now.`,
    `Ask somebody else to declare, or declare again after ${until}.`,
  );
}
