/** A refusal is a system's word: no hint says more of it than that. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ResultCodeError } from 'ldapts';
import { BY_ITS_WORD } from './its-word.ts';
import { explainResult } from './ldap/answer.ts';
import { explainNumber } from './mysql/answer.ts';
import { explainState, type Progress } from './postgresql/answer.ts';

const OPEN: Progress = { stage: 'open', asked: 'scram', proven: true };

class Constraint extends ResultCodeError {
  constructor() {
    super(19, 'too short');
  }
}

test('a password that was refused still holds by the system’s own word, and no further', () => {
  const refusals = [
    explainState('XX000', OPEN),
    explainNumber(1819),
    explainResult(new Constraint(), undefined),
  ];
  for (const { code, hint } of refusals) {
    assert.equal(code, 'systems.constraint');
    assert.ok(hint.endsWith(BY_ITS_WORD), hint);
  }
});

test('no driver promises that an account keeps what it had', () => {
  const drivers = globSync('**/*.ts', {
    cwd: import.meta.dirname,
    exclude: ['node_modules', '**/*.test.ts'],
  });
  const promises = drivers.filter((name) =>
    /keeps its old|no change was made|What was asked was not done/.test(
      readFileSync(join(import.meta.dirname, name), 'utf8'),
    ),
  );
  assert.deepEqual(promises, []);
});
