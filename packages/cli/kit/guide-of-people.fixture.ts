import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { ServerGone } from './server-gone.fixture.ts';

const GUIDE = join(import.meta.dirname, '../../../docs/guides/when-the-server-is-gone.md');
const declared = z.object({ emergency: z.string() });
const opened = z.object({ checkWords: z.array(z.string()) });

/** The guide's own commands, run by the people that it names, with files where it has them. */
export class Guide {
  readonly #gone: ServerGone;
  /** Id of the emergency that was declared. */
  emergency = '';
  /** Files that were passed. */
  readonly messages: string[] = [];
  #checkWords = '';

  constructor(gone: ServerGone) {
    this.#gone = gone;
  }

  /** Runs every command of a chapter. @returns what they printed */
  async run(chapter: number): Promise<readonly unknown[]> {
    const answers: unknown[] = [];
    for (const [, people = '', text = ''] of chapterOf(chapter).matchAll(
      /^```sh ([a-z ]+)\n([\s\S]*?)^```/gm,
    ))
      for (const person of people.split(' '))
        for (const line of text.replaceAll('\\\n', ' ').trim().split('\n'))
          answers.push(await this.#command(person, wordsOf(line)));
    return answers;
  }

  async #command(person: string, [program, ...given]: readonly string[]): Promise<unknown> {
    if (program !== 'halligan') throw new Error(`the guide runs ${program}`);
    const { root, kit, people } = this.#gone;
    const argv = given.map((word) =>
      word === '$KIT' ? kit : /^\d-[a-z]+\.txt$/.test(word) ? join(root, word) : word,
    );
    const what = argv.slice(0, 2).join(' ');
    // At a terminal the words are shown and asked for; here whoever releases was told them.
    if (what === 'emergency release') argv.push('--check-words', this.#checkWords);
    const answer = await people.run(person, ...argv);
    if (what === 'emergency declare') this.emergency = declared.parse(answer).emergency;
    if (what === 'emergency open') this.#checkWords = opened.parse(answer).checkWords.join(' ');
    if (what === 'kit send') this.messages.push(argv.at(-1) ?? '');
    return answer;
  }
}

function chapterOf(number: number): string {
  const text = readFileSync(GUIDE, 'utf8');
  const chapter = new RegExp(`^## ${number}\\. [\\s\\S]*?(?=^## )`, 'm').exec(text)?.[0];
  if (chapter === undefined) throw new Error(`the guide has no chapter ${number}`);
  return chapter;
}

/** A line as a shell splits it, as far as the guide needs: words and double quotes. */
function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '');
}
