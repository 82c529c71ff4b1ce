import { type Account, isCandidate } from '../account/state.ts';
import { waysTo } from '../custody/ways.ts';
import { after, isAfter } from '../duration.ts';
import { pathsOf } from '../organisation/policy.ts';
import { isPerson } from '../quorum.ts';
import { entryOf, policyOfEmergency, type State } from '../state.ts';
import { SOLO_PATH } from './dual-control.ts';
import { governorsOf } from './governance.ts';
import { RESET_FAILURES } from './reset-list.ts';
import { type Emergency, isUnderWay } from './state.ts';
import { decidersOf } from './taking-part.ts';

/** What goes wrong in an emergency, as the one who is in it would say it. */
export const SYMPTOMS = {
  'approver-silent': 'No approver answers',
  'second-missing': 'The second person cannot be had',
  'envelope-tampered': 'The envelope is not intact',
  'vault-fails': 'Everybody released, and still it does not open',
  'login-fails': 'The account does not sign in',
  'second-factor-missing': 'Key, device or telephone for the second factor is not there',
  'which-account': 'Which account is the right one?',
  'record-differs': 'Record and audit log differ',
  'rotation-fails': 'The credential cannot be reset',
  'unexplained-actions': 'Somebody did what nobody can explain',
  'quorum-lost': 'Too few holders are left',
} as const;

export type Symptom = keyof typeof SYMPTOMS;

/** A way on. Shown, not enforced: whether it may be taken, the rules say when it is. */
export interface WayOn {
  readonly what: string;
  /** The command to type, where there is one. */
  readonly command?: string;
  /** Whether it can be taken now. */
  readonly open: boolean;
  /** From when on, where it opens by itself. */
  readonly from?: string;
}

/**
 * The ways on from a trouble, in the order in which they are tried, for an emergency where one is at hand.
 * @param emergency undefined where the trouble comes before any declaration
 */
export function waysOn(
  state: State,
  symptom: Symptom,
  emergency: Emergency | undefined,
  now: string,
): readonly WayOn[] {
  switch (symptom) {
    case 'approver-silent':
      return emergency === undefined ? [declareFirst] : silence(state, emergency, now);
    case 'second-missing':
      return withoutSecond(state, emergency);
    case 'envelope-tampered':
      return [
        way('Stop: do not open it. Photograph seal, signatures, tears and holes.'),
        way(
          'Put it back, and say so, both of you: security is told.',
          'halligan envelope tampered <serial> --out tampered.json',
        ),
        ...alternatives(state, emergency),
      ];
    case 'vault-fails':
      return vault(state, emergency);
    case 'login-fails':
      return [
        way('Have another administrator look whether the account is locked, disabled or expired.'),
        ...alternatives(state, emergency),
        ...support(state, emergency),
        way('Set the credential anew, from the rotator.', rotation(emergency)),
        way('Where nothing rotates it, or that fails: by hand.', byHand(emergency)),
      ];
    case 'second-factor-missing':
      return [
        ...factors(state, emergency),
        ...alternatives(state, emergency),
        ...support(state, emergency),
      ];
    case 'which-account':
      return [
        way(
          'Search by what you see, without what is down.',
          'halligan account find <what you see> --without <system that is down>',
        ),
        way('Ask the owner of the system.', 'halligan system list'),
      ];
    case 'record-differs':
      return [
        way('Lay the log beside the record.', 'halligan emergency reconcile <export>'),
        way(
          'Explain each difference, and sign.',
          'halligan emergency reconcile <export> --explain 17="…" --sign',
        ),
        way(
          'Correct the record by an addendum: nothing on it is changed.',
          'halligan emergency addendum',
        ),
        way('What nobody can explain is escalated.', 'halligan emergency escalate --what "…"'),
      ];
    case 'rotation-fails':
      return rotationFails(state, emergency);
    case 'unexplained-actions':
      return unexplained(state, emergency);
    case 'quorum-lost':
      return quorumLost(state, emergency);
  }
}

