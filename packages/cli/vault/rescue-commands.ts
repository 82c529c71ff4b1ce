import { HalliganError, utf8, utf8Text } from '@halligan/format';
import { parseCredential } from '@halligan/seal';
import {
  beginRootToken,
  cancelRootToken,
  giveRootShare,
  giveUnsealShare,
  rootTokenOf,
  type SealStatus,
  vaultStatus,
} from '@halligan/systems';
import { Command } from 'commander';
import { type Context, show } from '../commands.ts';
import { note, reveal } from '../emergency/use.ts';
import { type AtVault, secretInput, vaultAt } from './secret-input.ts';

interface WithShare {
  readonly shareFile?: string;
  readonly emergency?: string;
}

interface Unseal extends AtVault, WithShare {
  readonly attempt?: string;
}

interface AsSomebody extends AtVault {
  readonly tokenFile?: string;
}

/** The vault's own emergency: each holder at their own machine, each with their own share, which nobody else sees. */
export function rescueCommands(context: Context): readonly Command[] {
  const status = at(new Command('status'))
    .description('whether the vault is sealed, and how many shares it was given')
    .action(async (asked: AtVault) => {
      const seen = await vaultStatus(await vaultAt(context, asked));
      show(context.terminal, { ...seen }, statusLines(seen));
    });
  const unseal = withShare(at(new Command('unseal')))
    .description('give the vault your share of its unseal key')
    .option('--attempt <name>', 'what the holder before you was told; left out by the first')
    .action((asked: Unseal) => giveShare(context, asked));
  const root = new Command('root-token').description(
    'make a root token: one person’s pad and others’ shares, of which neither is enough',
  );
  asSomebody(at(root.command('begin')))
    .description('begin, and keep the one-time pad')
    .requiredOption('--pad-out <file>', 'where the pad is kept, for you alone')
    .action((asked: AsSomebody & { readonly padOut: string }) => begin(context, asked));
  withShare(asSomebody(at(root.command('give'))))
    .description('give your share of the unseal key to it')
    .requiredOption('--attempt <name>', 'what the beginner was told')
    .action((asked: AsSomebody & WithShare & { readonly attempt: string }) =>
      giveToRoot(context, asked),
    );
  root
    .command('finish')
    .description('put together what the last share brought and your pad: the root token')
    .requiredOption('--pad <file>', 'the file that begin wrote')
    .requiredOption(
      '--encoded <text>',
      'what the last holder was given; worth nothing without the pad',
    )
    .option('--out <file>', 'write the token there, for you alone, instead of showing it')
    .action((asked: { pad: string; encoded: string; out?: string }) => finish(context, asked));
  asSomebody(at(root.command('cancel')))
    .description('end it; the vault forgets the shares that were given')
    .action(async (asked: AsSomebody) => {
      const address = await vaultAt(context, asked);
      await cancelRootToken(address, await tokenOf(context, asked));
      show(context.terminal, { cancelled: true }, [
        'Ended. The shares that were given are forgotten.',
      ]);
    });
  return [status, unseal, root];
}

function at(command: Command): Command {
  return command.requiredOption(
    '--vault <file>',
    'JSON with url and ca, as docs/systems/openbao.md',
  );
}

function withShare(command: Command): Command {
  return command
    .option('--emergency <id>', 'your emergency, in which your share was opened: nobody sees it')
    .option('--share-file <file>', 'instead: your share; - is standard input; asked for otherwise');
}

function asSomebody(command: Command): Command {
  return command.option(
    '--token-file <file>',
    'your vault token; - is standard input; asked for otherwise',
  );
}

async function tokenOf(context: Context, { tokenFile }: AsSomebody): Promise<string> {
  return utf8Text(await secretInput(context, tokenFile, 'Your vault token:'));
}

/**
 * The share: out of the emergency in which a quorum opened it, straight to the vault, or as the person gives it.
 * @throws as `secretInput`; what the rules refuse
 */
async function shareOf(context: Context, { emergency, shareFile }: WithShare): Promise<Uint8Array> {
  if (emergency === undefined)
    return secretInput(context, shareFile, 'Your share of the unseal key:');
  const { credential } = await reveal(await context.device(), emergency);
  try {
    return utf8(parseCredential(credential).password);
  } finally {
    credential.fill(0);
  }
}

