import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { EXIT } from '../exit-codes.ts';
import { completionFor, SHELLS } from './completion.ts';
import { markdownGuide, rootManual } from './manual.ts';
import { wholeTree } from './tree.ts';
import { everyCommand, placed, usageOf } from './walk.ts';

const root = placed(await wholeTree());
const all = everyCommand(root).filter(({ path }) => path !== '');
const repository = join(import.meta.dirname, '..', '..', '..');

/** What bash offers for a command line whose last word is being typed. */
function offeredByBash(...words: readonly string[]): readonly string[] {
  const script = [
    completionFor('bash', root),
    'COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _halligan',
    `printf "%s\\n" "\${COMPREPLY[@]}"`,
  ].join('\n');
  const done = spawnSync('bash', ['--norc', '-c', script, 'bash', 'halligan', ...words], {
    encoding: 'utf8',
  });
  assert.equal(done.stderr, '');
  return done.stdout.split('\n').filter(Boolean);
}

test('bash completes commands, options, and the values that an option chooses from', () => {
  assert.deepEqual(offeredByBash('emer'), ['emergency']);
  assert.deepEqual(offeredByBash('emergency', 'not'), ['note', 'notified']);
  assert.deepEqual(offeredByBash('--json', 'kit', 'ver'), ['verify']);
  assert.deepEqual(offeredByBash('emergency', 'note', '--out'), ['--outcome', '--out-of-scope']);
  assert.deepEqual(offeredByBash('emergency', 'baseline', '--platform', 'l'), ['linux', 'ldap']);
  for (const { path, children } of all.filter((one) => one.children.length > 0))
    assert.deepEqual(
      offeredByBash(...path.split(' '), '').filter((word) => !word.startsWith('-')),
      children.map(({ command }) => command.name()),
      path,
    );
});

test('every shell gets every command and every option', () => {
  for (const shell of SHELLS) {
    const script = completionFor(shell, root);
    for (const { path, command } of all) {
      assert.ok(script.includes(`'${path}'`) || script.includes(`"${path}"`), `${shell} ${path}`);
      for (const { long } of command.options)
        assert.ok(
          script.includes(shell === 'fish' ? `-l ${long?.slice(2)} ` : `${long}`),
          `${long}`,
        );
    }
  }
});

test('the manual page names every command, option and exit code, and is roff', () => {
  const page = rootManual(root);
  const plain = page.replaceAll('\\-', '-').replaceAll('\\(cq', '’').replaceAll('\\e', '\\');
  for (const one of all) {
    assert.ok(plain.includes(`.SS halligan ${usageOf(one)}`), one.path);
    for (const { flags } of one.command.options) assert.ok(plain.includes(`.B ${flags}`), flags);
  }
  for (const code of Object.values(EXIT)) assert.match(page, new RegExp(`^\\.B ${code}$`, 'm'));
  // A line that begins with a point is a macro: no text of ours may be one by chance.
  const macros = new Set([...page.matchAll(/^\.(\S+)/gm)].map(([, name]) => name));
  assert.deepEqual(
    [...macros].toSorted(),
    ['B', 'EE', 'EX', 'PP', 'RI', 'SH', 'SS', 'TH', 'TP'].toSorted(),
  );
  assert.doesNotMatch(page, /^'/m);
});

test('the guide of the command line is what the tree says', () => {
  const guide = readFileSync(join(repository, 'docs', 'guides', 'command-line.md'), 'utf8');
  assert.equal(
    guide.trimEnd(),
    markdownGuide(root).trimEnd(),
    'write it anew: npm run -s halligan -- man --format markdown > docs/guides/command-line.md',
  );
});
