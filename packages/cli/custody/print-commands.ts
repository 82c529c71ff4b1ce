import { resolve } from 'node:path';
import { HalliganError, utf8Text } from '@halligan/format';
import { type PrintedDocument, pdfOf } from '@halligan/paper';
import { type Command, Option } from 'commander';
import { type Context, show } from '../commands.ts';
import { confirm } from './confirmation.ts';
import { serialOf } from './find-envelope.ts';
import { toPrinter, wipe } from './output.ts';
import { accountIn, factsOf, ownShare, sharePlace } from './own-share.ts';
import {
  BLANKS,
  type Blank,
  blankSheet,
  lines,
  SIGNERS,
  shareSheet,
  WORDS_A_LINE,
} from './sheet.ts';

interface Asked {
  readonly account: string;
  readonly serial: string;
  readonly share?: string;
  readonly blank?: Blank;
  readonly printer?: string;
  readonly printCommand: string;
  readonly pdf?: string;
  readonly size: 'A4' | 'Letter';
}

/** `halligan envelope print`, `confirm`: a sheet for an envelope, made on the machine of whoever it belongs to. */
export function addPrinting(envelope: Command, context: Context): void {
  envelope
    .command('print')
    .description(
      'print the sheet for an envelope, on this machine: your own words, or lines to write on',
    )
    .requiredOption('--account <id>', 'which account')
    .requiredOption('--serial <serial>', 'of the envelope that it goes into')
    .option('--share <path/group>', 'your share of the current version, opened with your own key')
    .addOption(new Option('--blank <what>', 'a form to fill in by hand').choices([...BLANKS]))
    .option('--printer <name>', 'print it there; `default` for the default one')
    .option('--print-command <program>', 'takes the PDF on standard input', 'lp')
    .option('--pdf <file>', 'write it to a new file (mode 0600), to print and destroy')
    .addOption(new Option('--size <paper>', 'paper size').choices(['A4', 'Letter']).default('A4'))
    .action((asked: Asked) => print(context, asked));
  envelope
    .command('confirm')
    .description(
      'type back the words from the printed sheet; the file that it was printed from is destroyed',
    )
    .requiredOption('--account <id>', 'which account')
    .requiredOption('--serial <serial>', 'the envelope’s serial')
    .requiredOption('--share <path/group>', 'whose share: offline/keyholders')
    .option('--pdf <file>', 'the file that was printed: it is overwritten and removed')
    .option(
      '--words-file <file>',
      'the words as typed from the paper; it is overwritten and removed',
    )
    .action(
      (asked: {
        account: string;
        serial: string;
        share: string;
        pdf?: string;
        wordsFile?: string;
      }) => readBack(context, asked),
    );
}

async function print(context: Context, asked: Asked): Promise<void> {
  const { printer, printCommand, pdf, size } = asked;
  const serial = serialOf(asked.serial);
  if ((printer === undefined) === (pdf === undefined))
    throw new HalliganError(
      'cli.usage',
      'The sheet goes to a printer or into a file.',
      'Give --printer NAME (or default), or --pdf FILE.',
    );
  const sheet = await pdfOf(await sheetOf(context, asked, serial), { size, signedBy: SIGNERS });
  try {
    if (pdf !== undefined) await context.writeFile(pdf, sheet);
    else {
      const to = printer === undefined || printer === 'default' ? [] : ['-d', printer];
      await toPrinter(printCommand, [...to, '-t', `envelope ${serial}`], sheet);
    }
  } finally {
    sheet.fill(0);
  }
  const where =
    pdf === undefined
      ? 'On its way to the printer: stand beside it.'
      : `Written: ${pdf}. Print it, from here.`;
  const account = `--account ${asked.account}`;
  show(
    context.terminal,
    { serial, ...(pdf === undefined ? { printed: true } : { pdf: resolve(pdf) }) },
    [
      where,
      asked.share === undefined
        ? `Fill it in, seal it, then: halligan envelope register ${serial} ${account}.${pdf === undefined ? '' : ' The file holds nothing secret.'}`
        : `Next, with the paper before you: halligan envelope confirm ${account} --serial ${serial} --share ${asked.share}${pdf === undefined ? '' : ` --pdf ${pdf}`}`,
    ],
  );
}

