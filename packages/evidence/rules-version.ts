import { HalliganError } from '@halligan/format';
import { LATEST_RULES } from '@halligan/procedure';
import { z } from 'zod';
import type { Group } from './transcript.ts';

const versioned = z.object({ rules: z.int() });

/**
 * An emergency is judged by the version of the rules that was in force when it was declared. By rules that this program
 * does not know it judges nothing: it says so, rather than that something is wrong.
 * @throws `evidence.rules-version`
 */
export function requireKnownRules(groups: readonly Group[]): void {
  for (const { index, events } of groups)
    for (const { type, data } of events) {
      const found = versioned.safeParse(
        type === 'PolicyAdopted' ? data.policy : type === 'EmergencyDeclared' ? data : undefined,
      );
      if (found.success && (found.data.rules < 1 || found.data.rules > LATEST_RULES))
        throw new HalliganError(
          'evidence.rules-version',
          `Entry ${index} is judged by version ${found.data.rules} of the rules; this program knows 1 to ${LATEST_RULES}.`,
          'Nothing is said of the record: verify it with the halligan of the version that made it, or a later one.',
        );
    }
}
