import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { HalliganError } from '@halligan/format';
import { EXIT, EXIT_MEANINGS, exitCodeOfError } from './exit-codes.ts';

const exit = (code: string) => exitCodeOfError(new HalliganError(code, 'It failed.', 'Look.'));

test('scripts can tell what to do next by the exit code', () => {
  const codes: Readonly<Record<keyof typeof EXIT, readonly string[]>> = {
    ok: [],
    failed: ['journal.locked', 'cli.unreachable', 'cli.file', 'seal.passphrase', 'server.fault'],
    usage: ['cli.usage', 'cli.no-terminal', 'cli.which', 'cli.cancelled'],
    waiting: ['cli.waiting'],
    signIn: ['server.session', 'server.sign-in', 'cli.no-home', 'cli.not-joined'],
    verification: [
      ...['evidence.container', 'tlog.consistency', 'statement.signature', 'cli.check-words'],
      ...['server.behind', 'server.other-history', 'seal.damaged', 'seal.share-mismatch'],
    ],
    denied: [
      'convert.by',
      'codes.replayed',
      'sign-off.executive',
      'notification.by',
      'server.forbidden',
      'authorisation.self-approval',
      'opening.live',
      'release.again',
    ],
  };
  for (const [what, exits] of Object.entries(codes))
    for (const code of exits)
      assert.equal(exit(code), Object.entries(EXIT).find(([name]) => name === what)?.[1], code);
  assert.equal(exitCodeOfError(new TypeError('a fault of ours')), EXIT.failed);
});

const packages = join(import.meta.dirname, '..');

test('whatever the rules refuse is denied: 6', () => {
  const refusals = globSync(join(packages, 'procedure/**/*.ts'))
    .filter((path) => !/\.(test|fixture)\.ts$|node_modules/.test(path))
    .flatMap((path) => [...readFileSync(path, 'utf8').matchAll(/refuse\(\s*'([a-z.-]+)'/g)])
    .map(([, rule = '']) => rule);
  assert.ok(refusals.length > 300);
  assert.deepEqual(
    [...new Set(refusals)].filter((rule) => exit(rule) !== EXIT.denied),
    [],
  );
});

test('the README has the same table of exit codes', () => {
  const cells = readFileSync(join(packages, 'cli/README.md'), 'utf8').matchAll(
    /\| (\d) +\| ([^|]*[^| ])(?= *\|)/g,
  );
  const told = Object.fromEntries([...cells].map(([, code = '', meaning]) => [code, meaning]));
  assert.deepEqual(told, { ...EXIT_MEANINGS });
});
