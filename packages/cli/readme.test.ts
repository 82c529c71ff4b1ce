import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { EXIT } from './exit-codes.ts';
import { wholeTree } from './tree/tree.ts';
import { everyCommand, placed } from './tree/walk.ts';

const readme = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');

test('the README names every command and every exit code, and no other command', async () => {
  const known = new Set(
    everyCommand(placed(await wholeTree()))
      .filter(({ path }) => path !== '')
      .map(({ command }) => command.name()),
  );
  const table = readme.split('| command')[1]?.split('\n\n')[0] ?? '';
  const named = [...table.matchAll(/`([a-z-]+)`/g)].map(([, name = '']) => name);
  assert.deepEqual([...new Set(named)].toSorted(), [...known].toSorted());
  for (const code of Object.values(EXIT)) assert.match(readme, new RegExp(`\\| ${code} +\\|`));
});
