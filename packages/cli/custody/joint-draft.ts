import { digestOf, HalliganError, type Json, utf8, utf8Text, visible } from '@halligan/format';
import {
  attestedBy,
  type CustodyDocument,
  custodyOf,
  type Emergency,
  subjectOfCustody,
} from '@halligan/procedure';
import {
  type Attachment,
  attachmentSchema,
  type SignedStatement,
  signedStatementOf,
} from '@halligan/statement';
import { z } from 'zod';
import { type Context, show } from '../commands.ts';
import type { Device } from '../device.ts';
import { about, look } from '../emergency/find.ts';
import { jsonOf } from '../person-home.ts';

/** What one of two people signed, on its way to the other: a file, because both are rarely at one keyboard. */
const draftSchema = z.strictObject({
  v: z.literal('halligan/custody-draft/v1'),
  document: z.json(),
  /** The emergency that it belongs to, by its id. */
  emergency: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  signed: z.unknown(),
  attachments: z.array(attachmentSchema).max(16),
});

/** What is signed, and where it goes for the second signature. */
export interface Draft {
  readonly document: CustodyDocument;
  readonly emergency?: Emergency;
  readonly attachments?: readonly Attachment[];
  readonly out: string;
}

/** Signs a document and writes it for the other person to sign. */
export async function draft(context: Context, device: Device, asked: Draft): Promise<void> {
  const { emergency, attachments = [], out } = asked;
  // Read as the rules will: what is no document is refused here, before anybody carries it around.
  const document = custodyOf(plain(asked.document));
  const signed = await sign(device, document, emergency);
  const file = {
    v: 'halligan/custody-draft/v1',
    document,
    ...(emergency === undefined ? {} : { emergency: emergency.id }),
    signed,
    attachments,
  };
  await context.writeFile(out, utf8(`${JSON.stringify(file)}\n`));
  show(context.terminal, { draft: out }, [
    `Written: ${out}. Nothing is on the record yet.`,
    `Next: the other person runs halligan envelope sign ${out}.`,
  ]);
}

/** Shows what the other person signed, signs the same, and sends both. @throws `cli.draft` */
export async function coSign(context: Context, path: string): Promise<void> {
  const parsed = draftSchema.safeParse(jsonOf(utf8Text(await context.readFile(path))));
  if (!parsed.success)
    throw new HalliganError(
      'cli.draft',
      `${path} is no draft about an envelope or a place.`,
      'Ask the other person for it again.',
    );
  const { signed, attachments, emergency: id } = parsed.data;
  const document = custodyOf(parsed.data.document);
  const first = signedStatementOf(signed);
  const device = await context.device();
  const { terminal } = context;
  terminal.say(`You sign, with ${first.statement.by}:`);
  for (const line of linesOf(plain(document))) terminal.say(`  ${line}`);
  const emergency = id === undefined ? undefined : (await look(device, id)).emergency;
  const own = await sign(device, document, emergency);
  const answer = z
    .object({ events: z.array(z.looseObject({ type: z.string() })) })
    .parse(
      await device.api.post('/v1/statements', { signed: [first, own], document, attachments }),
    );
  const types = answer.events.map(({ type }) => type);
  show(terminal, { events: types }, [
    `On the record: ${types.join(', ')}.`,
    nextAfter(types, document),
  ]);
}

async function sign(
  device: Device,
  document: CustodyDocument,
  emergency: Emergency | undefined,
): Promise<SignedStatement> {
  const proven =
    emergency === undefined
      ? await device.prove('account' in document ? { account: document.account } : {})
      : await device.prove({ emergency: emergency.id, account: emergency.account });
  return device.sign(proven, 'attest', {
    ...(emergency === undefined
      ? { subject: subjectOfCustody(document), purpose: 'real' }
      : about(emergency)),
    what: attestedBy(document),
    digest: digestOf(plain(document)),
  });
}

/** A document in lines, a member each: whoever signs it reads all of it. */
function linesOf(json: Json): readonly string[] {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return [text(json)];
  return Object.entries(json)
    .filter(([name]) => name !== 'v')
    .map(([name, value]) => `${name.padEnd(14)} ${text(value ?? null)}`);
}

function text(value: Json): string {
  return visible(typeof value === 'string' ? value : JSON.stringify(value));
}

function nextAfter(types: readonly string[], document: CustodyDocument): string {
  if (types.includes('EnvelopeTampered'))
    return 'Stop. It stays in storage, unopened. Tell security; the account is rotated. Next: halligan account list.';
  if (types.includes('EnvelopeReached'))
    return 'Next: open the storage, each their own portion. Look at the envelope; sign its outside, both, with the time: halligan envelope open.';
  if (types.includes('EnvelopeOpened'))
    return 'Its version is due for rotation, whatever follows. Next: halligan emergency note --about access "…"';
  return document.do === 'place' ? 'Next: halligan place list.' : 'Next: halligan envelope list.';
}

/** Plain JSON, without members that are undefined. */
function plain(value: unknown): Json {
  return JSON.parse(JSON.stringify(value));
}
