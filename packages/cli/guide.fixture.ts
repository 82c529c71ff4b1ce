import { readFileSync } from 'node:fs';

/** A block of shell in a guide: on whose machine it runs, and how it must end. */
export interface GuideStep {
  /** `server`, or a person's id. */
  readonly machine: string;
  readonly ends: 'ok' | 'runs-on' | { readonly refused: string };
  readonly shell: string;
}

const FIRST_LINE =
  /^# on (?:the (server)|(\w+)'s device)(?:: refused with ([a-z.-]+)|(, from now on))?\n/;

/** The shell blocks of a guide, in order. Each says in its first line where it runs; a block that does not is a mistake. */
export function stepsOf(guide: string): readonly GuideStep[] {
  const text = readFileSync(guide, 'utf8');
  return [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, shell = '']) => {
    const found = FIRST_LINE.exec(shell);
    if (found === null) throw new Error(`a block does not say where it runs: ${shell}`);
    const [, server, person, refused, on] = found;
    const ends = refused !== undefined ? { refused } : on !== undefined ? 'runs-on' : 'ok';
    return { machine: server ?? person?.toLowerCase() ?? '', ends, shell };
  });
}
