/** Hints, refusals and ways on name commands: at three in the morning one that does not exist is worse than none. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { wholeTree } from './tree.ts';
import { placed } from './walk.ts';

const house = join(import.meta.dirname, '../../..');
const root = placed(await wholeTree());

/** Words that follow the program's name in a sentence about it, and are no command. */
const SENTENCES = ['are', 'does', 'of', 'program', 'shows', 'halligan'];

test('every command that a message names is one', () => {
  const strangers = new Map<string, string>();
  let looked = 0;
  for (const file of globSync('packages/**/*.ts', { cwd: house })) {
    if (/node_modules|\.test\.ts$/.test(file)) continue;
    const text = readFileSync(join(house, file), 'utf8');
    for (const [named, first = '', second] of text.matchAll(
      /halligan ([a-z][a-z-]*)(?: ([a-z][a-z-]+))?/g,
    )) {
      if (SENTENCES.includes(first)) continue;
      looked += 1;
      if (!isCommand(first, second)) strangers.set(named, file);
    }
  }
  assert.ok(looked > 300, `${looked}`);
  assert.deepEqual(strangers, new Map());
});

/** @param second a command below the first, where the first has any; else its argument, or the sentence going on */
function isCommand(first: string, second: string | undefined): boolean {
  if (first === 'help') return true;
  const found = root.children.find(({ command }) => command.name() === first);
  if (found === undefined) return false;
  if (second === undefined || found.children.length === 0) return true;
  return found.children.some(({ command }) => command.name() === second);
}
