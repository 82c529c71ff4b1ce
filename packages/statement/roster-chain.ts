import { HalliganError } from '@halligan/format';
import { memberById, type Roster, rosterOfGenesis } from './roster.ts';
import {
  countsFor,
  type RosterContext,
  type RosterOutcome,
  rosterAfter,
  signersOf,
} from './roster-change.ts';
import { rosterFault } from './roster-fault.ts';
import { type RosterLink, signedLinkOf, verifyLink } from './roster-link.ts';
import { type VerifiedStatement, verifyStatement } from './signed-statement.ts';

/**
 * Verifies the first link of a roster: two admins or more whom it names signed it, with keys that it names. That
 * makes it whole, not true: compare its digest, as words, with what was printed.
 * @throws `roster.shape`, `roster.version`, `roster.order`, `roster.admin`, `roster.statement`, other codes of a
 *   {@link RosterOutcome}, `statement.signature` and its sisters
 */
export async function verifyGenesis(signedLink: unknown): Promise<Roster> {
  const signed = signedLinkOf(signedLink);
  const { link, digest } = await verifyLink(signed.link);
  if (link.change.do !== 'genesis' || link.number !== 0 || link.previous !== null) {
    throw new HalliganError(
      'roster.order',
      'This is not the first link of a roster.',
      'Start with the genesis, whose words are printed.',
    );
  }
  const roster = rosterOfGenesis(link.change, digest);
  throwIf(rosterFault(roster));
  const statements = await verifyAll(signed.statements, roster, digest, null);
  const admins = new Set(
    statements.map(({ by }) => by).filter((id) => memberById(roster, id)?.roles.includes('admin')),
  );
  if (admins.size < 2) {
    throw new HalliganError(
      'roster.admin',
      'Fewer than two of its admins signed this roster.',
      'Ask another admin to sign it.',
    );
  }
  return roster;
}

/**
 * Verifies one more link, signatures and all, and applies the rules to it.
 * @throws what is no valid document: `roster.shape`, `roster.version`, `roster.statement`, `statement.signature` and
 *   its sisters. What the rules refuse is returned.
 */
export async function applyLink(
  roster: Roster,
  signedLink: unknown,
  context: RosterContext,
): Promise<RosterOutcome> {
  const signed = signedLinkOf(signedLink);
  const verified = await verifyLink(signed.link);
  if (verified.link.previous === roster.digest) {
    const statements = await verifyAll(signed.statements, roster, verified.digest, roster.digest);
    return rosterAfter(roster, verified, signersOf(roster, verified.digest, statements), context);
  }
  // Its signers are those of another roster: the rules refuse it before they look at them.
  return rosterAfter(roster, verified, [], context);
}

/**
 * Verifies a whole chain from its genesis. Stops at the first link that is not in force here, and returns its
 * outcome: links after a pending one are not looked at, because they were signed under a roster that is not in
 * force on this device yet. That the chain ends where it ends, only the journal can say.
 * @param contextOf what to judge a link by: the thresholds of the policy in force when it was made (the journal
 *   proves the order), and when it was first seen
 * @throws as {@link verifyGenesis} and {@link applyLink}
 */
export async function verifyChain(
  signedLinks: readonly unknown[],
  contextOf: (link: RosterLink) => RosterContext,
): Promise<RosterOutcome> {
  const [genesis, ...later] = signedLinks.map(signedLinkOf);
  let roster = await verifyGenesis(genesis);
  for (const signed of later) {
    const outcome = await applyLink(roster, signed, contextOf(signed.link));
    if (outcome.result !== 'applied') return outcome;
    roster = outcome.roster;
  }
  return { result: 'applied', roster };
}

async function verifyAll(
  statements: readonly unknown[],
  roster: Roster,
  linkDigest: string,
  under: string | null,
): Promise<readonly VerifiedStatement[]> {
  const verified: VerifiedStatement[] = [];
  for (const signed of statements) {
    const statement = await verifyStatement(signed, roster);
    if (!countsFor(statement, linkDigest, under)) {
      throw new HalliganError(
        'roster.statement',
        'A statement beside this roster change is about something else.',
        'Do not apply it. Ask the admins who made it.',
      );
    }
    verified.push(statement);
  }
  return verified;
}

function throwIf(fault: { code: string; why: string; hint: string } | undefined): void {
  if (fault !== undefined) throw new HalliganError(fault.code, fault.why, fault.hint);
}
