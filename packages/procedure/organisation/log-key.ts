import { digestOf, type Json } from '@halligan/format';
import { subjectOf, type VerifiedStatement } from '@halligan/statement';
import { z } from 'zod';
import { happened } from '../events.ts';
import { type Decision, isSaid } from '../input.ts';
import { refuse } from '../refusal.ts';
import type { State } from '../state.ts';

const logSchema = z.lazy(() =>
  z.strictObject({
    /** First line of its checkpoints. */
    origin: z.string().min(1).max(255),
    /** Its verifier keys, as log.pub has them. */
    logKey: z.string().min(1).max(4096),
  }),
);

const placeSchema = z.lazy(() =>
  z.strictObject({
    size: z.int().min(1),
    root: z.string().regex(/^[0-9a-f]{64}$/),
  }),
);

/**
 * That another key signs the log from here on, under another origin. The tree goes on: `last` is the checkpoint of the
 * old key that the signers vouch for.
 */
export const logKeyDocument = z.lazy(() =>
  z.strictObject({
    v: z.literal('halligan/log-key/v1'),
    previous: logSchema,
    last: placeSchema,
    /**
     * After a restoration from a backup that was older than what devices had seen: the most that any of them saw. The end
     * of that history is lost, and the tree has gone on without it.
     */
    lost: placeSchema.exactOptional(),
    next: logSchema,
  }),
);

export type LogKeyDocument = z.infer<typeof logKeyDocument>;

/** What signs a log's checkpoints: an origin and the verifier keys. */
export type LogIdentity = z.infer<typeof logSchema>;

/** What signs checkpoints now, by the record; undefined before a genesis. */
export function logInForce(state: State): LogIdentity | undefined {
  const { roster, log } = state;
  return (
    log ?? (roster === undefined ? undefined : { origin: roster.origin, logKey: roster.logKey })
  );
}

/**
 * Two admins replace the log's key. The first of them quotes `last` as the checkpoint that their device had proven, so that
 * whoever verifies the record also verifies that the new log begins with it.
 */
export function decideLogKey(
  state: State,
  statements: readonly VerifiedStatement[],
  document: Json | undefined,
): Decision {
  const { roster } = state;
  const parsed = logKeyDocument.safeParse(document);
  if (roster === undefined || document === undefined || !parsed.success)
    return refuse(
      'log-key.document',
      'This replaces no log key.',
      'Make it again: halligan journal replace-key.',
    );
  const change = parsed.data;
  const fits = statements.every(
    (said) =>
      isSaid(said, 'attest') &&
      said.statement.what === 'log-key' &&
      said.statement.digest === digestOf(document) &&
      said.statement.subject === subjectOf('log-key', roster.organisation),
  );
  if (!fits)
    return refuse('log-key.document', 'A signature is for another change.', 'Sign this one.');
  const current = logInForce(state);
  if (change.previous.origin !== current?.origin || change.previous.logKey !== current.logKey)
    return refuse(
      'log-key.previous',
      'It replaces another key than the one in force.',
      'Make it again: halligan journal replace-key.',
    );
  if (change.next.origin === current.origin || change.next.logKey === current.logKey)
    return refuse(
      'log-key.same',
      'The new log needs an origin and keys of its own.',
      'Make new keys: halligan journal new-key.',
    );
  const [first] = statements;
  const seen = first?.statement.journal;
  if (seen?.size !== change.last.size || seen.root !== change.last.root)
    return refuse(
      'log-key.last',
      'Its first signer saw another checkpoint than it names.',
      'Make it again: halligan journal replace-key.',
    );
  if (change.lost?.size === change.last.size && change.lost.root === change.last.root)
    return refuse(
      'log-key.lost',
      `Nothing is lost: this log has the ${change.last.size} entries that a device saw.`,
      'Leave --lost out.',
    );
  const admins = roster.members.filter((one) => one.roles.includes('admin')).map(({ id }) => id);
  const signers = new Set(statements.map(({ by }) => by).filter((by) => admins.includes(by)));
  if (signers.size < 2 || signers.size < statements.length)
    return refuse(
      'log-key.two-admins',
      'Two admins replace the log’s key.',
      'Ask another admin to sign: halligan journal sign.',
      admins,
    );
  return { events: [happened('LogKeyReplaced', { ...change })] };
}
