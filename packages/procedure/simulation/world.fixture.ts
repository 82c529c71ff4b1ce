import type { Role } from '@halligan/statement';
import { type Policy, policyOf } from '../index.ts';
import {
  accountEntry,
  genesisOf,
  memberOf,
  Organisation,
  type Pen,
  POLICY,
  systemEntry,
  textOf,
} from '../practice/practice-organisation.fixture.ts';
import { addPlaces, envelopeFor } from '../practice/practice-paper.fixture.ts';
import { rotate } from '../practice/practice-rotation.fixture.ts';
import { Dice } from './dice.fixture.ts';

/** How many different organisations there are. */
export const WORLDS = 64;

const NAMES = [
  ...['ada', 'bob', 'ana', 'ben', 'cleo', 'dana', 'dirk', 'dora'],
  ...['eli', 'wanda', 'raj', 'mei', 'ivan', 'olga'],
] as const;
const ROLES: readonly (readonly [Role, number])[] = [
  ['custodian', 0.5],
  ['approver', 0.3],
  ['deputy', 0.15],
  ['executive', 0.25],
  ['witness', 0.2],
  ['security', 0.15],
  ['system-owner', 0.15],
  ['auditor', 0.1],
];

type People = Map<string, Role[]>;

const made = new Map<number, Promise<Organisation>>();

/**
 * An organisation made up by chance, the same for the same number: its people in any roles, its groups (one person in
 * several, programs last), two tiers of quorums with and without server, alone or not, its systems and accounts with
 * keys, codes and paper, armed. Founded with signatures; what follows is written with `pen`.
 */
export async function worldOf(number: number, pen?: Pen): Promise<Organisation> {
  const known = made.get(number) ?? foundWorld(new Dice(number));
  made.set(number, known);
  return (await known).fork(pen);
}

async function foundWorld(dice: Dice): Promise<Organisation> {
  const people = peopleBy(dice);
  const org = new Organisation();
  const members = await Promise.all([
    ...[...people].map(([id, roles]) => memberOf(id, roles)),
    memberOf('releaser', [], 'program'),
    memberOf('rotator', [], 'program'),
  ]);
  await org.done(await org.rosterChange(genesisOf(members), ['ada', 'bob']));
  for (const [name, holders] of Object.entries(groupsBy(dice, people)))
    await org.done(
      await org.rosterChange(
        { do: 'group', name, members: holders },
        ['ada', 'bob', ...holders].filter(
          (one, at, all) => people.has(one) && all.indexOf(one) === at,
        ),
      ),
    );
  for (;;) {
    const policy = policyBy(dice, [...people.keys()]);
    if (policy === undefined) continue;
    const decision = await org.submit(await org.adoption(policy, ['ada', 'bob']));
    if ('events' in decision) break;
  }
  await addSystems(dice, org, [...people.keys()]);
  return org;
}

function peopleBy(dice: Dice): People {
  const names = NAMES.slice(0, 8 + dice.below(7));
  const people: People = new Map(
    names.map((name) => [
      name,
      ROLES.filter(([, share]) => dice.chance(share)).map(([role]) => role),
    ]),
  );
  const give = (name: string, role: Role) => {
    const roles = people.get(name) ?? [];
    if (!roles.includes(role)) roles.push(role);
  };
  give('ada', 'admin');
  give('bob', 'admin');
  for (const name of dice.some(names, 3, 5)) give(name, 'custodian');
  for (const name of dice.some(names, 1, 2)) give(name, 'executive');
  return people;
}

function groupsBy(dice: Dice, people: People): Readonly<Record<string, readonly string[]>> {
  const having = (role: Role) =>
    [...people].filter(([, roles]) => roles.includes(role)).map(([name]) => name);
  return {
    keyholders: dice.some(having('custodian'), 3, 5),
    executives: dice.some([...having('executive'), ...(dice.chance(0.2) ? ['ada'] : [])], 1, 3),
    vault: dice.some([...people.keys()], 2, 4),
    server: ['releaser'],
  };
}

/** A policy by chance; undefined where it is none. The organisation may still find that its groups do not fit. */
export function policyBy(dice: Dice, people: readonly string[]): Policy | undefined {
  const timers = {
    approver_wait: dice.pick(['15m', '5m', '1h']),
    opening_window: dice.pick(['30m', '10m', '2h']),
    session: dice.pick(['4h', '1h']),
    review: dice.pick(['5 business days', '1 business day', '2d']),
  };
  const document = {
    ...POLICY,
    ...(dice.chance(0.8) ? { rules: people.length % 2 === 0 ? 3 : 2 } : {}),
    owner: dice.pick(['ada', ...people]),
    approvers: {
      'tier-0': dice.some(people, 1, 3),
      'tier-1': dice.some(people, 1, 2),
      ...(dice.chance(0.7) ? { deputies: dice.some(people, 1, 2) } : {}),
    },
    quorums: { 'tier-0': pathsBy(dice), 'tier-1': pathsBy(dice) },
    allow_one_person: dice.chance(0.4),
    witness: dice.pick(['optional', 'optional', 'required', 'none']),
    may_be_second_person: dice.chance(0.3),
    timers,
    time_zone: dice.pick(['UTC', 'Europe/London', 'Pacific/Auckland']),
  };
  try {
    return policyOf(document);
  } catch {
    return undefined;
  }
}

function pathsBy(dice: Dice): Readonly<Record<string, readonly string[]>> {
  const server = (share: number) => (dice.chance(share) ? ['1 of server'] : []);
  const main = dice.pick(['keyholders', 'keyholders', 'vault']);
  return {
    standard: [
      `${1 + dice.below(3)} of ${main}`,
      ...(dice.chance(0.3) ? [`1 of ${main === 'vault' ? 'keyholders' : 'vault'}`] : []),
      ...server(0.8),
    ],
    ...(dice.chance(0.7) ? { offline: ['2 of keyholders', '1 of executives'] } : {}),
    ...(dice.chance(0.4) ? { solo: ['1 of keyholders', '1 of executives', ...server(0.7)] } : {}),
  };
}

async function addSystems(dice: Dice, org: Organisation, people: readonly string[]): Promise<void> {
  const paper = dice.chance(0.6) && (await addPlaces(org));
  for (const system of ['directory', 'cloud'].slice(0, 1 + dice.below(2))) {
    const owner = dice.pick(['ada', ...people]);
    await org.done(await org.entry('ada', systemEntry({ id: system, owner })));
    for (const number of [1, 2, 3].slice(0, 1 + dice.below(3))) {
      const id = `${system}-${number}`;
      const quorum = dice.pick(['tier-0', 'tier-0', 'tier-1']);
      const methods = dice.chance(0.3) ? { ...KEYS, ...METHODS } : {};
      await org.done(await org.entry('ada', accountEntry(id, { system, quorum, ...methods })));
      await rotate(org, id);
      if (paper && dice.chance(0.5)) await org.done(await envelopeFor(org, id));
    }
    if (dice.chance(0.25)) await org.done(await org.entry('ada', withoutDriver(system)));
  }
}

const KEYS = {
  keys: [{ serial: 'K-1', presence: 'touch', pin: true, key_place: 'safe', pin_place: 'bank' }],
};
const METHODS = {
  second_methods: [
    { method: 'totp-device', place: 'safe' },
    { method: 'backup-codes', place: 'safe', left: 8 },
  ],
};

/** People rotate the accounts of such a system. */
function withoutDriver(id: string) {
  const config = textOf('by hand');
  return { v: 'halligan/inventory/v1', add: 'driver', id, by_hand: true, config, previous: null };
}
