import { HalliganError } from '@halligan/format';
import { run } from '../program.ts';
import type { Terminal } from '../terminal.ts';

/** What one command gave, run in this process where nobody can be asked. */
export interface Recorded {
  readonly code: number;
  /** What went to standard output, one entry a call. */
  readonly out: readonly string[];
  readonly said: string;
}

const nobody = async (question: unknown): Promise<never> => {
  throw new HalliganError('cli.no-terminal', `Nobody can be asked: ${question}`, 'By its flag.');
};

/** Runs `halligan` with an environment that has only what is given. */
export async function recorded(
  argv: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Recorded> {
  const out: string[] = [];
  const said: string[] = [];
  const terminal: Terminal = {
    json: argv.includes('--json'),
    out: (text) => void out.push(text),
    say: (text) => void said.push(text),
    ask: nobody,
    askSecret: nobody,
    showSecret: nobody,
  };
  const code = await run(argv, terminal, environment);
  return { code, out, said: said.join('\n') };
}

/** A command line as a shell takes it apart: spaces, and double quotes. */
export function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
}
