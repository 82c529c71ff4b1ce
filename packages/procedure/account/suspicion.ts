import { digestOf, ID, type Json } from '@halligan/format';
import { subjectOf } from '@halligan/statement';
import { z } from 'zod';
import { keepersOf } from '../custody/joint.ts';
import { closersOf } from '../emergency/stand-ins.ts';
import { type EventBody, happened } from '../events.ts';
import type { Decision, Said } from '../input.ts';
import { isPerson } from '../quorum.ts';
import { readDocument } from '../read-document.ts';
import { refuse } from '../refusal.ts';
import { entryOf, type State } from '../state.ts';
import { type Account, lastVersion } from './state.ts';

const v = z.literal('halligan/suspicion/v1');
const account = z.string().regex(ID);

/** Why somebody suspects an account. */
export const SUSPICIONS = ['login-fails', 'unexplained-use', 'other'] as const;

const suspicionDocument = z.lazy(() =>
  z.discriminatedUnion('do', [
    z.strictObject({ v, do: z.literal('suspect'), account, why: z.enum(SUSPICIONS) }),
    z.strictObject({ v, do: z.literal('clear'), account }),
  ]),
);

/** A suspicion, or that there was nothing in it. */
export type SuspicionDocument = z.infer<typeof suspicionDocument>;

/** Reads a suspicion. @throws `procedure.document` */
export function suspicionOf(json: unknown): SuspicionDocument {
  return readDocument(suspicionDocument, json, 'what an account is suspected of');
}

/**
 * Somebody says that an account does not sign in, or was used and nobody knows by whom. One person's word is enough to
 * have it rotated: a false alarm costs a rotation, a missed one the account. To clear it without one takes another
 * person: whoever used it unseen must not be able to call it nothing.
 */
export function decideSuspicion(
  state: State,
  said: Said<'attest'>,
  given: Json | undefined,
): Decision {
  const parsed = suspicionDocument.safeParse(given);
  if (
    !parsed.success ||
    given === undefined ||
    digestOf(given) !== said.statement.digest ||
    said.statement.subject !== subjectOf('account', parsed.data.account)
  )
    return refuse(
      'suspicion.document',
      'The suspicion does not fit what was signed.',
      'Sign it again: halligan account suspect.',
    );
  const document = parsed.data;
  const found = entryOf(state.accounts, document.account);
  if (found === undefined || found.state === 'retired')
    return refuse(
      'suspicion.account',
      `There is no account “${document.account}”.`,
      'See halligan account list.',
    );
  const { text } = said.statement;
  const facts = { by: said.by, ...(text === undefined ? {} : { text }) };
  return document.do === 'suspect'
    ? decideSuspect(state, found, { why: document.why, ...facts })
    : decideClear(state, found, facts);
}

function decideSuspect(
  state: State,
  found: Account,
  facts: { readonly why: (typeof SUSPICIONS)[number]; readonly by: string; readonly text?: string },
): Decision {
  const { id, system } = found.document;
  const owner = entryOf(state.systems, system)?.owner ?? '';
  const eligible = [...new Set([...keepersOf(state), ...closersOf(state), owner])].filter((one) =>
    isPerson(state.roster, one),
  );
  if (!eligible.includes(facts.by))
    return refuse(
      'suspicion.person',
      'Custodians, security, auditors and the system’s owner suspect an account.',
      'Tell one of them.',
      eligible,
    );
  if (found.state === 'in use')
    return refuse(
      'suspicion.in-use',
      `“${id}” is in use: it is rotated when that has ended, whatever happened.`,
      'Write it down there: halligan emergency note, escalate.',
    );
  if (found.state === 'suspect' || found.state === 'exposed')
    return refuse(
      'suspicion.again',
      `“${id}” is ${found.state} already.`,
      'Its rotation is due: halligan obligations.',
    );
  return { events: [happened('AccountSuspected', { account: id, ...facts })] };
}

function decideClear(
  state: State,
  found: Account,
  facts: { readonly by: string; readonly text?: string },
): Decision {
  const { id } = found.document;
  const { suspected, current } = found;
  if (found.state !== 'suspect' || suspected?.by === undefined)
    return refuse(
      'suspicion.none',
      found.state === 'suspect'
        ? `What makes “${id}” suspect is no person’s word: only a rotation ends it.`
        : `Nobody suspects “${id}”.`,
      'See halligan account show.',
    );
  const eligible = closersOf(state).filter((one) => one !== suspected.by);
  if (!eligible.includes(facts.by))
    return refuse(
      'suspicion.clear',
      facts.by === suspected.by
        ? 'Nobody clears their own suspicion.'
        : 'Security or an auditor clears a suspicion.',
      'Ask one of them, or have it rotated.',
      eligible,
    );
  if (lastVersion(found) !== current)
    return refuse(
      'suspicion.rotating',
      `“${id}” is being rotated: that ends it.`,
      'Wait: halligan account await-armed.',
    );
  const version = found.versions[current];
  const events: EventBody[] = [happened('AccountCleared', { account: id, ...facts })];
  if (
    found.emergency === undefined &&
    version?.proven !== undefined &&
    version.proven.old !== 'accepted' &&
    !version.touched
  )
    events.push(happened('AccountArmed', { account: id, version: current }));
  return { events };
}
