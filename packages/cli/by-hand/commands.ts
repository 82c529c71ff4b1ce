import { HalliganError, utf8Text } from '@halligan/format';
import { versionUnderHands } from '@halligan/procedure';
import { Command, Option } from 'commander';
import { type Context, show } from '../commands.ts';
import { look } from '../emergency/find.ts';
import { jsonOf } from '../person-home.ts';
import { secretInput } from '../vault/secret-input.ts';
import { coSignByHand, signByHand, writeDraft } from './draft.ts';
import { KeptSecret } from './kept-secret.ts';
import { accountIn, type Besides, besidesSchema, screenOf, sealByHand } from './rotate.ts';

const OLD = ['rejected', 'accepted', 'unknown', 'none'] as const;
type Old = (typeof OLD)[number];

interface AskedRotation {
  readonly second: string;
  readonly out: string;
  readonly length: string;
  readonly besides?: string;
  readonly secretFile?: string;
  readonly accepted: boolean;
  readonly old?: Old;
}

/** `halligan account rotate-by-hand | sign-by-hand | give-up-by-hand`: where no program rotates, or it cannot. */
export function byHandCommands(context: Context): readonly Command[] {
  const rotate = new Command('rotate-by-hand')
    .description('make, seal, set and attest a credential yourself, with another person beside you')
    .argument('<id>', 'its id')
    .requiredOption('--second <person>', 'a custodian or security, who signs with you')
    .requiredOption('--out <file>', 'what they sign: write it here')
    .option('--length <characters>', 'of the password, at least 20', '24')
    .option('--besides <file>', 'JSON: totp, recoveryCodes, keySerials, pin, url, steps to seal')
    .option(
      '--secret-file <file>',
      'seal what the system made itself, such as a share of an unseal key; - is standard input',
    )
    .option('--accepted', 'it signed in, and out again; asked for otherwise', false)
    .addOption(
      new Option('--old <answer>', 'what the old one did; asked for otherwise').choices(OLD),
    )
    .action((id: string, asked: AskedRotation) => rotateByHand(context, id, asked));
  const sign = new Command('sign-by-hand')
    .description('as the second person: sign what happened before your eyes, and send it')
    .argument('<file>', 'what the first person wrote')
    .action((path: string) => coSignByHand(context, path));
  const giveUp = new Command('give-up-by-hand')
    .description('give up a rotation by hand that cannot be finished')
    .argument('<id>', 'its id')
    .action((id: string) => giveUpByHand(context, id));
  return [rotate, sign, giveUp];
}

async function rotateByHand(context: Context, id: string, asked: AskedRotation): Promise<void> {
  const { terminal } = context;
  const device = await context.device();
  const besides = asked.besides === undefined ? {} : await besidesIn(context, asked.besides);
  const waiting = await sealByHand(device, id, {
    second: asked.second,
    length: Number(asked.length),
    besides,
    ...(asked.secretFile === undefined
      ? {}
      : { given: await secretInput(context, asked.secretFile, 'The secret:') }),
  });
  const where = `Sealed, on the record and in its kits: version ${waiting.version}.`;
  if (asked.secretFile === undefined) {
    terminal.say(`${where} Now you see it, and set it.`);
    await terminal.showSecret(() => screenOf(device, waiting));
  } else terminal.say(`${where} Destroy every other copy of it.`);
  if (!asked.accepted && !/^y(es)?$/i.test(await terminal.ask('Did it sign in, and out? [y/N]')))
    throw new HalliganError(
      'by-hand.not-set',
      'It is not set, and nothing is attested. It stays sealed.',
      `Run the same command again to go on; or give it up: halligan account give-up-by-hand ${id}.`,
    );
  const old = asked.old ?? oldOf(await terminal.ask(`The old one: ${OLD.join(', ')}?`));
  await writeDraft(
    context,
    device,
    {
      v: 'halligan/rotation-by-hand/v1',
      account: id,
      version: waiting.version,
      seal: waiting.seal,
      fresh: 'accepted',
      old,
    },
    asked.out,
  );
  // In an emergency it signs in once more, for the verification.
  if (waiting.account.emergency === undefined) await waiting.secret.forget();
  show(terminal, { draft: asked.out, account: id, version: waiting.version }, [
    `Written: ${asked.out}. You know what opens ${id}, and the record will say so.`,
    `Next: ${waiting.second} runs halligan account sign-by-hand ${asked.out}.`,
  ]);
}

