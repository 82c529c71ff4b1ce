import { digestOf } from '@halligan/format';
import { personsWithRole, subjectOf } from '@halligan/statement';
import {
  after,
  allEmergencies,
  codeCommitment,
  decidersOf,
  type Emergency,
  isOpen,
  isUnderWay,
  isUseful,
  keepersOf,
  lastVersion,
  type StoredInput,
  settersOf,
  versionUnderHands,
} from '../index.ts';
import { givenUpByHand, sealedByHand, setByHand } from './practice-by-hand.fixture.ts';
import { said } from './practice-emergency.fixture.ts';
import { type Organisation, plain, textOf } from './practice-organisation.fixture.ts';
import { arrived, unsealed } from './practice-paper.fixture.ts';
import type { Step } from './random-people.fixture.ts';

/** What the right people do rightly that nobody owes: the less usual ways through an emergency, each step by itself. */
export const WELL_MEANT = [
  'write',
  'say-no',
  'wait-out',
  'fetch',
  'make-real',
  'commit-codes',
  'speak-code',
  'suspect',
  'clear',
  'seal-by-hand',
  'set-by-hand',
  'give-up-by-hand',
  'leave',
] as const;

type WellMeant = (typeof WELL_MEANT)[number];

export function isWellMeant(act: string): act is WellMeant {
  return (WELL_MEANT as readonly string[]).includes(act);
}

/** @returns undefined where there is nothing to do so for */
export async function wellMeant(
  org: Organisation,
  act: WellMeant,
  { pick, other }: Step,
): Promise<StoredInput | undefined> {
  const underWay = allEmergencies(org.state).filter(isUnderWay);
  const open = allEmergencies(org.state).filter(isOpen);
  const among = act === 'leave' ? open : underWay;
  const emergency = among[pick % Math.max(1, among.length)];
  const accounts = Object.keys(org.state.accounts);
  const account = emergency?.account ?? accounts[other % Math.max(1, accounts.length)] ?? 'none';
  switch (act) {
    case 'suspect':
    case 'clear':
      return suspicion(org, account, act, other);
    case 'seal-by-hand':
    case 'set-by-hand':
    case 'give-up-by-hand':
      return byHand(org, account, act, other);
    case 'commit-codes': {
      const approver = emergency === undefined ? 'ada' : decidersOf(org.state, emergency)[0];
      return approver === undefined ? undefined : sheetOf(org, approver, pick % 3);
    }
    default:
      return emergency === undefined ? undefined : inOne(org, emergency, act, pick);
  }
}

async function inOne(
  org: Organisation,
  one: Emergency,
  act: Exclude<
    WellMeant,
    'suspect' | 'clear' | 'seal-by-hand' | 'set-by-hand' | 'give-up-by-hand' | 'commit-codes'
  >,
  pick: number,
): Promise<StoredInput | undefined> {
  const { id, requester, second } = one;
  switch (act) {
    case 'write': {
      const about = (['access', 'baseline', 'action', 'post-change', 'observation'] as const)[
        pick % 5
      ];
      const fields = { about, occurred: org.now, text: textOf(`note ${pick}`) };
      return said(await org.sign(second ?? requester, 'note', id, fields));
    }
    case 'say-no': {
      const [approver] = decidersOf(org.state, one);
      return approver === undefined
        ? undefined
        : said(await org.sign(approver, 'refuse', id, { reason: textOf('no') }));
    }
    case 'wait-out':
      return second === undefined ? undefined : silence(org, one, second);
    case 'fetch':
      return fetched(org, one);
    case 'make-real':
      return one.drill
        ? said(
            await org.sign(requester, 'convert', id, {
              purpose: 'real',
              reason: textOf('it is real now'),
              evidence: [textOf('a log')],
            }),
          )
        : undefined;
    case 'speak-code':
      return spoken(org, one, pick);
    case 'leave': {
      const person = second ?? requester;
      const admin = person === 'ada' ? 'bob' : 'ada';
      return org.rosterChange({ do: 'remove', person }, [person, admin]);
    }
  }
}

/** Every approver was tried by every means until their time was over, and nobody answered. */
async function silence(org: Organisation, one: Emergency, second: string): Promise<StoredInput> {
  const policy = org.state.policies[one.policy];
  const over = after(one.at, policy?.timers.approver_wait ?? '15m', 'UTC');
  const left = Date.parse(over) - Date.parse(org.now);
  if (left >= 0) org.wait(left / 60_000 + 1);
  const attempts = decidersOf(org.state, one)
    .flatMap((person) =>
      ['phone', 'message', 'email'].map((channel) => ({ person, channel, at: org.now })),
    )
    .slice(0, 32);
  const fields = { attempts, reason: textOf('nobody answers') };
  const both = [one.requester, second];
  return said(await Promise.all(both.map((by) => org.sign(by, 'exception', one.id, fields))));
}