async function sheetOf(
  context: Context,
  { account, share, blank }: Asked,
  serial: string,
): Promise<PrintedDocument> {
  if ((share === undefined) === (blank === undefined))
    throw new HalliganError(
      'cli.usage',
      'A sheet holds your words or lines to write on.',
      `Give --share PATH/GROUP, or --blank with ${BLANKS.join(', ')}.`,
    );
  const device = await context.device();
  if (share !== undefined) {
    const own = await ownShare(device, { account, ...sharePlace(share) });
    return shareSheet({ ...own.facts, serial }, own.share);
  }
  const { state } = await device.prove({ account });
  return blankSheet(
    { ...factsOf(state, accountIn(state, account)), serial },
    blank ?? 'credential',
  );
}

/** Words that a printer swallowed or a hand misread are noticed now, not in the emergency. @throws `cli.read-back` */
async function readBack(
  context: Context,
  asked: { account: string; serial: string; share: string; pdf?: string; wordsFile?: string },
): Promise<void> {
  const { terminal } = context;
  const serial = serialOf(asked.serial);
  const place = sharePlace(asked.share);
  const device = await context.device();
  const { facts, share } = await ownShare(device, { account: asked.account, ...place });
  if (asked.wordsFile === undefined) await askLines(context, share.words);
  else {
    const typed = utf8Text(await context.readFile(asked.wordsFile))
      .trim()
      .toLowerCase();
    const at = share.words.findIndex((word, index) => typed.split(/\s+/)[index] !== word);
    if (at >= 0 || typed.split(/\s+/).length !== share.words.length)
      throw notTheSame(Math.floor(Math.max(0, at) / WORDS_A_LINE) + 1);
    await wipe(asked.wordsFile);
  }
  const { account, version } = facts;
  const confirmed = await confirm(device.home, {
    serial,
    account,
    version,
    ...place,
    holder: device.person,
  });
  if (asked.pdf !== undefined) await wipe(asked.pdf);
  show(
    terminal,
    { serial, confirmed, ...(asked.pdf === undefined ? {} : { destroyed: asked.pdf }) },
    [
      'The paper says what was sealed.',
      ...(asked.pdf === undefined ? [] : [`Overwritten and removed: ${asked.pdf}.`]),
      `Seal it with somebody beside you, then: halligan envelope register ${serial} --account ${account} --contains share:${asked.share}`,
    ],
  );
}

/** Asks line by line, without echo; four letters tell SLIP-39 words apart. */
async function askLines({ terminal }: Context, words: readonly string[]): Promise<void> {
  const count = lines(words).length;
  for (let line = 0; line < count; line += 1) {
    const wanted = words.slice(line * WORDS_A_LINE, (line + 1) * WORDS_A_LINE);
    const question = `Line ${line + 1} of ${count}, its ${wanted.length} words from the paper (four letters of each are enough):`;
    for (let tries = 3; ; tries -= 1) {
      const typed = (await terminal.askSecret(question, 'words')).trim().toLowerCase().split(/\s+/);
      const fits =
        typed.length === wanted.length &&
        wanted.every((word, at) => {
          const given = typed[at] ?? '';
          return given === word || (given.length >= 4 && word.startsWith(given));
        });
      if (fits) break;
      if (tries === 1) throw notTheSame(line + 1);
      terminal.say('That is not what was sealed. Look at the paper again.');
    }
  }
}

function notTheSame(line: number): HalliganError {
  return new HalliganError(
    'cli.read-back',
    `Line ${line} is not what was sealed: this sheet is not used.`,
    'If the paper says what you typed, destroy it and print again; it is not registered.',
  );
}
