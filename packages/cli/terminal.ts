import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { HalliganError } from '@halligan/format';

/** Where a command speaks to: data to standard output, messages to standard error, questions only to a terminal. */
export interface Terminal {
  /** Data; with --json one JSON value. */
  readonly out: (text: string) => void;
  /** Messages for the person. */
  readonly say: (text: string) => void;
  readonly json: boolean;
  /** Asks the person. @throws `cli.no-terminal` where nobody can answer */
  readonly ask: (question: string) => Promise<string>;
  /** As `ask`, without echo. Only a passphrase is taken from --passphrase-file. */
  readonly askSecret: (question: string, what?: 'passphrase' | 'words') => Promise<string>;
  /**
   * Shows a secret on the alternate screen until the person is done, so that nothing stays in the scroll-back. The
   * secret is asked for only once it is sure that somebody sees it. @throws `cli.no-terminal`
   */
  readonly showSecret: (secret: () => Promise<readonly string[]>) => Promise<void>;
}

/** The terminal that the program was started from. */
export function processTerminal(options: {
  readonly json: boolean;
  readonly input: boolean;
  readonly passphraseFile?: string;
}): Terminal {
  const interactive =
    options.input && process.stdin.isTTY === true && process.stderr.isTTY === true;
  const ask = async (question: string, muted: boolean): Promise<string> => {
    if (!interactive)
      throw new HalliganError(
        'cli.no-terminal',
        `Nobody can be asked: ${question}`,
        'Give the answer by its flag; see --help.',
      );
    return muted ? readMuted(question) : readLine(question);
  };
  return {
    json: options.json,
    out: (text) => void process.stdout.write(`${text}\n`),
    say: (text) => void process.stderr.write(`${text}\n`),
    ask: (question) => ask(question, false),
    askSecret: async (question, what = 'passphrase') =>
      options.passphraseFile === undefined || what !== 'passphrase'
        ? ask(question, true)
        : passphraseIn(options.passphraseFile),
    showSecret: async (secret) => {
      if (!interactive)
        throw new HalliganError(
          'cli.no-terminal',
          'A secret is only shown on a terminal.',
          'Run this at a terminal, or use halligan emergency sign-in.',
        );
      const lines = await secret();
      process.stderr.write(`\u001b[?1049h\u001b[H${lines.join('\n')}\n\n`);
      try {
        await readLine('Press Enter when done; the screen is wiped.');
      } finally {
        process.stderr.write('\u001b[2J\u001b[?1049l');
      }
    },
  };
}

/** @throws `cli.file` */
function passphraseIn(path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    throw new HalliganError(
      'cli.file',
      'The passphrase file cannot be read.',
      'Check the path after --passphrase-file and its permissions.',
      { cause },
    );
  }
}

async function readLine(question: string): Promise<string> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await reader.question(`${question} `)).trim();
  } finally {
    reader.close();
  }
}

/** Reads a line without echo: raw mode, so that the passphrase is on no screen. */
async function readMuted(question: string): Promise<string> {
  process.stderr.write(`${question} `);
  process.stdin.setRawMode(true);
  process.stdin.resume();
  process.stdin.setEncoding('utf8');
  try {
    return await new Promise((resolve, reject) => {
      let text = '';
      const onData = (chunk: string) => {
        for (const character of chunk) {
          if (character === '\r' || character === '\n') return done(() => resolve(text));
          if (character === '\u0003')
            return done(() =>
              reject(new HalliganError('cli.cancelled', 'Cancelled.', 'Nothing was changed.')),
            );
          text = character === '\u007f' ? text.slice(0, -1) : text + character;
        }
        return undefined;
      };
      const done = (settle: () => void) => {
        process.stdin.off('data', onData);
        settle();
      };
      process.stdin.on('data', onData);
    });
  } finally {
    process.stdin.setRawMode(false);
    process.stdin.pause();
    process.stderr.write('\n');
  }
}
