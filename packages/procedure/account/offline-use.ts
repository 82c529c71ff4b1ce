import { digestOf, ID, type Json } from '@halligan/format';
import { subjectOf } from '@halligan/statement';
import { z } from 'zod';
import { happened } from '../events.ts';
import type { Decision, Said } from '../input.ts';
import { isPerson } from '../quorum.ts';
import { readDocument } from '../read-document.ts';
import { refuse } from '../refusal.ts';
import { entryOf, type State } from '../state.ts';

const digest = z.string().regex(/^[0-9a-f]{64}$/);

const document = z.lazy(() =>
  z.strictObject({
    v: z.literal('halligan/offline-use/v1'),
    account: z.string().regex(ID),
    version: z.int().min(1),
    /** Digest of the declaration that was made without the server. */
    emergency: digest,
    /** The rule that kept a part of it from the record. */
    rule: z.string().max(100),
  }),
);

/** Reads what is reported of a use without the server. @throws `procedure.document` */
export function offlineUseOf(json: unknown): z.infer<typeof document> {
  return readDocument(document, json, 'what is reported of a use without the server');
}

/**
 * Shares left their holders without the server, and the record cannot take all of it in: the roster changed since, or
 * the account is in other hands. Whatever the reason, the account counts as known until it is rotated.
 */
export function decideOfflineUse(
  state: State,
  said: Said<'attest'>,
  given: Json | undefined,
): Decision {
  const parsed = document.safeParse(given);
  if (!parsed.success || given === undefined || digestOf(given) !== said.statement.digest)
    return refuse(
      'rotation.report',
      'What is reported does not fit what was signed.',
      'Merge again: halligan kit merge.',
    );
  const { account: id, version, emergency, rule } = parsed.data;
  const account = entryOf(state.accounts, id);
  if (
    account === undefined ||
    account.versions[version] === undefined ||
    said.statement.subject !== subjectOf('account', id)
  )
    return refuse(
      'rotation.account',
      `There is no sealed version ${version} of “${id}”.`,
      'See halligan account list.',
    );
  if (!isPerson(state.roster, said.by))
    return refuse('rotation.person', 'Only people report a use.', 'Report it yourself.');
  if (account.reported?.some((one) => one.emergency === emergency) === true)
    return refuse('rotation.reported', 'This use was reported already.', 'Nothing more is needed.');
  return {
    events: [
      happened('OfflineUseReported', {
        account: id,
        version,
        declaration: emergency,
        by: said.by,
        rule,
        ...(said.statement.text === undefined ? {} : { text: said.statement.text }),
      }),
    ],
  };
}
