import { HalliganError, utf8Text } from '@halligan/format';
import { entryPath, fetchEntry, readEntryText, secretOf } from '@halligan/systems';
import { Command } from 'commander';
import type { Context } from '../commands.ts';
import { storeOf } from './entry-commands.ts';
import { onRecord, sealsOut, type TakingOut } from './seals-out.ts';
import { secretInput } from './secret-input.ts';

interface Fetching extends TakingOut {
  readonly store?: string;
  readonly secretFile?: string;
  readonly pasted?: string;
}

/** `halligan vault fetch`: out of a vault that wraps nothing, or out of the text that a person copied from it. */
export function fetchCommand(context: Context): Command {
  return new Command('fetch')
    .description(
      'take a system’s seals out of a shared vault, or of the text that you copied there',
    )
    .argument('<system>', 'whose seals')
    .requiredOption('--out <folder>', 'where the seals are written')
    .option('--store <file>', 'JSON of the store, as docs/systems shows it')
    .option(
      '--secret-file <file>',
      'what you sign in to it with; - is standard input; asked for otherwise',
    )
    .option('--pasted <file>', 'instead: the entry’s text, as you copied it; - is standard input')
    .option(
      '--unproven',
      'do not compare them with the record: neither server nor kit is there',
      false,
    )
    .option('--emergency <id>', 'put it on that record: what was read, or the alarm')
    .action((system: string, asked: Fetching) =>
      onRecord(context, system, asked.emergency, () => fetchSeals(context, system, asked)),
    );
}

async function fetchSeals(context: Context, system: string, asked: Fetching): Promise<string> {
  const { store: path, pasted } = asked;
  if (pasted !== undefined && path === undefined) {
    const text = utf8Text(await context.readFile(pasted === '-' ? '/dev/stdin' : pasted));
    const entry = readEntryText(text, system);
    return sealsOut(context, 'pasted', { entry, version: 0, request: 'by hand' }, asked);
  }
  if (path === undefined || pasted !== undefined)
    throw new HalliganError(
      'cli.usage',
      'Say where the seals are: one of --store and --pasted.',
      'With an interface: --store vault.json. Copied by hand: --pasted entry.txt.',
    );
  const store = await storeOf(context, path);
  const secret = await secretInput(context, asked.secretFile, `Your ${secretOf(store).what}:`);
  try {
    const stored = await fetchEntry(store, secret, system);
    return await sealsOut(context, entryPath(store, system), stored, asked);
  } finally {
    secret.fill(0);
  }
}
