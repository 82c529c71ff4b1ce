/**
 * One person of a drill, as a process of their own: it holds that person's keys and nobody else's, takes commands as
 * JSON lines `{ "argv": [...] }`, runs them through the same program that people use, and answers with what it printed.
 */
import { createInterface } from 'node:readline';
import { HalliganError } from '@halligan/format';
import { z } from 'zod';
import { EXIT } from '../exit-codes.ts';
import { Kept } from '../kept.ts';
import { jsonOf } from '../person-home.ts';
import { run } from '../program.ts';
import type { Terminal } from '../terminal.ts';

/** A person's device runs from declaration to close here: it signs in once, and what it judged, it need not judge again. */
const kept = new Kept();
const line = z.object({ argv: z.array(z.string()) });

for await (const text of createInterface({ input: process.stdin })) {
  const { argv } = line.parse(jsonOf(text));
  const out: string[] = [];
  const said: string[] = [];
  const nobody = async (question: string): Promise<never> => {
    throw new HalliganError(
      'cli.no-terminal',
      `Nobody can be asked: ${question}`,
      'Give the answer by its flag.',
    );
  };
  const terminal: Terminal = {
    json: true,
    out: (one) => void out.push(one),
    say: (one) => void said.push(one),
    ask: nobody,
    askSecret: nobody,
    showSecret: async () => void (await nobody('a secret')),
  };
  const once = () => run(argv, terminal, process.env, kept);
  let exit = await once();
  // The server was started again meanwhile, and refused: nothing was done.
  if (exit === EXIT.signIn && kept.signOut()) {
    for (const lines of [out, said]) lines.length = 0;
    exit = await once();
  }
  process.stdout.write(`${JSON.stringify({ exit, out: out.join('\n'), said: said.join('\n') })}\n`);
}
