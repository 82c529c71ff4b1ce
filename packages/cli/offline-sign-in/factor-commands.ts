import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { base64, HalliganError, utf8, visible } from '@halligan/format';
import { Command, Option } from 'commander';
import { z } from 'zod';
import { type Context, show } from '../commands.ts';
import { BELOW_A_SECRET, type Terminal } from '../terminal.ts';
import { type Places, placesOf, requireRoot } from './places.ts';

const factorsSchema = z.object({
  totp: z.enum(['none', 'not confirmed', 'enrolled']),
  codes: z.number(),
  keys: z.array(z.string()),
  pin: z.boolean(),
  isRequired: z.boolean(),
});
const uriSchema = z.object({ uri: z.string() });
const codesSchema = z.object({ codes: z.array(z.string()) });

type Factors = z.infer<typeof factorsSchema>;

/** `halligan device factor`: what people can show offline besides a password, or in its place. */
export function factorCommands(context: Context): Command {
  const group = new Command('factor').description('what people show offline besides a password');
  const add = (name: string, description: string) =>
    placesOf(group.command(name).description(`${description} (as root)`)).argument(
      '<name>',
      'of the person, as it is typed; they have signed in here online',
    );
  add('show', 'what somebody has enrolled').action((name: string, asked: Places) =>
    told(context, asked, { ask: 'factors', name }),
  );
  add('add-totp', 'enrol an authenticator; it counts once its code was given')
    .option('--machine <name>', 'what the authenticator shows beside the name')
    .option('--plain', 'show it in letters in place of a QR code')
    .option('--out <file>', 'write the otpauth URI into a file in place of the screen')
    .action((name: string, asked: AddTotp) => addTotp(context, name, asked));
  add('confirm-totp', 'give the code that the authenticator shows')
    .option('--code-file <file>', 'read it from a file; asked for otherwise')
    .action((name: string, asked: Places & { codeFile?: string }) =>
      confirmTotp(context, name, asked),
    );
  add('codes', 'make ten codes to print, each taken once; older ones are worth nothing then')
    .option('--out <file>', 'write them into a file in place of the screen; destroy it afterwards')
    .action((name: string, asked: Places & { out?: string }) => newCodes(context, name, asked));
  add('add-key', 'enrol a security key, from what fido2-cred -V printed')
    .argument('<file>', 'the credential’s id in a line, then its public key in PEM')
    .option('--label <text>', 'what the key is called', 'key')
    .addOption(
      new Option('--type <type>', 'what fido2-cred was given')
        .choices(['es256', 'eddsa', 'rs256'])
        .default('es256'),
    )
    .action((name: string, file: string, asked: AddKey) => addKey(context, name, file, asked));
  add('remove', 'take an authenticator, codes, or keys away again')
    .addOption(
      new Option('--factor <factor>', 'which')
        .choices(['totp', 'codes', 'keys'])
        .makeOptionMandatory(),
    )
    .action((name: string, asked: Places & { factor: 'totp' | 'codes' | 'keys' }) =>
      told(context, asked, { ask: 'remove-factor', name, factor: asked.factor }),
    );
  add('require', 'ask a factor of one person, whatever is asked of others')
    .option('--off', 'no longer')
    .action((name: string, asked: Places & { off?: true }) =>
      told(context, asked, { ask: 'require-factor', name, isRequired: asked.off !== true }),
    );
  return group;
}

/** `halligan device pin`: a PIN that is this machine's own. */
export function pinCommands(context: Context): Command {
  const group = new Command('pin').description('a PIN of this machine’s own, for its console');
  placesOf(group.command('set').description('set it, soon after they signed in online (as root)'))
    .argument('<name>', 'of the person, as it is typed')
    .option('--pin-file <file>', 'read it from a file; asked for twice otherwise')
    .action((name: string, asked: Places & { pinFile?: string }) => setPin(context, name, asked));
  placesOf(group.command('remove').description('take it away again (as root)'))
    .argument('<name>', 'of the person, as it is typed')
    .action((name: string, asked: Places) =>
      told(context, asked, { ask: 'remove-factor', name, factor: 'pin' }),
    );
  return group;
}

type Asked = Parameters<typeof import('@halligan/device')['ask']>[1];

async function asked(places: Places, question: Asked, secret?: Uint8Array): Promise<unknown> {
  requireRoot(places);
  const { ask } = await import('@halligan/device');
  return ask(places.socket, question, secret);
}

/** Asks, and shows what the person has then. */
async function told(
  { terminal }: Context,
  places: Places,
  question: Asked,
  secret?: Uint8Array,
): Promise<void> {
  const factors = factorsSchema.parse(await asked(places, question, secret));
  show(terminal, factors, factorLines(factors));
}

function factorLines({ totp, codes, keys, pin, isRequired }: Factors): readonly string[] {
  return [
    `Authenticator  ${totp}`,
    `Printed codes  ${codes === 0 ? 'none' : `${codes} left`}`,
    `Security keys  ${keys.length === 0 ? 'none' : keys.map(visible).join(', ')}`,
    `PIN            ${pin ? 'set' : 'none'}`,
    `Asked for      ${isRequired ? 'always' : 'as second_factor of the configuration says'}`,
    totp === 'not confirmed'
      ? 'Next: halligan device factor confirm-totp.'
      : 'Next: halligan device config shows second_factor.',
  ];
}

