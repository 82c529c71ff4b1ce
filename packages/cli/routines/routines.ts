import type { Block, PrintedDocument } from '@halligan/document';
import { HalliganError } from '@halligan/format';
import type { State } from '@halligan/procedure';
import { breakGlass } from './break-glass.ts';
import { emergencyAccess } from './emergency-access.ts';
import { pinRotation } from './pin-rotation.ts';
import type { Organisation } from './routine.ts';
import { testing } from './testing.ts';

/** A routine as a file is named by it. */
export interface Routine {
  readonly name: string;
  readonly document: PrintedDocument;
}

const ROUTINES: readonly (readonly [
  name: string,
  title: string,
  blocks: (one: Organisation) => readonly Block[],
])[] = [
  ['emergency-access', 'Emergency access', emergencyAccess],
  ['break-glass', 'Break-glass accounts', breakGlass],
  ['pin-rotation', 'Rotation of PINs and credentials', pinRotation],
  ['testing', 'Testing', testing],
];

/**
 * The organisation’s routines, written from its policy and inventory: another policy, another text. Pure.
 * @param state with the accounts that the routines are to name
 * @param practice whether it is a practice organisation, whose routines say so
 * @throws `cli.no-policy`
 */
export function routinesOf(state: State, practice = false): readonly Routine[] {
  const digest = state.policy;
  const policy = digest === undefined ? undefined : state.policies[digest];
  if (digest === undefined || policy === undefined)
    throw new HalliganError(
      'cli.no-policy',
      'No policy is adopted yet: there is nothing to write routines from.',
      'Adopt one: halligan policy adopt.',
    );
  // The policy’s date, not today’s: the same policy and inventory make the same bytes.
  const since = state.standing.policySince ?? '1970-01-01T00:00:00.000Z';
  return ROUTINES.map(([name, title, blocks]) => ({
    name,
    document: {
      language: 'en',
      ...(practice ? { kind: 'PRACTICE', practice } : {}),
      title: [title],
      subtitle: [
        [
          `${policy.organisation} · by the policy of ${since.slice(0, 10)} (${digest.slice(0, 16)})`,
        ],
      ],
      running: `${title} · ${policy.organisation} · policy ${digest.slice(0, 16)}`,
      date: since,
      blocks: blocks({ state, policy }),
      closing: [
        'Written by halligan routines from the policy and the inventory. Whoever changes those writes it anew.',
      ],
    },
  }));
}
