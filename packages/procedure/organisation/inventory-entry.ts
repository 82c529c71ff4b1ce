import { digestOf, HalliganError, type Json } from '@halligan/format';
import { type Roster, subjectOf, type VerifiedStatement } from '@halligan/statement';
import type { Account } from '../account/state.ts';
import { openEmergencies } from '../emergency/register.ts';
import { isOpen } from '../emergency/state.ts';
import { happened } from '../events.ts';
import { type Decision, isSaid } from '../input.ts';
import { isPerson } from '../quorum.ts';
import { type Refusal, refuse } from '../refusal.ts';
import { entryOf, type State } from '../state.ts';
import {
  type AccountDocument,
  type DriverDocument,
  type InventoryEntry,
  inventoryOf,
  type PersonDocument,
  type RetirementDocument,
  type SystemDocument,
} from './inventory.ts';
import { decideMachines } from './machines.ts';

/**
 * An admin adds or changes a system, an account, what is known of a person, or a system's driver settings. Two admins
 * change what says where the rotator goes with its credential, and retire what is a way in.
 */
export function decideInventory(
  state: State,
  statements: readonly VerifiedStatement[],
  document: Json | undefined,
): Decision {
  const { roster } = state;
  const admins = (roster?.members ?? []).filter((one) => one.roles.includes('admin'));
  const eligible = admins.map((one) => one.id);
  if (roster === undefined || !statements.every((said) => eligible.includes(said.by))) {
    return refuse('inventory.admin', 'An admin keeps the inventory.', 'Ask an admin.', eligible);
  }
  const entry = document === undefined ? undefined : readInventory(document);
  if (document === undefined || entry === undefined || !allAttest(statements, document)) {
    return refuse(
      'inventory.document',
      'The entry does not fit what was signed.',
      'Sign this one.',
    );
  }
  if ('refusal' in entry) return entry;
  const subject = subjectOf(entry.add, entry.id);
  if (statements.some((said) => said.statement.subject !== subject))
    return refuse('inventory.document', 'The signature is for another entry.', 'Sign this one.');
  const signers = new Set(statements.map((said) => said.by));
  switch (entry.add) {
    case 'system':
      return decideSystem(state, roster, entry);
    case 'person':
      return decidePerson(state, roster, entry);
    case 'retirement':
      return decideRetirement(state, entry, signers.size, eligible);
    case 'machines':
      return decideMachines(state, entry);
    case 'driver':
      return decideDriver(state, entry, signers.size, eligible);
    case 'account':
      return decideAccount(state, entry, signers.size, eligible);
  }
}

function allAttest(statements: readonly VerifiedStatement[], document: Json): boolean {
  const digest = digestOf(document);
  return statements.every(
    (said) =>
      isSaid(said, 'attest') &&
      said.statement.what === 'inventory' &&
      said.statement.digest === digest,
  );
}

function decideSystem(state: State, roster: Roster, entry: SystemDocument): Decision {
  const current = entryOf(state.systems, entry.id);
  const fault = replacementFault('system', entry, current);
  if (fault !== undefined) return fault;
  if (entryOf(state.standing.retired, entry.id) !== undefined) return retired('system', entry.id);
  if (!isPerson(roster, entry.owner))
    return refuse(
      'inventory.owner',
      `“${entry.owner}” is not on the roster.`,
      'Name an owner on the roster.',
    );
  const system = entry;
  return {
    events: [happened(current === undefined ? 'SystemAdded' : 'SystemChanged', { system })],
  };
}

/** What is there is only replaced by whoever has seen it. */
function replacementFault(
  kind: string,
  entry: { readonly id: string; readonly previous?: string },
  current: object | undefined,
): { readonly refusal: Refusal } | undefined {
  if (current === undefined)
    return entry.previous === undefined
      ? undefined
      : refuse(
          'inventory.unknown',
          `There is no ${kind} “${entry.id}” to change.`,
          'Add it first.',
        );
  if (entry.previous === undefined)
    return refuse(
      'inventory.exists',
      `There is a ${kind} “${entry.id}” already.`,
      `Use another id, or change it: halligan ${kind} change.`,
    );
  return entry.previous === digestOf(current as Json)
    ? undefined
    : refuse(
        'inventory.changed',
        'This entry has changed since that was signed.',
        'Look at it, and sign again.',
      );
}

function retired(kind: string, id: string): { readonly refusal: Refusal } {
  return refuse('inventory.retired', `The ${kind} “${id}” is retired.`, 'Add one with another id.');
}