/** What was done with the share is on the record of the emergency in which it was opened. */
async function noteGiven(
  context: Context,
  { emergency, vault }: AtVault & WithShare,
  what: 'unseal' | 'root-token',
  attempt: string,
): Promise<void> {
  if (emergency === undefined) return;
  await note(await context.device(), emergency, {
    about: 'access',
    text: `Share given to the vault (${what}${attempt === '' ? '' : `, attempt ${attempt}`}), by the settings ${vault}.`,
    direct: true,
  });
}

async function giveShare(context: Context, asked: Unseal): Promise<void> {
  const address = await vaultAt(context, asked);
  const share = await shareOf(context, asked);
  try {
    const seen = await giveUnsealShare(address, share, asked.attempt);
    await noteGiven(context, asked, 'unseal', seen.attempt);
    show(context.terminal, { ...seen }, [
      ...statusLines(seen),
      ...(seen.sealed
        ? [
            `Next: another holder, at their own machine: halligan vault unseal --attempt ${seen.attempt}`,
          ]
        : [
            'Next: its own emergency accounts sign in again. Shares that were opened are replaced: bao operator rotate-keys.',
          ]),
    ]);
  } finally {
    share.fill(0);
  }
}

async function begin(
  context: Context,
  asked: AsSomebody & { readonly padOut: string },
): Promise<void> {
  const address = await vaultAt(context, asked);
  const { pad, ...progress } = await beginRootToken(address, await tokenOf(context, asked));
  await context.writeFile(asked.padOut, utf8(pad));
  show(context.terminal, { ...progress, pad: asked.padOut }, [
    `Begun: ${progress.attempt}. It needs ${progress.need} shares; the pad is in ${asked.padOut}, for you alone.`,
    `Next: each holder, at their own machine: halligan vault root-token give --attempt ${progress.attempt}`,
  ]);
}

async function giveToRoot(
  context: Context,
  asked: AsSomebody & WithShare & { readonly attempt: string },
): Promise<void> {
  if (asked.tokenFile === '-' && asked.shareFile === '-')
    throw new HalliganError(
      'cli.usage',
      'Token and share cannot both come from standard input.',
      'Give one of them as a file of your own, or at the terminal.',
    );
  const address = await vaultAt(context, asked);
  const token = await tokenOf(context, asked);
  const share = await shareOf(context, asked);
  try {
    const progress = await giveRootShare(address, token, asked.attempt, share);
    await noteGiven(context, asked, 'root-token', asked.attempt);
    const { encoded } = progress;
    show(context.terminal, { ...progress }, [
      `Given: ${encoded === undefined ? progress.given : progress.need} of ${progress.need}.`,
      encoded === undefined
        ? `Next: another holder: halligan vault root-token give --attempt ${asked.attempt}`
        : `Next: who began it: halligan vault root-token finish --encoded ${encoded}`,
    ]);
  } finally {
    share.fill(0);
  }
}

async function finish(
  context: Context,
  { pad, encoded, out }: { pad: string; encoded: string; out?: string },
): Promise<void> {
  const token = rootTokenOf(encoded, utf8Text(await context.readFile(pad)).trim());
  try {
    if (out === undefined)
      await context.terminal.showSecret(
        async () => ['The root token:', '', utf8Text(token)],
        'name a file by --out',
      );
    else await context.writeFile(out, token);
    show(context.terminal, { made: true, ...(out === undefined ? {} : { token: out }) }, [
      `${out === undefined ? 'It was shown.' : `Written: ${out}.`} It may do everything, and does not end by itself.`,
      `Next: do what it was made for, then: bao token revoke -self. Destroy ${pad}.`,
    ]);
  } finally {
    token.fill(0);
  }
}

function statusLines({ sealed, need, given, attempt }: SealStatus): readonly string[] {
  if (!sealed) return ['The vault is open.'];
  return [
    `The vault is sealed. It was given ${given} of ${need} shares.`,
    ...(attempt === ''
      ? []
      : [`This attempt is called ${attempt}: the next holder compares that.`]),
  ];
}
