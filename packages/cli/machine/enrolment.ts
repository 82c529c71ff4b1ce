import { HalliganError, utf8Text } from '@halligan/format';
import { machineOf, type State } from '@halligan/procedure';
import { parseVerifierKey } from '@halligan/tlog';
import type { Context } from '../commands.ts';

/** Machines of one entry: the rules take no more. */
export const A_LIST = 100;

/** A machine as an admin enrols it. */
export interface Enrolment {
  readonly id: string;
  readonly log_key: string;
  readonly previous?: string;
}

/** What `halligan machine add` was told. */
export interface Addition {
  readonly logKey?: string;
  readonly list?: string;
  readonly replace: boolean;
}

/**
 * Which machines are to be enrolled, and by which keys: one, or a file with a line for each, id and key.
 * @throws `cli.usage`, `cli.machine-list`, `tlog.key-syntax`
 */
export async function enrolments(
  context: Context,
  state: State,
  id: string | undefined,
  { logKey, list, replace }: Addition,
): Promise<readonly Enrolment[]> {
  if ((id === undefined) === (list === undefined) || (id === undefined) !== (logKey === undefined))
    throw new HalliganError(
      'cli.usage',
      'Name one machine with --log-key, or a file of many with --list.',
      'halligan machine add web-1 --log-key web-1.pub',
    );
  const pairs =
    id !== undefined && logKey !== undefined
      ? [[id, utf8Text(await context.readFile(logKey)).trim()] as const]
      : linesOf(utf8Text(await context.readFile(list ?? '')));
  return pairs.map(([machine, key]) => enrolment(state, machine, key, replace));
}

function enrolment(state: State, id: string, key: string, replace: boolean): Enrolment {
  if (parseVerifierKey(key).type !== 'ed25519')
    throw new HalliganError(
      'tlog.key-syntax',
      `The key of “${id}” is of another kind.`,
      'A machine signs its journal with Ed25519.',
    );
  const known = machineOf(state, id);
  return {
    id,
    log_key: key,
    ...(replace && known !== undefined ? { previous: known.logKey } : {}),
  };
}

function linesOf(text: string): readonly (readonly [string, string])[] {
  const lines = text.split('\n').map((line) => line.trim());
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line, at) => {
      const [id = '', key = '', ...more] = line.split(/\s+/);
      if (key !== '' && more.length === 0) return [id, key] as const;
      throw new HalliganError(
        'cli.machine-list',
        `Machine ${at + 1} of the list is not an id and a key.`,
        'Write one machine a line: its id, a space, the verifier key of its journal.',
      );
    });
}
