import { digestOf, HalliganError, type Json } from '@halligan/format';
import { memberById, subjectOf } from '@halligan/statement';
import { happened } from './events.ts';
import type { Decision, Said } from './input.ts';
import { type AccountDocument, inventoryOf, type SystemDocument } from './inventory.ts';
import { isPerson } from './quorum.ts';
import { type Refusal, refuse } from './refusal.ts';
import { entryOf, type State } from './state.ts';

/** An admin adds a system or an account. */
export function decideInventory(
  state: State,
  said: Said<'attest'>,
  document: Json | undefined,
): Decision {
  if (
    state.roster === undefined ||
    memberById(state.roster, said.by)?.roles.includes('admin') !== true
  ) {
    return refuse(
      'inventory.admin',
      'An admin keeps the inventory.',
      'Ask an admin.',
      (state.roster?.members ?? [])
        .filter((one) => one.roles.includes('admin'))
        .map((one) => one.id),
    );
  }
  if (document === undefined || digestOf(document) !== said.statement.digest)
    return refuse(
      'inventory.document',
      'The entry does not fit what was signed.',
      'Sign this one.',
    );
  const entry = readInventory(document);
  if ('refusal' in entry) return entry;
  if (said.statement.subject !== subjectOf(entry.add, entry.id))
    return refuse('inventory.document', 'The signature is for another entry.', 'Sign this one.');
  if (entry.add === 'system') {
    if (entryOf(state.systems, entry.id) !== undefined)
      return refuse(
        'inventory.exists',
        `There is a system “${entry.id}” already.`,
        'Use another id.',
      );
    if (!isPerson(state.roster, entry.owner))
      return refuse(
        'inventory.owner',
        `“${entry.owner}” is not on the roster.`,
        'Name an owner on the roster.',
      );
    return { events: [happened('SystemAdded', { system: entry })] };
  }
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
): SystemDocument | AccountDocument | { readonly refusal: Refusal } {
  try {
    return inventoryOf(document);
  } catch (cause) {
    if (!(cause instanceof HalliganError)) throw cause;
    return refuse(cause.code, cause.message, cause.hint);
  }
}
