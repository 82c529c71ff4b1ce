import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from './commands.ts';
import { EXIT } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

const readme = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');

/** The commands that a command's help lists. */
async function commandsOf(...argv: readonly string[]): Promise<readonly string[]> {
  const out: string[] = [];
  const nobody = async (): Promise<never> => assert.fail('somebody was asked');
  const terminal: Terminal = {
    json: false,
    out: (text) => void out.push(text),
    say: (text) => void out.push(text),
    ask: nobody,
    askSecret: nobody,
    showSecret: nobody,
  };
  assert.equal(await run([...argv, '--help'], terminal, {}), EXIT.ok);
  const [, list = ''] = out.join('\n').split('\nCommands:\n');
  return [...list.matchAll(/^ {2}([a-z-]+)/gm)]
    .flatMap(([, name]) => (name === undefined ? [] : [name]))
    .filter((name) => name !== 'help');
}

test('the README names every command and every exit code, and no other command', async () => {
  const known = new Set<string>();
  const groups = await commandsOf();
  assert.ok(groups.length > 8);
  for (const group of groups) {
    known.add(group);
    for (const command of await commandsOf(group)) known.add(command);
  }
  const table = readme.split('| command')[1]?.split('\n\n')[0] ?? '';
  const named = [...table.matchAll(/`([a-z-]+)`/g)].map(([, name = '']) => name);
  assert.deepEqual([...new Set(named)].toSorted(), [...known].toSorted());
  for (const code of Object.values(EXIT)) assert.match(readme, new RegExp(`\\| ${code} +\\|`));
});
