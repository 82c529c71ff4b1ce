import type { ProvenState } from '@halligan/evidence';
import { digestOf, HalliganError, hex, type Json } from '@halligan/format';
import { emergencyById } from '@halligan/procedure';
import {
  makeStatement,
  type SignedStatement,
  type StatementFields,
  type StatementKind,
  signStatement,
} from '@halligan/statement';
import type { ProgramKeys } from './keys.ts';

/** What every statement of a program says besides its body, from the state that the program proved. */
export function commonFields({ state, anchor }: ProvenState, by: string, subject: string) {
  const { roster } = state;
  if (roster === undefined)
    throw new HalliganError(
      'server.no-roster',
      'The record holds no roster.',
      'Run halligan init first.',
    );
  const emergency = emergencyById(state, subject);
  return {
    origin: roster.origin,
    subject,
    by,
    at: new Date().toISOString(),
    policy: emergency?.policy ?? state.policy ?? null,
    roster: roster.digest,
    journal: { size: anchor.size, root: hex(anchor.root) },
  };
}

/** Signs that a document is true. */
export async function attest(
  proven: ProvenState,
  keys: ProgramKeys,
  about: {
    readonly subject: string;
    readonly what: 'reset' | 'exercise' | 'prover';
    readonly purpose: 'real' | 'exercise';
  },
  document: Json,
): Promise<SignedStatement> {
  const fields: StatementFields<'attest'> = {
    ...commonFields(proven, 'rotator', about.subject),
    purpose: about.purpose,
    what: about.what,
    digest: digestOf(document),
  };
  return sign('attest', fields, keys);
}

/** Makes and signs a statement with a program's key. */
export async function sign<Kind extends StatementKind>(
  kind: Kind,
  fields: StatementFields<Kind>,
  keys: ProgramKeys,
): Promise<SignedStatement> {
  return signStatement(makeStatement(kind, fields), keys.signing);
}
