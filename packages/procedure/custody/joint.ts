import { digestOf, HalliganError, type Json } from '@halligan/format';
import { personsWithRole, type VerifiedStatement } from '@halligan/statement';
import { isSaid } from '../input.ts';
import { isPerson } from '../quorum.ts';
import { type Refusal, refuse } from '../refusal.ts';
import type { State } from '../state.ts';
import { attestedBy, type CustodyDocument, custodyOf } from './document.ts';

/** A custody document that two different people signed. */
export interface Joint {
  readonly document: CustodyDocument;
  readonly digest: string;
  readonly by: readonly [string, string];
}

type Refused = { readonly refusal: Refusal };

/** Who keeps envelopes: custodians and security. */
export function keepersOf({ roster }: State): readonly string[] {
  if (roster === undefined) return [];
  const people = [...personsWithRole(roster, 'custodian'), ...personsWithRole(roster, 'security')];
  return [...new Set(people.map((one) => one.id))];
}

/**
 * Reads what two people signed about a place or an envelope: one document, two signatures over its digest for the same
 * subject and purpose, by two different people. One person alone must be able to vouch for nothing that lies in a safe.
 */
export function jointCustody(
  state: State,
  statements: readonly VerifiedStatement[],
  document: Json | undefined,
): Joint | Refused {
  const read = document === undefined ? undefined : readCustody(document);
  if (document === undefined || read === undefined)
    return refuse(
      'custody.document',
      'The document that was signed is missing.',
      'Send it with the two signatures.',
    );
  if ('refusal' in read) return read;
  const [first, second] = statements;
  if (first === undefined || second === undefined || statements.length !== 2) {
    return refuse(
      'custody.two-people',
      'Two people sign for what is done with envelopes and places.',
      'Let the other person sign the draft too: halligan envelope sign FILE.',
      keepersOf(state),
    );
  }
  if (first.by === second.by) {
    return refuse(
      'custody.same-person',
      `Both signatures are ${first.by}’s: nobody vouches for themselves.`,
      'Ask somebody else to look and to sign.',
      keepersOf(state).filter((one) => one !== first.by),
    );
  }
  const digest = digestOf(document);
  const what = attestedBy(read);
  const fits = statements.every(
    (said) =>
      isSaid(said, 'attest') &&
      said.statement.what === what &&
      said.statement.digest === digest &&
      said.statement.subject === first.statement.subject &&
      said.statement.purpose === first.statement.purpose,
  );
  if (!fits)
    return refuse(
      'custody.document',
      'The two signatures are not over this document.',
      'Sign the same one, both.',
    );
  const stranger = [first.by, second.by].find((one) => !isPerson(state.roster, one));
  if (stranger !== undefined)
    return refuse(
      'custody.person',
      `“${stranger}” is not a person on the roster.`,
      'Ask somebody who is.',
      keepersOf(state),
    );
  return { document: read, digest, by: [first.by, second.by] };
}

/** What was sent may be no document at all: that is a refusal like any other. */
function readCustody(document: Json): CustodyDocument | Refused {
  try {
    return custodyOf(document);
  } catch (cause) {
    if (!(cause instanceof HalliganError)) throw cause;
    return refuse(cause.code, cause.message, cause.hint);
  }
}
