import { digestOf, HalliganError, type Json, utf8, utf8Text } from '@halligan/format';
import {
  type ByHandDocument,
  byHandOf,
  type ExerciseByHand,
  exerciseByHandOf,
} from '@halligan/procedure';
import { type SignedStatement, signedStatementOf, subjectOf } from '@halligan/statement';
import { z } from 'zod';
import { type Context, show } from '../commands.ts';
import type { Device } from '../device.ts';
import { jsonOf } from '../person-home.ts';

/** What one of two people signed of a rotation or sign-in by hand, on its way to the other. */
const draftSchema = z.strictObject({
  v: z.literal('halligan/by-hand-draft/v1'),
  document: z.looseObject({ v: z.string() }),
  signed: z.unknown(),
});

type Document = ByHandDocument | ExerciseByHand;

function parsedBy<T>(parse: (json: unknown) => T, json: unknown): T {
  try {
    return parse(json);
  } catch {
    throw notADraft();
  }
}

/** Signs a document of a rotation or a sign-in by hand. */
export async function signByHand(device: Device, document: Document): Promise<SignedStatement> {
  const json = plain(document);
  if (document.v !== 'halligan/exercise-by-hand/v1')
    return device.sign(await device.prove({ account: document.account }), 'attest', {
      subject: subjectOf('account', document.account),
      purpose: 'real',
      what: 'reset',
      digest: digestOf(json),
    });
  const { emergency, account } = document;
  return device.sign(await device.prove({ emergency, account }), 'attest', {
    subject: emergency,
    purpose: 'exercise',
    what: 'exercise',
    digest: digestOf(json),
  });
}

/** Signs, and writes it for the other person. */
export async function writeDraft(
  context: Context,
  device: Device,
  document: Document,
  out: string,
): Promise<void> {
  const signed = await signByHand(device, document);
  const draft = { v: 'halligan/by-hand-draft/v1', document, signed };
  await context.writeFile(out, utf8(`${JSON.stringify(draft)}\n`));
}

/** The second person reads what the first one says happened before their eyes, signs the same, and sends both. */
export async function coSignByHand(context: Context, path: string): Promise<void> {
  const { document, signed } = readDraft(jsonOf(utf8Text(await context.readFile(path))));
  const first = signedStatementOf(signed);
  const device = await context.device();
  for (const line of linesOf(document, first.statement.by)) context.terminal.say(line);
  const own = await signByHand(device, document);
  const answer = z
    .object({ events: z.array(z.looseObject({ type: z.string() })) })
    .parse(
      await device.api.post('/v1/statements', { signed: [first, own], document: plain(document) }),
    );
  const events = answer.events.map(({ type }) => type);
  show(context.terminal, { events }, [`On the record: ${events.join(', ')}.`, nextAfter(events)]);
}

/** @throws `cli.draft` */
function readDraft(json: unknown): { readonly document: Document; readonly signed: unknown } {
  const parsed = draftSchema.safeParse(json);
  if (!parsed.success) throw notADraft();
  const { document, signed } = parsed.data;
  return {
    signed,
    document:
      document.v === 'halligan/exercise-by-hand/v1'
        ? parsedBy(exerciseByHandOf, document)
        : parsedBy(byHandOf, document),
  };
}

function notADraft(): HalliganError {
  return new HalliganError(
    'cli.draft',
    'This is no draft of a rotation or a sign-in by hand.',
    'Ask the other person for it again.',
  );
}

function linesOf(document: Document, first: string): readonly string[] {
  if (document.v === 'halligan/exercise-by-hand/v1')
    return [
      `You sign that before your eyes ${first} signed in to ${document.account} with version ${document.version}, and out again.`,
    ];
  if (document.v !== 'halligan/rotation-by-hand/v1') throw notADraft();
  const old = {
    rejected: 'and that the one before no longer signs in',
    accepted: 'and that the one before STILL SIGNS IN',
    unknown: 'and that nobody could try the one before',
    none: 'and that there was none before',
  }[document.old];
  return [
    `You sign that before your eyes ${first} set version ${document.version} of ${document.account}, signed in with it and out again,`,
    `  ${old}. ${first} knows what opens it now; the record says so.`,
  ];
}

function nextAfter(events: readonly string[]): string {
  if (events.includes('AccountExposed'))
    return 'Exposed: the one before still signs in. End it, then rotate again.';
  return events.includes('EmergencyReset')
    ? 'Next: halligan emergency exercise-by-hand, when the record is signed and reviewed.'
    : 'Next: halligan account list.';
}

/** Plain JSON, without members that are undefined. */
function plain(value: unknown): Json {
  return JSON.parse(JSON.stringify(value));
}