/** @throws `cli.usage` */
function oldOf(text: string): Old {
  const found = OLD.find((one) => one === text.trim());
  if (found !== undefined) return found;
  throw new HalliganError('cli.usage', 'That is no answer.', `Give --old: ${OLD.join(', ')}.`);
}

/** @throws `cli.details` */
async function besidesIn(context: Context, path: string): Promise<Besides> {
  const parsed = besidesSchema.safeParse(jsonOf(utf8Text(await context.readFile(path))));
  if (parsed.success) return parsed.data;
  throw new HalliganError(
    'cli.details',
    `${path} is not valid at ${parsed.error.issues[0]?.path.join('.') || 'the document'}.`,
    'Write JSON with totp, recoveryCodes, keySerials, pin, url or steps; destroy it afterwards (docs/systems/by-hand.md).',
  );
}

async function giveUpByHand(context: Context, id: string): Promise<void> {
  const device = await context.device();
  const account = accountIn(await device.prove({ account: id }), id);
  const version = versionUnderHands(account);
  const seal = version === undefined ? undefined : account.versions[version]?.digest;
  if (version === undefined || seal === undefined)
    throw new HalliganError(
      'by-hand.none',
      `Nobody rotates “${id}” by hand.`,
      'See halligan account show.',
    );
  const document = {
    v: 'halligan/rotation-by-hand-failed/v1',
    account: id,
    version,
    seal,
  } as const;
  const signed = await signByHand(device, document);
  await device.api.post('/v1/statements', { signed: [signed], document });
  await new KeptSecret(device, id, version).forget();
  show(context.terminal, { account: id, version }, [
    `Given up: version ${version}. Next: halligan account show ${id}; rotate it again.`,
  ]);
}

/** `halligan emergency exercise-by-hand`: the verification where no prover can sign in. */
export async function exerciseByHand(
  context: Context,
  prefix: string | undefined,
  asked: { readonly out: string; readonly accepted: boolean },
): Promise<{ readonly version: number }> {
  const { terminal } = context;
  const device = await context.device();
  const { proven, emergency } = await look(device, prefix);
  const account = accountIn(proven, emergency.account);
  const version = account.versions[account.current];
  const secret = new KeptSecret(device, emergency.account, account.current);
  if (version?.byHand?.by !== device.person)
    throw new HalliganError(
      'exercise.by-hand',
      version?.byHand === undefined
        ? 'The version was not set by hand.'
        : `${version.byHand.by} set it, and signs in with it.`,
      version?.byHand === undefined
        ? 'Exercise it: halligan emergency exercise.'
        : `Ask ${version.byHand.by}.`,
    );
  if (secret.isThere) {
    const waiting = {
      proven,
      account,
      version: account.current,
      seal: version.digest,
      second: version.byHand.second,
      secret,
    };
    await terminal.showSecret(() => screenOf(device, waiting));
  }
  if (!asked.accepted && !/^y(es)?$/i.test(await terminal.ask('Did it sign in, and out? [y/N]')))
    throw new HalliganError(
      'exercise.rejected',
      'The system does not accept what was set.',
      'Rotate the account again, then exercise it.',
    );
  await writeDraft(
    context,
    device,
    {
      v: 'halligan/exercise-by-hand/v1',
      emergency: emergency.id,
      account: emergency.account,
      version: account.current,
      outcome: 'accepted',
    },
    asked.out,
  );
  await secret.forget();
  return { version: account.current };
}