/** To the envelope, and then into it. */
async function fetched(org: Organisation, one: Emergency): Promise<StoredInput | undefined> {
  const account = org.state.accounts[one.account];
  const envelope = Object.values(account?.envelopes ?? {}).find(
    (each) => account !== undefined && each.state === 'sealed' && isUseful(account, each),
  );
  if (envelope === undefined || one.second === undefined) return undefined;
  const { serial } = envelope;
  const both = [one.requester, one.second];
  const there = one.retrievals.some((each) => each.serial === serial);
  const purpose = one.drill ? { purpose: 'drill' } : {};
  return there
    ? unsealed(org, one.id, serial, both, {}, purpose)
    : arrived(org, one.id, serial, both, purpose);
}

const codeOf = (person: string, number: number) => textOf(`${person} ${number}`);

/** A sheet of one-time codes, two for emergencies and two for drills. */
export async function sheetOf(
  org: Organisation,
  person: string,
  sheet: number,
  header: Readonly<Record<string, unknown>> = {},
): Promise<StoredInput> {
  const codes = (first: number) =>
    [first, first + 1].map((number) => codeCommitment(codeOf(person, number)));
  const document = plain({
    v: 'halligan/approval-codes/v1',
    person,
    salt: 'ab'.repeat(16),
    real: codes(sheet * 10 + 1),
    drill: codes(sheet * 10 + 3),
  });
  const signed = await org.sign(person, 'attest', subjectOf('person', person), {
    what: 'approval-codes',
    digest: digestOf(document),
    ...header,
  });
  return said(signed, document);
}

/** The code that an approver reads out, from whichever sheet of theirs is in force. */
async function spoken(
  org: Organisation,
  one: Emergency,
  pick: number,
): Promise<StoredInput | undefined> {
  const approver = decidersOf(org.state, one).find(
    (each) => org.state.approvalCodes[each] !== undefined,
  );
  const codes = org.state.approvalCodes[approver ?? ''];
  if (approver === undefined || codes === undefined) return undefined;
  const number = 1 + (pick % 2);
  const list = one.drill ? codes.drill : codes.real;
  const at = [0, 10, 20]
    .map((sheet) => codeOf(approver, sheet + (one.drill ? 2 : 0) + number))
    .find((code) => codeCommitment(code) === list[number - 1]);
  const code = { number, preimage: at ?? codeOf(approver, number) };
  const fields = { method: 'phone', approver, given: org.now, code };
  return said(await org.sign(one.requester, 'approve', one.id, fields));
}

/** Somebody who keeps envelopes suspects an account; security or an auditor clears it. */
async function suspicion(
  org: Organisation,
  account: string,
  act: 'suspect' | 'clear',
  other: number,
): Promise<StoredInput | undefined> {
  const { roster } = org.state;
  const closers = (['security', 'auditor', 'admin'] as const).flatMap((role) =>
    roster === undefined ? [] : personsWithRole(roster, role).map((one) => one.id),
  );
  const people = act === 'suspect' ? keepersOf(org.state) : closers;
  const by = people[other % Math.max(1, people.length)];
  if (by === undefined) return undefined;
  const why = act === 'suspect' ? { why: 'login-fails' } : {};
  const document = plain({ v: 'halligan/suspicion/v1', do: act, account, ...why });
  const subject = subjectOf('account', account);
  const fields = { what: 'suspicion', digest: digestOf(document) };
  return said(await org.sign(by, 'attest', subject, fields), document);
}

function byHand(
  org: Organisation,
  id: string,
  act: 'seal-by-hand' | 'set-by-hand' | 'give-up-by-hand',
  other: number,
): Promise<StoredInput> | undefined {
  const account = org.state.accounts[id];
  if (account === undefined) return undefined;
  const setters = settersOf(org.state, account);
  const by = setters[other % Math.max(1, setters.length)] ?? 'ada';
  const number = versionUnderHands(account);
  const both = account.versions[number ?? 0]?.byHand;
  if (act === 'seal-by-hand') {
    const second = keepersOf(org.state).find((one) => one !== by);
    return sealedByHand(org, by, lastVersion(account) + 1, { second }, id);
  }
  if (number === undefined || both === undefined) return undefined;
  return act === 'set-by-hand'
    ? setByHand(org, [both.by, both.second], number, {}, id)
    : givenUpByHand(org, by, number, id);
}
