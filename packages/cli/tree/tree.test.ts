/** The command tree as a table: what every command owes the people and the scripts that use it. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { EXIT } from '../exit-codes.ts';
import { EXAMPLES } from './examples.ts';
import { recorded, wordsOf } from './recorded.fixture.ts';
import { TABLE } from './table.ts';
import { wholeTree } from './tree.ts';
import { everyCommand, placed } from './walk.ts';

const root = placed(await wholeTree());
const all = everyCommand(root).filter(({ path }) => path !== '');
/** Commands that do something. */
const leaves = all.filter(({ children, path }) => children.length === 0 || path in EXAMPLES);
const folder = mkdtempSync(join(tmpdir(), 'halligan-tree-'));
const environment = { HOME: folder, HALLIGAN_HOME: join(folder, 'none') };

// Commands that write files do so where they are run: not into the repository.
const repository = process.cwd();
before(() => process.chdir(folder));
after(() => {
  process.chdir(repository);
  rmSync(folder, { recursive: true, force: true });
});

test('there is a tree', () => {
  assert.ok(leaves.length > 130, `${leaves.length}`);
});

test('what the help says of a command without loading it is what the command says of itself', () => {
  const rows = TABLE.flatMap(([, of]) => of);
  assert.deepEqual(
    rows.map(({ name, description }) => ({ name, description })),
    root.children.map(({ command }) => ({
      name: command.name(),
      description: command.description(),
    })),
  );
});

test('every command, argument and option says in a line what it is', () => {
  const silent = all.flatMap(({ path, command }) => [
    ...(/^\S.{5,120}$/.test(command.description()) ? [] : [path]),
    ...command.registeredArguments
      .filter(({ description }) => description === '')
      .map((one) => `${path} <${one.name()}>`),
    ...command.options
      .filter(({ description }) => description === '')
      .map(({ flags }) => `${path} ${flags}`),
  ]);
  assert.deepEqual(silent, []);
});

test('the help of every command has an example, which the command takes', () => {
  for (const { path, command } of leaves) {
    const line = EXAMPLES[path];
    assert.ok(line !== undefined, `${path} has no example`);
    const words = wordsOf(line);
    assert.equal(words.slice(0, path.split(' ').length).join(' '), path);
    const rest = words.slice(path.split(' ').length);
    const { operands, unknown } = command.parseOptions([...rest]);
    assert.deepEqual(unknown, [], line);
    const [least, most] = [
      command.registeredArguments.filter(({ required }) => required).length,
      command.registeredArguments.some(({ variadic }) => variadic)
        ? Number.POSITIVE_INFINITY
        : command.registeredArguments.length,
    ];
    assert.ok(operands.length >= least && operands.length <= most, line);
    for (const { mandatory, long, argChoices } of command.options) {
      const at = rest.indexOf(long ?? '');
      assert.ok(!mandatory || at >= 0, `${line}: ${long}`);
      if (at >= 0 && argChoices !== undefined)
        assert.ok(argChoices.includes(rest[at + 1] ?? ''), `${line}: ${long}`);
    }
  }
  const known = new Set(leaves.map(({ path }) => path));
  assert.deepEqual(
    Object.keys(EXAMPLES).filter((path) => !known.has(path)),
    [],
    'examples of commands that are no more',
  );
});

test('no option takes a secret from the command line, where every process of the machine reads it', () => {
  const secret =
    /^--(.*-)?(password|passphrase|secret|identity|seed|token|share|recovery-words|code|key)$/;
  const taken = all.flatMap(({ path, command }) =>
    command.options
      // What is named in a file stays in it; places of shares and public keys are no secrets.
      .filter(({ long, flags }) => secret.test(long ?? '') && !/<(file|path\/group)/.test(flags))
      .map(({ flags }) => `${path} ${flags}`),
  );
  assert.deepEqual(taken, []);
});

describe('as scripts use it', () => {
  test('what a command does not know is bad usage, with what was meant', async () => {
    for (const { path } of leaves) {
      const { code, out, said } = await recorded([...path.split(' '), '--nonsense'], environment);
      assert.equal(code, EXIT.usage, `${path}: ${said}`);
      assert.match(said, /^error: /, path);
      assert.deepEqual(out, [], path);
    }
    const near = await recorded(['emergency', 'declar'], environment);
    assert.match(near.said, /Did you mean declare\?/);
    const json = await recorded(['emergency', 'declar', '--json'], environment);
    assert.equal(JSON.parse(json.out.join('')).error.code, 'cli.usage');
  });

  test('with --json every command prints one JSON value, here where there is neither key nor server', async () => {
    for (const { path } of leaves) {
      const argv = [...wordsOf(EXAMPLES[path] ?? ''), '--json', '--org', 'nobody-here'];
      const { code, out, said } = await recorded(argv, environment);
      assert.equal(out.length, 1, `${path}: ${said}`);
      const value: unknown = JSON.parse(out[0] ?? '');
      if (code === EXIT.ok) continue;
      assert.ok(typeof value === 'object' && value !== null, path);
      assert.notEqual(code, EXIT.denied, path);
      // The doctor's answer is what it found, whatever that is.
      if (path.endsWith('doctor')) continue;
      assert.ok('error' in value, path);
      assert.doesNotMatch(said, /cli\.fault/, path);
      assert.match(said, /^hint: .+/m, path);
    }
  });

  test('help goes to standard output and is no failure', async () => {
    for (const { path } of all) {
      const { code, out } = await recorded([...path.split(' '), '--help'], environment);
      assert.equal(code, EXIT.ok, path);
      assert.match(out.join('\n'), /\nExample:\n {2}halligan \S/, path);
    }
  });
});
