import {
  type Contact,
  type Emergency,
  lateSignOff,
  type Scenario,
  type State,
} from '@halligan/procedure';
import { asserted, type Claim, computed, lacking, listed, signed } from './claim.ts';
import {
  declaredScenario,
  happenings,
  signedAttempts,
  signersOfGroup,
  stoodInFor,
} from './happenings.ts';
import type { Group } from './transcript.ts';

/** Who declared, decided and took part, each with whose word it is. */
export function whatWasAuthorised(
  state: State,
  emergency: Emergency,
  groups: readonly Group[],
): readonly Claim[] {
  const { requester, account, converted, refusals } = emergency;
  const kind = emergency.drill || converted !== undefined ? 'a DRILL' : 'an emergency';
  const cause = converted === undefined ? ` (${emergency.cause})` : '';
  return [
    signed(
      requester,
      `${requester} declared ${kind} on ${account}${cause}${planned(declaredScenario(groups, emergency.id))}`,
    ),
    ...conversion(emergency),
    ...refusals.map(({ by }) => signed(by, `${by} refused it`)),
    ...approval(emergency, groups),
    ...parts(emergency, groups),
    ...executiveFirst(state, emergency, groups),
  ];
}

function planned(scenario: Scenario | undefined): string {
  if (scenario === undefined) return '';
  const { notice, form, sabotage } = scenario;
  return `, ${notice} and ${form}${sabotage.length === 0 ? '' : `, sabotaged: ${sabotage.join(', ')}`}`;
}

function conversion({ converted, cause }: Emergency): readonly Claim[] {
  if (converted === undefined) return [];
  return [
    signed(
      converted.by,
      `${converted.by} made it a real emergency (${cause}), ${converted.at.slice(0, 16)}Z`,
    ),
    computed('nothing that was decided in the drill counts for the emergency: decided anew here'),
  ];
}

function approval(emergency: Emergency, groups: readonly Group[]): readonly Claim[] {
  const { approval: given } = emergency;
  if (given === undefined) return [lacking('somebody approved it')];
  if (given.method === 'silence exception') return exception(emergency, groups);
  if (given.given === undefined) return [signed(given.by, `${given.by} approved it`)];
  const { by, method, heardBy } = given;
  const when = given.given.slice(0, 16);
  const approved = happenings(groups, `emergency:${emergency.id}`, 'EmergencyApproved').at(-1);
  const signers = listed(approved === undefined ? [] : signersOfGroup(approved.group));
  return [
    ...(given.code === undefined
      ? [
          signed(
            listed(heardBy ?? []),
            `${listed(heardBy ?? [])} signed the same words: ${by} approved, ${method}, ${when}Z`,
          ),
          asserted(signers, `${by} said so; ${by} signed nothing`),
        ]
      : [
          computed(`a one-time code of the sheet that ${by} had committed to was given for it`),
          asserted(signers, `${by} spoke the code for this emergency, ${method}, ${when}Z`),
        ]),
    ...told(emergency, [by], `a written summary of what ${by} approved`),
  ];
}

/** Silence is not shown by anything: what was sent is the server's word, the calls are those of the two. */
function exception(emergency: Emergency, groups: readonly Group[]): readonly Claim[] {
  const { by, attempts } = signedAttempts(groups, emergency.id);
  const [requester = '', second = ''] = by;
  const asked = (emergency.approval?.contacts ?? []).filter(
    ({ what }) => what === 'approval-request',
  );
  const silent = [...new Set([...attempts, ...asked].map(({ person }) => person))].sort();
  return [
    signed(
      listed(by),
      `${requester} invoked the silence exception; ${second} co-signed its ${attempts.length} attempts`,
    ),
    ...(attempts.length === 0
      ? []
      : [asserted(listed(by), `they tried ${reached(attempts)}, and nobody answered`)]),
    ...(asked.length === 0
      ? []
      : [asserted('the server', `before that it asked ${reached(asked)}`)]),
    ...told(emergency, silent, 'word that silence stood for an approval'),
  ];
}

/** Once it is over, those whose word it was must have been told; that they read it nobody says. */
function told(
  { contacts, approval: given, ended, aborted }: Emergency,
  people: readonly string[],
  what: string,
): readonly Claim[] {
  const later = contacts.filter(
    (one) => one.what !== 'approval-request' && people.includes(one.person),
  );
  const writers = [...new Set(later.map(({ by }) => by))];
  const missing = people.filter((person) => !later.some((one) => one.person === person));
  const isDue = ended !== undefined || aborted !== undefined || given?.given !== undefined;
  return [
    ...writers.map((by) =>
      asserted(
        by ?? 'the server',
        `${what} went to ${reached(later.filter((one) => one.by === by))}`,
      ),
    ),
    ...(missing.length === 0 || !isDue ? [] : [lacking(`${what} went to ${listed(missing)}`)]),
  ];
}

/** `dana (phone, email) and dirk (email)` */
function reached(tried: readonly Pick<Contact, 'person' | 'channel'>[]): string {
  const people = [...new Set(tried.map(({ person }) => person))].sort();
  return listed(
    people.map((person) => {
      const ways = tried.filter((one) => one.person === person).map(({ channel }) => channel);
      return `${person} (${[...new Set(ways)].join(', ')})`;
    }),
  );
}

function parts(emergency: Emergency, groups: readonly Group[]): readonly Claim[] {
  const taken = Object.entries(emergency.parts);
  const { witness } = emergency;
  const stood = stoodInFor(groups, emergency.id);
  return [
    ...taken.flatMap(([person, part]) => [
      signed(
        person,
        `${person} took part as ${part.role} (${part.together})${part.title === undefined ? '' : ', with a title of their own words'}${stood.has(person) ? `, in the place of ${stood.get(person)}, who had left` : ''}`,
      ),
    ]),
    ...(witness === undefined || emergency.parts[witness]?.role === 'witness'
      ? []
      : [lacking(`${witness} took part as witness`)]),
    ...(taken.length === 0
      ? []
      : [asserted(listed(taken.map(([person]) => person)), 'they were together as they say')]),
  ];
}

/** Without a second person: the order of the log shows that the executive's signature came before any share. */
function executiveFirst(
  state: State,
  emergency: Emergency,
  groups: readonly Group[],
): readonly Claim[] {
  if (emergency.second !== undefined) return [];
  const stream = `emergency:${emergency.id}` as const;
  const executive = happenings(groups, stream, 'PartTaken').find(
    ({ event }) => event.data.role === 'executive',
  );
  const share = happenings(groups, stream, 'ShareReleased')[0];
  const { signedOff, requester } = emergency;
  const late = lateSignOff(state, emergency);
  return [
    computed(`ONE PERSON ALONE: ${requester} had no second person beside them`),
    executive !== undefined && (share === undefined || executive.group.index < share.group.index)
      ? computed(
          `one person with an executive: ${executive.event.data.by} had signed before any share left its holder`,
        )
      : lacking('an executive had signed before any share left its holder'),
    ...(signedOff === undefined
      ? share === undefined
        ? []
        : [lacking('an executive signed off in writing on what was done')]
      : [
          signed(
            signedOff.by,
            `${signedOff.by} ${signedOff.agreed ? 'stands by' : 'DOES NOT stand by'} what was done, in writing, ${signedOff.at.slice(0, 16)}Z`,
          ),
          ...(late === undefined
            ? []
            : [asserted('the server', `that word came late: it was due by ${late.slice(0, 16)}Z`)]),
        ]),
  ];
}
