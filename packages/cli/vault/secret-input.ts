import { HalliganError, utf8, utf8Text } from '@halligan/format';
import type { VaultAddress } from '@halligan/systems';
import { parseVaultAddress } from '@halligan/systems';
import type { Context } from '../commands.ts';
import { jsonOf } from '../person-home.ts';

/** Where the vault is, as its commands take it. */
export interface AtVault {
  readonly vault: string;
}

/** @throws `systems.config`, `systems.plaintext`, `cli.file` */
export async function vaultAt(context: Context, { vault }: AtVault): Promise<VaultAddress> {
  return parseVaultAddress(jsonOf(utf8Text(await context.readFile(vault))));
}

/**
 * A secret that a person holds: from a file, from standard input (`-`), or typed without echo. Never an argument: those
 * stand in the shell's history and in the list of processes.
 * @throws `cli.no-terminal`, `cli.file`, `cli.secret-empty`
 */
export async function secretInput(
  { terminal, readFile }: Context,
  file: string | undefined,
  question: string,
): Promise<Uint8Array> {
  const given =
    file === undefined
      ? utf8(await terminal.askSecret(question, 'words'))
      : await readFile(file === '-' ? '/dev/stdin' : file);
  const end = given.findLastIndex((byte) => byte !== 0x0a && byte !== 0x0d && byte !== 0x20);
  const secret = Uint8Array.from(given.subarray(0, end + 1));
  given.fill(0);
  if (secret.length > 0) return secret;
  throw new HalliganError(
    'cli.secret-empty',
    'Nothing was given.',
    'Give it again; nothing was sent.',
  );
}
