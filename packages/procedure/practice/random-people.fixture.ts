import fc from 'fast-check';
import {
  allEmergencies,
  approversOf,
  isUnderWay,
  lastVersion,
  ROTATOR,
  type StoredInput,
} from '../index.ts';
import { declaration, said } from './practice-emergency.fixture.ts';
import {
  memberOf,
  type Organisation,
  policyWith,
  textOf,
} from './practice-organisation.fixture.ts';
import { failedRotation, kitted, reset, sealed } from './practice-rotation.fixture.ts';
import { EMERGENCY_ACTS, inEmergency } from './random-emergency.fixture.ts';
import { isWellMeant, WELL_MEANT, wellMeant } from './well-meant.fixture.ts';

/** People and programs who say anything at any time: what is right, what is wrong, and what others said before. */

const ORGANISATION_ACTS = [
  'declare',
  'seal',
  'kit',
  'reset',
  'fail',
  'admit',
  'remove',
  'group',
  'policy',
  'replay',
  'shuffle',
  'borrow',
  'tick',
] as const;

/** What a signer may lie about, whatever else they sign. */
const LIES: Readonly<Record<string, object>> = {
  none: {},
  drill: { purpose: 'drill' },
  exercise: { purpose: 'exercise' },
  real: { purpose: 'real' },
  roster: { roster: textOf('old') },
  policy: { policy: textOf('old') },
  origin: { origin: 'halligan.example/elsewhere' },
  offline: { offline: { after: [] } },
};
const REQUEST_LIES: Readonly<Record<string, object>> = {
  ...LIES,
  path: { path: 'offline' },
  window: { expires: '2030-01-01T00:00:00Z' },
};

export interface Step {
  /** `obey`: whoever something is due from does it. */
  readonly act:
    | (typeof ORGANISATION_ACTS)[number]
    | (typeof EMERGENCY_ACTS)[number]
    | (typeof WELL_MEANT)[number]
    | 'obey';
  /** Whose key signs: see {@link personAt}. */
  readonly who: number;
  readonly other: number;
  readonly pick: number;
  readonly lie: string;
  /** Minutes that pass before. */
  readonly wait: number;
  /** Minutes that the signer's clock is off. */
  readonly off: number;
}

/** @param length fewest and most steps */
export function stepsOf(length: {
  readonly minLength: number;
  readonly maxLength: number;
}): fc.Arbitrary<readonly Step[]> {
  return fc.array(step, { ...length, size: 'max' });
}

const step: fc.Arbitrary<Step> = fc.record({
  act: fc.oneof(
    { weight: 4, arbitrary: fc.constant('obey' as const) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('declare' as const, 'release' as const, 'replay' as const),
    },
    { weight: 4, arbitrary: fc.constantFrom(...ORGANISATION_ACTS, ...EMERGENCY_ACTS) },
    { weight: 3, arbitrary: fc.constantFrom(...WELL_MEANT) },
  ),
  who: fc.nat(999),
  other: fc.nat(999),
  pick: fc.nat(1000),
  lie: fc.oneof(
    { weight: 6, arbitrary: fc.constant('none') },
    { weight: 1, arbitrary: fc.constantFrom(...Object.keys(REQUEST_LIES)) },
  ),
  wait: fc.oneof(
    { weight: 12, arbitrary: fc.integer({ min: 0, max: 2 }) },
    { weight: 2, arbitrary: fc.integer({ min: 15, max: 40 }) },
    { weight: 1, arbitrary: fc.constantFrom(300, 60 * 26, 60 * 24 * 9) },
  ),
  off: fc.oneof(
    { weight: 9, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.constantFrom(-300, -7, -3, 3, 7, 300) },
  ),
});

/**
 * Somebody: mostly a person on the roster, sometimes a program, one who has left, or nobody that anyone knows.
 * @param first whom it concerns, to be asked more often
 */
