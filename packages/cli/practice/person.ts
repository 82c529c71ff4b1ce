/**
 * One person of a drill, as a process of their own: it holds that person's keys and nobody else's, takes commands as
 * JSON lines `{ "argv": [...] }`, runs them through the same program that people use, and answers with what it printed.
 */
import { createInterface } from 'node:readline';
import { JudgedBefore } from '@halligan/evidence';
import { HalliganError } from '@halligan/format';
import { z } from 'zod';
import { jsonOf } from '../person-home.ts';
import { run } from '../program.ts';
import type { Terminal } from '../terminal.ts';

/** A person's device runs from declaration to close here: what it judged, it need not judge again. */
const before = new JudgedBefore();
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
  const exit = await run(argv, terminal, process.env, before);
  process.stdout.write(`${JSON.stringify({ exit, out: out.join('\n'), said: said.join('\n') })}\n`);
}
