import { readerPolicy, rescuerPolicy, rotatorPolicy, writerPolicy } from '@halligan/systems';
import { Argument, Command } from 'commander';
import { type Context, show } from '../commands.ts';
import { entryCommands } from './entry-commands.ts';
import { rescueCommands } from './rescue-commands.ts';

const POLICIES = {
  rotator: ({ accounts }: Mounts) => rotatorPolicy(accounts),
  writer: ({ engine, path }: Mounts) => writerPolicy(engine, path),
  reader: ({ engine, path }: Mounts) => readerPolicy(engine, path),
  rescuer: () => rescuerPolicy(),
};

interface Mounts {
  readonly accounts: string;
  readonly engine: string;
  readonly path: string;
}

/** `halligan vault …`: a vault that keeps seals, and a vault's own emergency. */
export function vaultCommands(context: Context, exits: (code: number) => void): Command {
  const vault = new Command('vault').description(
    'vaults that keep seals (OpenBao, 1Password, Bitwarden); a vault’s own unsealing',
  );
  for (const command of [...rescueCommands(context), ...entryCommands(context, exits)])
    vault.addCommand(command);
  vault
    .command('policy')
    .description('print the least that somebody needs in the vault')
    .addArgument(new Argument('<who>', 'whose policy').choices(Object.keys(POLICIES)))
    .option('--accounts <mount>', 'the userpass mount of emergency accounts', 'break-glass')
    .option('--engine <mount>', 'the key-value engine', 'secret')
    .option('--path <path>', 'below it, where entries lie', 'break-glass')
    .action((who: keyof typeof POLICIES, asked: Mounts) => {
      const policy = POLICIES[who](asked);
      show(context.terminal, { policy }, [policy.trimEnd()]);
    });
  return vault;
}