function decidePerson(state: State, roster: Roster, entry: PersonDocument): Decision {
  if (!isPerson(roster, entry.id))
    return refuse(
      'inventory.person',
      `“${entry.id}” is not a person of the roster.`,
      'Admit them first.',
    );
  const fault = replacementFault('person', entry, entryOf(state.standing.people, entry.id));
  return fault ?? { events: [happened('PersonDescribed', { person: entry })] };
}

function decideRetirement(
  state: State,
  { of, id }: RetirementDocument,
  signers: number,
  eligible: readonly string[],
): Decision {
  const accounts = Object.values(state.accounts).filter(
    ({ document, state: now }) =>
      now !== 'retired' && (of === 'account' ? document.id === id : document.system === id),
  );
  const known =
    of === 'account'
      ? accounts.length > 0
      : entryOf(state.systems, id) !== undefined &&
        entryOf(state.standing.retired, id) === undefined;
  if (!known)
    return refuse('inventory.unknown', `There is no ${of} “${id}” to retire.`, 'Look at the list.');
  if (signers < 2)
    return refuse(
      'inventory.two-admins',
      'Two admins retire a way in.',
      'Ask another admin to sign too.',
      eligible,
    );
  if (of === 'system') {
    if (accounts.length > 0)
      return refuse(
        'inventory.in-use',
        `“${id}” has accounts that are not retired.`,
        'Retire them first: halligan account retire.',
      );
    return { events: [happened('SystemRetired', { system: id })] };
  }
  const open = openEmergencies(state).some((one) => one.account === id && isOpen(one));
  if (open)
    return refuse(
      'inventory.in-use',
      `An emergency about “${id}” is open.`,
      'Close it first: halligan obligations.',
    );
  return { events: [happened('AccountRetired', { account: id })] };
}

function decideDriver(
  state: State,
  entry: DriverDocument,
  signers: number,
  eligible: readonly string[],
): Decision {
  if (entryOf(state.systems, entry.id) === undefined)
    return refuse('inventory.system', `There is no system “${entry.id}”.`, 'Add the system first.');
  const current = entryOf(state.drivers, entry.id);
  if (entry.previous !== (current ?? null))
    return refuse(
      'inventory.driver',
      'The driver’s settings have changed since this was signed.',
      'Look at them, and sign again.',
    );
  if (current !== undefined && signers < 2)
    return refuse(
      'inventory.two-admins',
      'Two admins change how a system is reached.',
      'Ask another admin to sign too.',
      eligible,
    );
  const byHand = entry.by_hand === true ? { byHand: true as const } : {};
  return {
    events: [happened('DriverConfigured', { system: entry.id, config: entry.config, ...byHand })],
  };
}

function decideAccount(
  state: State,
  entry: AccountDocument,
  signers: number,
  eligible: readonly string[],
): Decision {
  const policy = state.policy === undefined ? undefined : state.policies[state.policy];
  const account = entryOf(state.accounts, entry.id);
  const fault = replacementFault('account', entry, account?.document);
  if (fault !== undefined) return fault;
  if (account !== undefined) return changeAccount(account, entry, signers, eligible);
  if (
    entryOf(state.systems, entry.system) === undefined ||
    entryOf(state.standing.retired, entry.system) !== undefined
  )
    return refuse(
      'inventory.system',
      `There is no system “${entry.system}”.`,
      'Add the system first.',
    );
  if (policy === undefined || entryOf(policy.quorums, entry.quorum) === undefined)
    return refuse(
      'inventory.quorum',
      `The policy has no quorum “${entry.quorum}”.`,
      'Name one of the policy.',
    );
  return { events: [happened('AccountAdded', { account: entry.id, document: entry })] };
}

/** Which account of which system the rotator resets, and who opens it, is no detail: that is another account. */
function changeAccount(
  { document, state }: Account,
  entry: AccountDocument,
  signers: number,
  eligible: readonly string[],
): Decision {
  if (state === 'retired') return retired('account', entry.id);
  const fixed = (['system', 'quorum', 'name'] as const).find((one) => document[one] !== entry[one]);
  if (fixed !== undefined)
    return refuse(
      'inventory.fixed',
      `The ${fixed} of an account does not change.`,
      'Add another account, and retire this one.',
    );
  if (entry.privilege !== document.privilege && signers < 2)
    return refuse(
      'inventory.two-admins',
      'Two admins change what an account may do.',
      'Ask another admin to sign too.',
      eligible,
    );
  return { events: [happened('AccountChanged', { account: entry.id, document: entry })] };
}

/** What an admin sent may be no entry at all: that is a refusal like any other. */
function readInventory(document: Json): InventoryEntry | { readonly refusal: Refusal } {
  try {
    return inventoryOf(document);
  } catch (cause) {
    if (!(cause instanceof HalliganError)) throw cause;
    return refuse(cause.code, cause.message, cause.hint);
  }
}
