import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { rotatorPolicy } from './openbao-policy.ts';

test('the policy that docs/systems/openbao.md shows is the one that is checked', async () => {
  const page = join(import.meta.dirname, '../../docs/systems/openbao.md');
  assert.ok((await readFile(page, 'utf8')).includes(rotatorPolicy('break-glass')));
});
