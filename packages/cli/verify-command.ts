import { claimLine, claimLines, exitCodeOf, verifyPack } from '@halligan/evidence';
import { utf8Text } from '@halligan/format';
import { PAPER_VERSION, type PrintedDocument, pdfOf } from '@halligan/paper';
import { Command } from 'commander';
import { type Context, show } from './commands.ts';

/** `halligan verify PACK`: offline, from the pack alone, without configuration. */
export function verifyCommand(context: Context, exit: (code: number) => void): Command {
  return new Command('verify')
    .description('verify an evidence pack, offline')
    .argument('<pack>')
    .option('--trust <log.pub>', 'the log’s verifier key, got by another way than the pack')
    .option('--roster <words>', 'the thirteen genesis words')
    .option('--strict', 'what is not proven fails too', false)
    .action(
      async (
        path: string,
        { trust, roster, strict }: { trust?: string; roster?: string; strict: boolean },
      ) => {
        const printer = { version: PAPER_VERSION, print: (one: PrintedDocument) => pdfOf(one) };
        const anchors = {
          ...(trust === undefined
            ? {}
            : { logKey: utf8Text(await context.readFile(trust)).trim() }),
          ...(roster === undefined ? {} : { genesisWords: roster.trim().split(/\s+/) }),
        };
        const claims = await verifyPack(await context.readFile(path), anchors, printer);
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
