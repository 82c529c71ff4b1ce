import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { harmless } from '@halligan/document';
import { HalliganError, visible } from '@halligan/format';

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
   * secret is asked for only once it is sure that somebody sees it.
   * @param otherWay what can be done where there is no screen: goes on after “or” @throws `cli.no-terminal`
   */
  readonly showSecret: (
    secret: () => Promise<readonly string[]>,
    otherWay?: string,
  ) => Promise<void>;
  /** Of the screen that a secret is shown on, in characters, now; undefined where that is not known. */
  readonly size?: () => { readonly rows: number; readonly columns: number } | undefined;
}

/** Lines below a secret. */
export const BELOW_A_SECRET = ['', 'Press Enter when done; the screen is wiped.'] as const;

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
  const out = options.json ? asAscii : harmless;
  return {
    json: options.json,
    out: (text) => void process.stdout.write(`${out(text)}\n`),
    say: (text) => void process.stderr.write(`${harmless(text)}\n`),
    ask: (question) => ask(harmless(question), false),
    askSecret: async (question, what = 'passphrase') =>
      options.passphraseFile === undefined || what !== 'passphrase'
        ? ask(harmless(question), true)
        : passphraseIn(options.passphraseFile),
    showSecret: async (secret, otherWay) => {
      if (!interactive)
        throw new HalliganError(
          'cli.no-terminal',
          'A secret is only shown on a terminal.',
          `Run this at a terminal${otherWay === undefined ? '' : `, or ${otherWay}`}.`,
        );
      const lines = await secret();
      await onAlternateScreen([...lines.map(visible), ...BELOW_A_SECRET]);
    },
    size: () => {
      const { rows, columns } = process.stderr;
      return interactive && rows > 0 ? { rows, columns } : undefined;
    },
  };
}

/**
 * JSON in which nothing is obeyed by a terminal, and the same value for every parser: what is not ASCII stands by its
 * code, as RFC 8259 section 7 allows.
 */
function asAscii(json: string): string {
  return json.replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Clears the alternate screen and goes back to where the person was. */
const WIPE = '\u001b[2J\u001b[H\u001b[?1049l';

/**
 * Shows lines on the alternate screen, which has no scroll-back, until a key says that the person is done: Enter, or
 * what interrupts. However it ends, the screen is wiped first; only SIGKILL cannot be waited for.
 */
async function onAlternateScreen(lines: readonly string[]): Promise<void> {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const killed = (signal: NodeJS.Signals) => {
    process.stderr.write(WIPE);
    process.stdin.setRawMode(false);
    for (const one of signals) process.off(one, killed);
    process.kill(process.pid, signal);
  };
  for (const signal of signals) process.on(signal, killed);
  const screen = `\u001b[?1049h\u001b[2J\u001b[H${lines.join('\r\n')}`;
  try {
    await typed((character) => '\r\n\u0003\u0004'.includes(character), screen);
  } finally {
    process.stderr.write(WIPE);
    for (const signal of signals) process.off(signal, killed);
  }
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

/** @throws `cli.cancelled` */
async function readLine(question: string): Promise<string> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  const gone = new AbortController();
  for (const event of ['SIGINT', 'close'] as const) reader.on(event, () => gone.abort());
  try {
    return (await reader.question(`${question} `, { signal: gone.signal })).trim();
  } catch (cause) {
    throw gone.signal.aborted ? cancelled() : cause;
  } finally {
    reader.close();
  }
}

/** Reads a line without echo: raw mode, so that the passphrase is on no screen. @throws `cli.cancelled` */
async function readMuted(question: string): Promise<string> {
  let text: readonly string[] = [];
  let given = true;
  try {
    await typed((character) => {
      if ('\r\n'.includes(character)) return true;
      given = !'\u0003\u0004'.includes(character);
      text = '\u007f\b'.includes(character) ? text.slice(0, -1) : [...text, character];
      return !given;
    }, `${question} `);
  } finally {
    process.stderr.write('\n');
  }
  if (!given) throw cancelled();
  return text.join('');
}

function cancelled(): HalliganError {
  return new HalliganError('cli.cancelled', 'Cancelled.', 'Nothing was changed.');
}

/**
 * Takes what is typed, character by character and without echo, until `isLast` says so or the terminal is gone.
 * @param question is written once every key is ours: before, Ctrl-C would end the program and Ctrl-D would be lost
 */
async function typed(isLast: (character: string) => boolean, question: string): Promise<void> {
  const { stdin } = process;
  stdin.setRawMode(true);
  stdin.resume();
  stdin.setEncoding('utf8');
  try {
    await new Promise<void>((resolve) => {
      const take = (chunk: string) => {
        for (const character of chunk) if (isLast(character)) return done();
        return undefined;
      };
      const done = () => {
        stdin.off('data', take).off('end', done);
        resolve();
      };
      stdin.on('data', take).on('end', done);
      process.stderr.write(question);
    });
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
  }
}
