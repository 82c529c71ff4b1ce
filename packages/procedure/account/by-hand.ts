import { digestOf, ID, type Json } from '@halligan/format';
import { subjectOf, type VerifiedStatement } from '@halligan/statement';
import { z } from 'zod';
import { keepersOf } from '../custody/joint.ts';
import { type Decision, isSaid } from '../input.ts';
import { isPerson } from '../quorum.ts';
import { readDocument } from '../read-document.ts';
import { refuse } from '../refusal.ts';
import { entryOf, type State } from '../state.ts';
import { isSealHeader } from '../stored-input.ts';
import type { SealHeader } from './events.ts';
import { decideFailed, decideSealed, settled, whileUsed } from './rotation.ts';
import { type Account, lastVersion } from './state.ts';

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const id = z.string().regex(ID);

/** A person's device made a credential and sealed it; nobody has seen it yet. One person signs. */
const sealing = z.lazy(() =>
  z.strictObject({
    v: z.literal('halligan/sealing-by-hand/v1'),
    account: id,
    version: z.int().min(1),
    /** Digest of seal.json. */
    seal: digest,
    header: z.custom<SealHeader>(isSealHeader),
    /** Who is there when it is set, and signs with the one who sets it. */
    second: id,
  }),
);

/** It was set, signed in with and out again, by one person with the other beside them. Both sign. */
const result = z.lazy(() =>
  z.strictObject({
    v: z.literal('halligan/rotation-by-hand/v1'),
    account: id,
    version: z.int().min(1),
    seal: digest,
    fresh: z.literal('accepted'),
    old: z.enum(['rejected', 'accepted', 'unknown', 'none']),
  }),
);

/** It could not be set, or the device that made it is gone. One person signs. */
const failure = z.lazy(() =>
  z.strictObject({
    v: z.literal('halligan/rotation-by-hand-failed/v1'),
    account: id,
    version: z.int().min(1),
    seal: digest,
  }),
);

const byHandDocument = z.discriminatedUnion('v', [sealing, result, failure]);

/** What people sign of a rotation by hand. */
export type ByHandDocument = z.infer<typeof byHandDocument>;

/** Reads what is signed of a rotation by hand. @throws `procedure.document` */
export function byHandOf(json: unknown): ByHandDocument {
  return readDocument(byHandDocument, json, 'what two people did by hand');
}

const VERSIONS: ReadonlySet<unknown> = new Set<ByHandDocument['v']>([
  'halligan/sealing-by-hand/v1',
  'halligan/rotation-by-hand/v1',
  'halligan/rotation-by-hand-failed/v1',
]);

/** Whether a document says that it is of a rotation by hand. */
export function isByHand(document: Json | undefined): boolean {
  return (
    typeof document === 'object' && document !== null && 'v' in document && VERSIONS.has(document.v)
  );
}

/** Who may set a credential by hand: custodians, security, the system's owner and the admins. */
export function settersOf(state: State, account: Account): readonly string[] {
  const owner = entryOf(state.systems, account.document.system)?.owner;
  const admins = (state.roster?.members ?? [])
    .filter(({ kind, roles }) => kind === 'person' && roles.includes('admin'))
    .map((one) => one.id);
  return [...new Set([...keepersOf(state), owner ?? '', ...admins])].filter((one) =>
    isPerson(state.roster, one),
  );
}

/**
 * Rotation where no program does it, in the same order: a person's device seals what it made, the server keeps the
 * seal and writes the kits, and only then that person sees it, sets it and signs in. One person knows it afterwards,
 * so that two answer for it: that it was set is their word, and the record says so.
 */
