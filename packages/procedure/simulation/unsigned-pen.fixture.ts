import { HalliganError } from '@halligan/format';
import {
  type Roster,
  type SignedStatement,
  statementDigest,
  type VerifiedStatement,
  verifyLink,
} from '@halligan/statement';
import { found, type Pen } from '../practice/practice-organisation.fixture.ts';

/**
 * Signatures that cost nothing, which only a simulation believes: the name of whose key it was. Everything else that
 * verifying asks is asked. Whoever borrows a statement borrows its signature, too: what then stands in their way are
 * the rules alone.
 */
export const UNSIGNED: Pen = {
  sign: async (statement, by) => ({ statement, signature: `by ${by}` }),
  verify: async (state, stored) => {
    if (stored.type !== 'statements') return stored;
    const { signed, document } = stored;
    const { roster } = state;
    if (roster === undefined) throw new Error('an organisation is founded with signatures');
    const link =
      signed[0]?.statement.kind === 'roster.change' ? await verifyLink(document) : undefined;
    const pattern = await genuine();
    return {
      type: 'statements',
      statements: signed.map((one) => believed(one, roster, pattern)),
      ...(document === undefined ? {} : { document }),
      ...(link === undefined ? {} : { link }),
    };
  },
};

function believed(
  signed: SignedStatement,
  roster: Roster,
  pattern: VerifiedStatement,
): VerifiedStatement {
  const { statement } = signed;
  const member = roster.members.find(({ id }) => id === statement.by);
  const spoken = statement.kind === 'share.release' || statement.kind === 'attest';
  if (
    member === undefined ||
    statement.origin !== roster.origin ||
    signed.signature !== `by ${statement.by}` ||
    (member.kind === 'program' && !spoken)
  )
    throw new HalliganError('statement.signature', 'This does not verify.', 'Sign it yourself.');
  return { ...pattern, statement, signed, by: statement.by, digest: statementDigest(statement) };
}

let pattern: Promise<VerifiedStatement> | undefined;

/** A statement that was verified: the mark that the rules ask for comes from nowhere else. */
function genuine(): Promise<VerifiedStatement> {
  pattern ??= verifyOne();
  return pattern;
}

async function verifyOne(): Promise<VerifiedStatement> {
  const org = await found();
  const signed = await org.sign('ada', 'close', '0'.repeat(64));
  const input = await org.verify({ type: 'statements', signed: [signed] });
  const [verified] = input.type === 'statements' ? input.statements : [];
  if (verified === undefined) throw new Error('nothing was verified');
  return verified;
}
