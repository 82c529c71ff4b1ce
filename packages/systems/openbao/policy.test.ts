import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { rotatorPolicy, writerPolicy } from './policy.ts';

const page = await readFile(join(import.meta.dirname, '../../../docs/systems/openbao.md'), 'utf8');

test('the policies that docs/systems/openbao.md shows are the ones that are checked', () => {
  assert.ok(page.includes(rotatorPolicy('break-glass')));
  assert.ok(page.includes(writerPolicy('secret', 'break-glass')));
});
