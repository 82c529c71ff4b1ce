import { memberById } from '@halligan/statement';
import {
  type Account,
  type Emergency,
  isRotatedByPeople,
  keepersOf,
  lastVersion,
  pathsOf,
  type StoredInput,
  settersOf,
  type Version,
} from '../index.ts';
import { canBeMet } from '../quorum.ts';
import { mendedGroups } from './obedient-admins.fixture.ts';
import {
  exercisedByHand,
  givenUpByHand,
  sealedByHand,
  setByHand,
} from './practice-by-hand.fixture.ts';
import { emergencyOf, exerciseRequest, exerciseResult } from './practice-emergency.fixture.ts';
import type { Organisation } from './practice-organisation.fixture.ts';
import { failedRotation, kitted, reset, sealed } from './practice-rotation.fixture.ts';

/** What brings a credential back to what nobody knows: by programs where they can, and else by people's hands. */

export type Answer = () => Promise<StoredInput>;

/** The next step of a rotation; one that was cut short is reported as failed first. */
export function rotationStep(org: Organisation, id: string): readonly Answer[] {
  const account = org.state.accounts[id];
  if (account === undefined) return [];
  const number = lastVersion(account);
  const last = account.versions[number];
  if (last !== undefined && isInHand(last)) return handsOn(org, account, number, last);
  const byPeople = isRotatedByPeople(org.state, account.document.system);
  if (last === undefined || !isUnfinished(last))
    return [
      ...mendedGroups(org, account),
      ...(byPeople ? byHand(org, account) : [async () => sealed(org, id, number + 1)]),
    ];
  if (byPeople) return [async () => failedRotation(id, number)];
  return [
    async () => (last.kit === undefined ? kitted(id, number) : reset(org, id, number)),
    async () => failedRotation(id, number),
  ];
}

/** Two people have begun it and not said yet how it ended. */
function isInHand(version: Version): boolean {
  return version.byHand !== undefined && isUnfinished(version);
}

function isUnfinished(version: Version): boolean {
  return version.proven === undefined && version.failed === undefined;
}

/** Somebody who may seals on their device, with somebody who may beside them; what is in hand is brought to its end. */
function byHand(org: Organisation, account: Account): readonly Answer[] {
  const { id } = account.document;
  const number = lastVersion(account);
  const last = account.versions[number];
  if (last !== undefined && isInHand(last)) return handsOn(org, account, number, last);
  const next = number + 1;
  return settersOf(org.state, account).flatMap((by) =>
    keepersOf(org.state)
      .filter((one) => one !== by)
      .slice(0, 1)
      .map((second) => () => sealedByHand(org, by, next, { second }, id)),
  );
}

/** Set by those two who began; given up by others where one of the two has left. */
function handsOn(
  org: Organisation,
  account: Account,
  number: number,
  { kit, byHand: both }: Version,
): readonly Answer[] {
  const { id } = account.document;
  if (both === undefined) return [];
  if (kit === undefined) return [async () => kitted(id, number)];
  return [
    () => setByHand(org, [both.by, both.second], number, {}, id),
    ...settersOf(org.state, account).map((by) => () => givenUpByHand(org, by, number, id)),
  ];
}

/** That what was reset works is seen by the prover, or by two people where no prover can: the seal is opened for it. */
export function verifying(
  org: Organisation,
  id: string,
  owners: readonly string[],
): readonly Answer[] {
  const account = org.state.accounts[emergencyOf(org, id).account];
  if (account === undefined) return [];
  const { by } = account.versions[account.current]?.byHand ?? {};
  const paths = pathsOpenTo(org, id, true);
  const hands =
    by === undefined
      ? []
      : keepersOf(org.state).map((second) => () => exercisedByHand(org, id, [by, second]));
  const exercises = isRotatedByPeople(org.state, account.document.system)
    ? []
    : paths.flatMap((path) => owners.map((one) => () => exerciseRequest(org, id, { path }, one)));
  // Those who hold shares of it cannot open it any more: it is sealed again to those who are there, by hand where no
  // seal of theirs would open.
  const next = canOpenNext(org, account, emergencyOf(org, id));
  const again = exercises.length > 0 || !next ? [] : rotationStep(org, account.document.id);
  const alone = next ? [] : byHand(org, account);
  return [() => exerciseResult(org, id), ...hands, ...exercises, ...alone, ...again];
}

/** Whether a seal that is made now could be opened by those who are there, of whom a witness releases nothing. */
function canOpenNext(
  org: Organisation,
  { document }: Account,
  { witness, second }: Emergency,
): boolean {
  const { roster, policies, policy } = org.state;
  const known = policies[policy ?? ''];
  if (roster === undefined || known === undefined) return false;
  return pathsOf(known, document.quorum).some(({ groups }) =>
    canBeMet(
      groups.map(({ name, need }) => ({
        need,
        holders: (roster.groups[name] ?? []).filter(
          (one) => (one !== witness || one === second) && memberById(roster, one) !== undefined,
        ),
      })),
    ),
  );
}

/** Paths of the current seal that the people who are there can open, with the server's help. */
export function pathsOpenTo(org: Organisation, id: string, exercise: boolean): readonly string[] {
  const { account, second, witness } = emergencyOf(org, id);
  const { roster } = org.state;
  const known = org.state.accounts[account];
  const paths = known?.versions[known.current]?.header.paths ?? [];
  return paths
    .filter(({ name }) => exercise || (second === undefined) === (name === 'solo'))
    .filter(({ groups }) =>
      canBeMet(
        groups.map(({ need, holders }) => ({
          need,
          holders: holders.filter(
            (one) =>
              (one !== witness || one === second) &&
              roster !== undefined &&
              memberById(roster, one) !== undefined,
          ),
        })),
      ),
    )
    .map(({ name }) => name);
}