function way(what: string, command?: string, open = true): WayOn {
  return { what, open, ...(command === undefined ? {} : { command }) };
}

const declareFirst: WayOn = way(
  'Declare first: the waiting time counts from the declaration.',
  'halligan emergency declare',
);

function silence(state: State, emergency: Emergency, now: string): readonly WayOn[] {
  const policy = policyOfEmergency(state, emergency);
  if (policy === undefined) return [declareFirst];
  const refused = emergency.refusals.map(({ by }) => by);
  const others = decidersOf(state, emergency).filter((one) => !refused.includes(one));
  const { timers, time_zone: zone, working_days: days } = policy;
  const from = after(emergency.at, timers.approver_wait, zone, days?.holidays);
  const barred = refused.length > 0 || emergency.approval !== undefined || !isUnderWay(emergency);
  return [
    way(
      others.length === 0
        ? 'Nobody is left who could approve.'
        : `Call ${others.join(', ')}, by phone, message and e-mail; write down each time.`,
      undefined,
      others.length > 0,
    ),
    {
      ...way(
        refused.length > 0
          ? `${refused.join(', ')} refused: that is not silence, and bars the exception.`
          : 'The silence exception, with the second person.',
        'halligan emergency exception',
        !barred && isAfter(now, from),
      ),
      ...(barred ? {} : { from }),
    },
    way('Afterwards every approver is told, within the policy’s time.'),
  ];
}

function withoutSecond(state: State, emergency: Emergency | undefined): readonly WayOn[] {
  const policy =
    emergency === undefined
      ? entryOf(state.policies, state.policy)
      : policyOfEmergency(state, emergency);
  const tier = entryOf(state.accounts, emergency?.account)?.document.quorum;
  const tiers = tier === undefined ? Object.keys(policy?.quorums ?? {}) : [tier];
  const solo =
    policy !== undefined &&
    tiers.some((one) => pathsOf(policy, one).some(({ name }) => name === SOLO_PATH));
  const custodians = (state.roster?.members ?? [])
    .filter((one) => one.roles.includes('custodian') && one.id !== emergency?.requester)
    .map((one) => one.id);
  return [
    way(
      `Name another custodian: ${custodians.join(', ')}. Abort, and declare with them.`,
      'halligan emergency abort --reason "…"',
      custodians.length > 0,
    ),
    way('Wait for them, if it can wait.'),
    way(
      solo
        ? 'Alone with an executive, who signs first and signs it off afterwards.'
        : 'Alone: the policy has no path for one person with an executive.',
      'halligan emergency declare',
      solo,
    ),
  ];
}

function vault(state: State, emergency: Emergency | undefined): readonly WayOn[] {
  const ways = emergency === undefined ? [] : waysTo(state, emergency);
  return ways.length === 0
    ? [way('From a kit, by hand: docs/guides/open-a-seal-by-hand.md.', 'halligan kit')]
    : ways.map(({ by, name, open, how }) => way(`${by} ${name}: ${how}`, undefined, open));
}

/** The account's siblings that are armed. */
function alternatives(state: State, emergency: Emergency | undefined): readonly WayOn[] {
  const armed = siblingsOf(state, emergency).filter((one) => one.state === 'armed');
  return armed.length === 0
    ? [way('No other account of this system is armed.', undefined, false)]
    : armed.map(({ document }) =>
        way(`Use ${document.id} instead.`, `halligan emergency declare --account ${document.id}`),
      );
}

function siblingsOf(state: State, emergency: Emergency | undefined): readonly Account[] {
  return Object.values(state.accounts).filter(
    ({ document }) =>
      emergency !== undefined &&
      document.system === emergency.system &&
      document.id !== emergency.account,
  );
}