/** The other way to a secret. */
const IN_A_FILE = 'name a file by --out';

interface AddTotp extends Places {
  readonly machine?: string;
  readonly plain?: true;
  readonly out?: string;
}

async function addTotp(context: Context, name: string, wanted: AddTotp): Promise<void> {
  const { hostname } = await import('node:os');
  const machine = wanted.machine ?? hostname().slice(0, 64);
  const made = async () =>
    uriSchema.parse(await asked(wanted, { ask: 'add-totp', name, machine })).uri;
  const { terminal } = context;
  if (wanted.out !== undefined) {
    requireRoomAt(wanted.out);
    await context.writeFile(wanted.out, utf8(`${await made()}\n`));
    return show(terminal, { totp: 'not confirmed', file: wanted.out }, [
      `Put it into the authenticator, and destroy ${wanted.out}.`,
      'Next: halligan device factor confirm-totp.',
    ]);
  }
  await terminal.showSecret(
    async () =>
      wanted.plain === true ? inLetters(await made()) : asQrCode(await made(), terminal),
    IN_A_FILE,
  );
  await confirmTotp(context, name, wanted);
}

/** What an authenticator's camera takes; in letters where a screen has no room for it. */
async function asQrCode(uri: string, { size }: Terminal): Promise<readonly string[]> {
  const { qrCodeLines } = await import('./qr-code.ts');
  const code = qrCodeLines(uri);
  const lines = ['Scan this with the authenticator; --plain shows letters:', ...code];
  const { rows, columns } = size?.() ?? { rows: 0, columns: 0 };
  const hasRoom = rows >= lines.length + BELOW_A_SECRET.length && columns >= (code[0]?.length ?? 0);
  return hasRoom ? lines : inLetters(uri);
}

function inLetters(uri: string): readonly string[] {
  const secret = new URL(uri).searchParams.get('secret') ?? '';
  return [
    'Put this into the authenticator:',
    uri,
    '',
    `By hand: ${(secret.match(/.{1,4}/g) ?? []).join(' ')} (time-based, 6 digits, 30 s)`,
  ];
}

async function confirmTotp(
  context: Context,
  name: string,
  { codeFile, ...places }: Places & { readonly codeFile?: string },
): Promise<void> {
  const code =
    codeFile === undefined
      ? await context.terminal.ask('The code that the authenticator shows (--code-file): ')
      : new TextDecoder().decode(await context.readFile(codeFile));
  await told(context, places, { ask: 'confirm-totp', name, code: code.trim().slice(0, 16) });
}

async function newCodes(
  context: Context,
  name: string,
  wanted: Places & { readonly out?: string },
): Promise<void> {
  if (wanted.out !== undefined) requireRoomAt(wanted.out);
  const made = async () => codesSchema.parse(await asked(wanted, { ask: 'new-codes', name })).codes;
  if (wanted.out === undefined) await context.terminal.showSecret(made, IN_A_FILE);
  else await context.writeFile(wanted.out, utf8(`${(await made()).join('\n')}\n`));
  await told(context, wanted, { ask: 'factors', name });
}

/** Before anything is made: what was enrolled already is worth nothing then. @throws `cli.file` */
function requireRoomAt(path: string): void {
  const trouble = existsSync(path)
    ? `${path} exists already`
    : existsSync(dirname(path))
      ? undefined
      : `There is no folder ${dirname(path)}`;
  if (trouble !== undefined)
    throw new HalliganError('cli.file', `${trouble}: nothing was changed.`, 'Choose another path.');
}

interface AddKey extends Places {
  readonly label: string;
  readonly type: 'es256' | 'eddsa' | 'rs256';
}

async function addKey(context: Context, name: string, file: string, wanted: AddKey): Promise<void> {
  requireRoot(wanted);
  const { readCredential } = await import('@halligan/device');
  const printed = new TextDecoder().decode(await context.readFile(file));
  const { credential, publicKey } = readCredential(printed);
  const { label, type } = wanted;
  const key = { label, type, publicKey, credential: base64(credential) };
  await told(context, wanted, { ask: 'add-key', name, ...key });
}

async function setPin(
  context: Context,
  name: string,
  { pinFile, ...places }: Places & { readonly pinFile?: string },
): Promise<void> {
  requireRoot(places);
  const pin =
    pinFile === undefined
      ? utf8(await pinTwice(context))
      : trimmed(await context.readFile(pinFile));
  try {
    await told(context, places, { ask: 'set-pin', name, secret: pin.length }, pin);
  } finally {
    pin.fill(0);
  }
}

async function pinTwice({ terminal }: Context): Promise<string> {
  const [pin, again] = [
    await terminal.askSecret('The PIN (--pin-file): ', 'words'),
    await terminal.askSecret('The PIN again: ', 'words'),
  ];
  if (pin === again) return pin;
  throw new HalliganError('device.pin', 'These are two different PINs.', 'Type it twice.');
}

/** Without the line's end that an editor leaves. */
function trimmed(bytes: Uint8Array): Uint8Array {
  const end = bytes.findLastIndex((byte) => byte !== 0x0a && byte !== 0x0d);
  return bytes.subarray(0, end + 1);
}