export function personAt(
  org: Organisation,
  number: number,
  first: readonly (string | undefined)[] = [],
): string {
  const { members = [], former = [] } = org.state.roster ?? {};
  const near = first.filter((one) => one !== undefined);
  const list =
    number % 3 === 0 && near.length > 0
      ? near
      : number % 10 === 1
        ? [
            ...former,
            ...members.filter(({ kind }) => kind === 'program').map(({ id }) => id),
            'zoe',
          ]
        : members.filter(({ kind }) => kind === 'person').map(({ id }) => id);
  return list[Math.floor(number / 3) % list.length] ?? 'zoe';
}

/** What a step's people send; undefined where there is nothing to speak of yet. @param elsewhere other records */
export async function inputOf(
  org: Organisation,
  step: Step,
  elsewhere: readonly StoredInput[] = [],
): Promise<StoredInput | undefined> {
  const { act, pick, off, other } = step;
  if (isWellMeant(act)) return wellMeant(org, act, step);
  const lie = { ...LIES[step.lie], ...(off === 0 ? {} : { at: clockOff(org.now, off) }) };
  const who = personAt(org, step.who);
  const accounts = Object.keys(org.state.accounts);
  const account = accounts[pick % accounts.length] ?? 'none';
  const known = org.state.accounts[account];
  const last = known === undefined ? 0 : lastVersion(known);
  switch (act) {
    case 'obey':
      return undefined;
    case 'tick':
      return { type: 'tick' };
    case 'declare':
      return declared(org, step, account, lie);
    case 'replay':
      return org.history[other % org.history.length]?.stored;
    case 'shuffle':
      return shuffled(org, step);
    case 'borrow':
      return elsewhere[other % Math.max(1, elsewhere.length)];
    case 'admit':
      return org.rosterChange(
        { do: 'admit', member: await memberOf(`guest-${org.history.length}`, ['custodian']) },
        [who],
      );
    case 'remove':
      return pick % 3 === 0 ? leaving(org, personAt(org, other), who) : undefined;
    case 'group':
      return regrouped(org, step);
    case 'policy':
      return org.adoption(
        policyWith({
          ...org.state.policies[org.state.policy ?? ''],
          accounts_per_system: 1 + (pick % 2),
          ...(pick % 3 === 0 ? {} : { rules: pick % 3 === 1 ? 2 : 3 }),
          ...(pick % 4 === 0 ? { witness: 'optional' } : {}),
        }),
        [who, personAt(org, other)],
      );
    case 'seal':
      return sealed(org, account, last + (pick % 7 === 0 ? 2 : 1), SEAL_LIES[other % 20]);
    case 'kit':
      return kitted(
        account,
        last - (pick % 7 === 0 ? 1 : 0),
        other % 6 === 0 ? [{ name: 'server', offServer: false }] : undefined,
      );
    case 'fail':
      return last === 0 ? undefined : failedRotation(account, last);
    case 'reset':
      return reset(
        org,
        account,
        last,
        { old: pick % 5 === 0 ? 'accepted' : pick % 7 === 0 ? 'unknown' : 'rejected' },
        lie,
        other % 8 === 0 ? who : ROTATOR,
      );
    default: {
      // With nothing going on there would be nothing to attack.
      if (pick % 4 !== 0 && !allEmergencies(org.state).some(isUnderWay))
        return declared(org, step, account, lie);
      const ids = allEmergencies(org.state).map((one) => one.id);
      // Mostly the last one: what is over refuses nearly everything.
      const id = pick % 3 === 0 ? ids[other % ids.length] : ids.at(-1);
      return id === undefined
        ? undefined
        : inEmergency(org, step, id, lie, { ...REQUEST_LIES[step.lie] });
    }
  }
}

function clockOff(now: string, minutes: number): string {
  return new Date(Date.parse(now) + minutes * 60_000).toISOString();
}

const TWICE = [
  {
    name: 'standard',
    groups: ['ana', 'ben'].map((one) => ({ name: 'keyholders', need: 1, holders: [one] })),
  },
];

