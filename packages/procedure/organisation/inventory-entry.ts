import { digestOf, HalliganError, type Json } from '@halligan/format';
import { type Roster, subjectOf, type VerifiedStatement } from '@halligan/statement';
import { happened } from '../events.ts';
import { type Decision, isSaid } from '../input.ts';
import { isPerson } from '../quorum.ts';
import { type Refusal, refuse } from '../refusal.ts';
import { entryOf, type State } from '../state.ts';
import {
  type AccountDocument,
  type DriverDocument,
  inventoryOf,
  type SystemDocument,
} from './inventory.ts';

/**
 * An admin adds a system, an account or a system's driver settings. Two admins change settings that are in use: they
 * say where the rotator goes with its credential.
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
    case 'driver':
      return decideDriver(state, entry, signers.size, eligible);
    case 'account':
      return decideAccount(state, entry);
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
  if (entryOf(state.systems, entry.id) !== undefined)
    return refuse(
      'inventory.exists',
      `There is a system “${entry.id}” already.`,
      'Use another id.',
    );
  if (!isPerson(roster, entry.owner))
    return refuse(
      'inventory.owner',
      `“${entry.owner}” is not on the roster.`,
      'Name an owner on the roster.',
    );
  return { events: [happened('SystemAdded', { system: entry })] };
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
  return { events: [happened('DriverConfigured', { system: entry.id, config: entry.config })] };
}

function decideAccount(state: State, entry: AccountDocument): Decision {
  const policy = state.policy === undefined ? undefined : state.policies[state.policy];
  if (entryOf(state.accounts, entry.id) !== undefined)
    return refuse(
      'inventory.exists',
      `There is an account “${entry.id}” already.`,
      'Use another id.',
    );
  if (entryOf(state.systems, entry.system) === undefined)
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

/** What an admin sent may be no entry at all: that is a refusal like any other. */
function readInventory(
  document: Json,
): SystemDocument | AccountDocument | DriverDocument | { readonly refusal: Refusal } {
  try {
    return inventoryOf(document);
  } catch (cause) {
    if (!(cause instanceof HalliganError)) throw cause;
    return refuse(cause.code, cause.message, cause.hint);
  }
}