function support(state: State, emergency: Emergency | undefined): readonly WayOn[] {
  const contact = entryOf(state.systems, emergency?.system)?.support;
  return [
    contact === undefined
      ? way('The provider’s support: the inventory names nobody.', undefined, false)
      : way(`Call the provider’s support: ${contact}.`),
  ];
}

function rotation(emergency: Emergency | undefined): string {
  return `halligan account rotate ${emergency?.account ?? '<account>'}`;
}

function byHand(emergency: Emergency | undefined): string {
  return `halligan account rotate-by-hand ${emergency?.account ?? '<account>'} --second <person> --out <file>`;
}

function factors(state: State, emergency: Emergency | undefined): readonly WayOn[] {
  const { keys = [], second_methods: methods = [] } =
    entryOf(state.accounts, emergency?.account)?.document ?? {};
  return [
    way(
      'Look up the account’s other key, methods and codes, and where they lie.',
      `halligan account show ${emergency?.account ?? '<account>'}`,
    ),
    ...keys.map((key) => way(`The key ${key.serial}, in ${key.key_place}.`)),
    ...methods.map((one) =>
      one.method === 'sms'
        ? way('The organisation’s telephone, by SMS.', undefined, one.organisation_controlled)
        : one.method === 'totp-device'
          ? way(`The device for one-time codes, in ${one.place}.`)
          : way(`A backup code, in ${one.place}; ${one.left} are left.`, undefined, one.left > 0),
    ),
  ];
}

function rotationFails(state: State, emergency: Emergency | undefined): readonly WayOn[] {
  const account = entryOf(state.accounts, emergency?.account);
  const candidates =
    account === undefined
      ? []
      : Object.keys(account.versions).filter((number) => isCandidate(account, Number(number)));
  return [
    ...Object.values(RESET_FAILURES).map((what) => way(what)),
    way('Try again.', rotation(emergency)),
    way(
      'By hand, two of you: one person knows it until the rotator works again.',
      byHand(emergency),
    ),
    way(
      'Put on the record why, and what is tried next.',
      'halligan emergency reset --part password --failed complexity --next "…"',
      emergency !== undefined,
    ),
    ...(account?.state === 'exposed'
      ? [
          way(
            `Exposed: versions ${candidates.join(' and ')} may both open it, and both stay sealed.`,
          ),
        ]
      : []),
  ];
}

function unexplained(state: State, emergency: Emergency | undefined): readonly WayOn[] {
  const to = emergency === undefined ? [] : governorsOf(state, emergency);
  return [
    way('Preserve the logs before anything else.'),
    way(
      `Escalate to ${to.length === 0 ? 'the governance recipient' : to.join(' or ')}, and recommend whom to suspend.`,
      'halligan emergency escalate --what "…" --log <file> --suspend <person>',
      emergency !== undefined,
    ),
    way('Set the credential anew.', rotation(emergency)),
  ];
}

function quorumLost(state: State, emergency: Emergency | undefined): readonly WayOn[] {
  const account = entryOf(state.accounts, emergency?.account);
  const paths = account?.versions[account.current]?.header.paths ?? [];
  return [
    ...paths.map((path) => {
      const short = path.groups.filter(
        ({ holders, need }) =>
          holders.filter((one) => isPerson(state.roster, one) || !isKnownPerson(one)).length < need,
      );
      return way(
        short.length === 0
          ? `The path ${path.name} still has enough holders.`
          : `The path ${path.name} lacks holders of ${short.map(({ name }) => name).join(', ')}.`,
        `halligan emergency open --path ${path.name}`,
        short.length === 0,
      );
    }),
    ...alternatives(state, emergency),
    way(
      'With the driver’s own right, the rotator sets a new credential for the people there are now.',
      rotation(emergency),
    ),
    ...support(state, emergency),
  ];
}

/** Programs hold shares as well: they are no people of the roster, and never leave it by themselves. */
function isKnownPerson(id: string): boolean {
  return id !== 'releaser';
}
