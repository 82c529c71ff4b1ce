import { HalliganError, hex, utf8, utf8Text } from '@halligan/format';
import {
  linkDigest,
  makeStatement,
  type RosterLink,
  rosterLinkOf,
  type SignedStatement,
  type Signer,
  signedStatementOf,
  signStatement,
} from '@halligan/statement';
import { emptyRoot } from '@halligan/tlog';
import { z } from 'zod';
import { jsonOf } from '../person-home.ts';

const schema = z.strictObject({
  v: z.literal('halligan/genesis-signature/v1'),
  signed: z.unknown(),
});

/** A genesis: the link that says who an organisation's first people are. */
export type Genesis = RosterLink & {
  readonly change: Extract<RosterLink['change'], { readonly do: 'genesis' }>;
};

/** @throws `cli.genesis` where a link is no genesis; `roster.version`, `roster.shape` */
export function genesisFrom(json: unknown, where: string): Genesis {
  const link = rosterLinkOf(json);
  const { change } = link;
  if (change.do !== 'genesis')
    throw new HalliganError(
      'cli.genesis',
      `${where} is not the genesis of an organisation.`,
      'Take genesis.json, which halligan init wrote.',
    );
  return { ...link, change };
}

/** Signs a genesis, before any log or policy exists. */
export async function signGenesis(
  link: Genesis,
  by: string,
  key: Signer,
): Promise<SignedStatement> {
  const statement = makeStatement('roster.change', {
    origin: link.change.origin,
    subject: linkDigest(link),
    by,
    at: new Date().toISOString(),
    purpose: 'real',
    policy: null,
    roster: null,
    journal: { size: 0, root: hex(emptyRoot()) },
  });
  return signStatement(statement, key);
}

export function signatureFile(signed: SignedStatement): Uint8Array {
  return utf8(`${JSON.stringify({ v: 'halligan/genesis-signature/v1', signed })}\n`);
}

/** @throws `cli.genesis-signature`, `statement.shape` and its sisters */
export function readSignature(bytes: Uint8Array, where: string): SignedStatement {
  const parsed = schema.safeParse(jsonOf(utf8Text(bytes)));
  if (parsed.success) return signedStatementOf(parsed.data.signed);
  throw new HalliganError(
    'cli.genesis-signature',
    `${where} is not a signature over a genesis.`,
    'Each admin makes it on their own device: halligan genesis sign genesis.json --out FILE.',
  );
}