export function decideByHand(
  state: State,
  statements: readonly VerifiedStatement[],
  given: Json | undefined,
): Decision {
  const parsed = byHandDocument.safeParse(given);
  const [said] = statements;
  if (!parsed.success || given === undefined || said === undefined)
    return refuse(
      'by-hand.document',
      'This is no rotation by hand.',
      'Begin again: halligan account rotate-by-hand.',
    );
  const document = parsed.data;
  const account = entryOf(state.accounts, document.account);
  if (account === undefined || account.state === 'retired')
    return refuse(
      'rotation.account',
      `There is no account “${document.account}”.`,
      'See halligan account list.',
    );
  const subject = subjectOf('account', document.account);
  const fits = statements.every(
    (one) =>
      isSaid(one, 'attest') &&
      one.statement.what === 'reset' &&
      one.statement.subject === subject &&
      one.statement.digest === digestOf(given),
  );
  if (!fits)
    return refuse(
      'by-hand.document',
      'What was signed is something else.',
      'Sign the same document, both.',
    );
  const by = statements.map((one) => one.by);
  switch (document.v) {
    case 'halligan/sealing-by-hand/v1':
      return decideSealing(state, account, document, by);
    case 'halligan/rotation-by-hand/v1':
      return decideSet(state, account, document, by);
    case 'halligan/rotation-by-hand-failed/v1':
      return decideGivenUp(state, account, document, by);
  }
}

function decideSealing(
  state: State,
  account: Account,
  { version, seal, header, second }: z.infer<typeof sealing>,
  signers: readonly string[],
): Decision {
  const setters = settersOf(state, account);
  const [by = ''] = signers;
  if (signers.length !== 1 || !setters.includes(by))
    return refuse(
      'by-hand.person',
      'A custodian, security, the system’s owner or an admin sets a credential by hand.',
      'Ask one of them.',
      setters,
    );
  const seconds = keepersOf(state).filter((one) => one !== by);
  if (!seconds.includes(second))
    return refuse(
      'by-hand.second',
      second === by
        ? 'Nobody attests alone what they alone know.'
        : `“${second}” is neither a custodian nor of security.`,
      'Name another person: --second.',
      seconds,
    );
  // The record could otherwise count a quorum by other paths than the seal's own.
  if (digestOf(header as unknown as Json) !== seal)
    return refuse(
      'rotation.seal',
      'The seal is not the one whose digest was signed.',
      'Seal again.',
    );
  return decideSealed(state, account, { version, digest: seal, header }, { by, second });
}

function decideSet(
  state: State,
  account: Account,
  { version: number, seal, old }: z.infer<typeof result>,
  signers: readonly string[],
): Decision {
  const version = account.versions[number];
  const byHand = version?.byHand;
  if (version === undefined || byHand === undefined || version.digest !== seal)
    return refuse(
      'rotation.version',
      'There is no such version that was sealed by hand.',
      'Seal it first: halligan account rotate-by-hand.',
    );
  if (version.kit === undefined)
    return refuse(
      'rotation.not-kitted',
      'The version is in no kit.',
      'Wait until it is: nobody sees it before.',
    );
  if (
    version.proven !== undefined ||
    version.failed !== undefined ||
    number !== lastVersion(account)
  )
    return refuse(
      'rotation.version',
      'That version is not being rotated.',
      'See halligan account show.',
    );
  const both = [byHand.by, byHand.second];
  const [first = '', second = ''] = signers;
  if (signers.length !== 2 || first === second || !both.every((one) => signers.includes(one)))
    return refuse(
      'by-hand.two-people',
      `${byHand.by} set it with ${byHand.second} beside them: those two sign, each for themselves.`,
      'Sign, both of you: halligan account sign-by-hand FILE.',
      both.filter((one) => signers.length !== 1 || one !== first),
    );
  const inUse = whileUsed(state, account);
  if (inUse !== undefined) return inUse;
  const { id: name } = account.document;
  const known = account.current === 0 ? 'none' : old === 'none' ? 'unknown' : old;
  return settled(state, account, {
    account: name,
    version: number,
    old: known,
    by: [byHand.by, byHand.second],
  });
}

function decideGivenUp(
  state: State,
  account: Account,
  { version: number, seal }: z.infer<typeof failure>,
  signers: readonly string[],
): Decision {
  const version = account.versions[number];
  if (version?.byHand === undefined || version.digest !== seal)
    return refuse(
      'rotation.version',
      'There is no such version that was sealed by hand.',
      'See halligan account show.',
    );
  const setters = [...new Set([...settersOf(state, account), version.byHand.by])];
  if (signers.length !== 1 || !setters.includes(signers[0] ?? ''))
    return refuse(
      'by-hand.person',
      'A custodian, security, the system’s owner or an admin gives it up.',
      'Ask one of them.',
      setters,
    );
  return decideFailed(account, number, 'by-hand.given-up');
}