/** How a server may write a seal that is easier to open. */
const SEAL_LIES: readonly object[] = [
  { paths: [{ name: 'standard', groups: [{ name: 'keyholders', need: 0, holders: ['ana'] }] }] },
  { paths: [] },
  { paths: TWICE },
  { shares: [] },
  { account: 'another' },
];

/** Mostly as it should be; sometimes with one person twice, a witness who holds, an approver who is none. */
async function declared(
  org: Organisation,
  { who, other, pick, lie }: Step,
  account: string,
  header: object,
): Promise<StoredInput> {
  const policy = org.state.policies[org.state.policy ?? ''];
  const known = org.state.accounts[account];
  const people = (org.state.roster?.members ?? []).filter(({ kind }) => kind === 'person');
  const chosen = (list: readonly string[], taken: readonly (string | undefined)[]) => {
    const left = pick % 13 === 0 ? list : list.filter((one) => !taken.includes(one));
    return left[other % Math.max(1, left.length)];
  };
  const custodians = people.filter(({ roles }) => roles.includes('custodian')).map(({ id }) => id);
  const requester = personAt(org, who, custodians);
  const listed = policy === undefined ? [] : approversOf(policy, known?.document.quorum ?? '');
  const approver = pick % 17 === 0 ? personAt(org, other) : chosen(listed, [requester]);
  const alone = known?.versions[known.current]?.header.paths.some(({ name }) => name === 'solo');
  const second =
    pick % (alone === true ? 3 : 14) === 0 ? undefined : chosen(custodians, [requester, approver]);
  const holders = known?.versions[known.current]?.header.shares.map(({ holder }) => holder) ?? [];
  const watching = policy?.witness === 'required' || (policy?.witness !== 'none' && pick % 2 === 0);
  const witness = chosen(
    people.map(({ id }) => id).filter((id) => pick % 19 === 0 || !holders.includes(id)),
    [requester, approver, second],
  );
  const scenario = { notice: 'surprise', form: 'tabletop', sabotage: [] };
  return said(
    await declaration(
      org,
      {
        account,
        system: known?.document.system,
        second,
        witness: watching ? witness : undefined,
        approver: approver ?? 'dana',
        ...(pick % 3 === 1 ? { purpose: 'drill' } : {}),
        ...(pick % 20 === 1 ? { scenario } : {}),
        ...(lie === 'none' || pick % 2 === 0 ? header : {}),
      },
      requester,
    ),
  );
}

/** Statements that were said before, in another order, with others, or with another document. */
function shuffled(org: Organisation, { pick, other }: Step): StoredInput | undefined {
  // Of late: what founded the organisation is no news to anybody.
  const said = org.history
    .slice(-40)
    .map(({ stored }) => stored)
    .filter((one) => one.type === 'statements');
  const [one, two] = [said[pick % said.length], said[other % said.length]];
  if (one === undefined || two === undefined) return undefined;
  switch ((pick + other) % 4) {
    case 0:
      return { ...one, signed: one.signed.toReversed() };
    case 1:
      return { ...one, signed: [...one.signed, ...two.signed] };
    case 2:
      return { ...one, document: two.document };
    default:
      return { ...one, signed: [...one.signed, ...one.signed] };
  }
}

function leaving(org: Organisation, person: string, by: string): Promise<StoredInput> {
  return org.rosterChange({ do: 'remove', person }, [by]);
}

/** A group with fewer, more or other people. */
async function regrouped(org: Organisation, { who, pick, other }: Step): Promise<StoredInput> {
  const groups = org.state.roster?.groups ?? {};
  const names = Object.keys(groups).filter((name) => name !== 'server');
  const name = names[pick % names.length] ?? 'keyholders';
  const before = groups[name] ?? [];
  const somebody = personAt(org, other);
  const members =
    pick % 2 === 0 ? before.filter((one) => one !== somebody) : [...new Set([...before, somebody])];
  const signers = pick % 3 === 0 ? ['ada', ...before] : [personAt(org, who)];
  return org.rosterChange({ do: 'group', name, members }, [...new Set(signers)]);
}
