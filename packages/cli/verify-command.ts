import {
  type Claim,
  claimLine,
  claimLines,
  exitCodeOf,
  verifyEntryProof,
  verifyPack,
} from '@halligan/evidence';
import { HalliganError, utf8Text } from '@halligan/format';
import { PRINTER } from '@halligan/paper';
import { Command } from 'commander';
import { type Context, show } from './commands.ts';
import { filesBeside } from './evidence/files-beside.ts';

/** A `.tlog-proof` says in its first line that it is one; a pack is a ZIP. */
function isEntryProof(bytes: Uint8Array): boolean {
  return bytes[0] === 'c'.charCodeAt(0);
}

/** @throws `cli.usage` without the log's key: a proof names its own log */
async function entryClaims(
  bytes: Uint8Array,
  logKey: string | undefined,
  cosigners: readonly string[],
): Promise<readonly Claim[]> {
  if (logKey === undefined)
    throw new HalliganError(
      'cli.usage',
      'Which log?',
      'Give --trust log.pub, got from the organisation by another way than the proof.',
    );
  return (await verifyEntryProof(utf8Text(bytes), { logKey, cosigners })).claims;
}

/** `halligan verify PACK`: offline, from the pack alone, without configuration. */
export function verifyCommand(context: Context, exit: (code: number) => void): Command {
  return new Command('verify')
    .description('verify an evidence pack, or a .tlog-proof of one entry, offline')
    .argument('<file>', 'an evidence pack, or a .tlog-proof')
    .option('--trust <log.pub>', 'the log’s verifier key, got by another way than the pack')
    .option('--roster <words>', 'the thirteen genesis words')
    .option(
      '--cosigners <keys>',
      'of a .tlog-proof: a file with the verifier keys of cosigners that you trust',
    )
    .option(
      '--files <path...>',
      'large files that came beside the pack: folders or files, found by their hash',
    )
    .option('--strict', 'what is not proven fails too', false)
    .action(
      async (
        path: string,
        {
          trust,
          roster,
          strict,
          cosigners,
          files = [],
        }: {
          trust?: string;
          roster?: string;
          strict: boolean;
          cosigners?: string;
          files?: readonly string[];
        },
      ) => {
        const bytes = await context.readFile(path);
        const text = async (file: string) => utf8Text(await context.readFile(file)).trim();
        const anchors = {
          ...(trust === undefined ? {} : { logKey: await text(trust) }),
          ...(roster === undefined ? {} : { genesisWords: roster.trim().split(/\s+/) }),
        };
        const claims = isEntryProof(bytes)
          ? await entryClaims(
              bytes,
              anchors.logKey,
              cosigners === undefined ? [] : (await text(cosigners)).split('\n'),
            )
          : await verifyPack(bytes, anchors, PRINTER, await filesBeside(files));
        const code = exitCodeOf(claims, strict);
        const failures = claims.filter(({ verdict }) => verdict === 'FAIL').length;
        show(context.terminal, { claims, exitCode: code }, [
          // A person gets columns; a script gets one line a claim.
          ...(process.stdout.isTTY
            ? claimLines(claims, process.stdout.columns)
            : claims.map(claimLine)),
          code === 0
            ? 'Nothing failed.'
            : failures > 0
              ? 'FAILED.'
              : 'Something is not proven, and --strict asks for it.',
        ]);
        exit(code);
      },
    );
}
