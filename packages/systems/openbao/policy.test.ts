import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseVaultStore } from '../vault/store-config.ts';
import { rotatorPolicy, writerPolicy } from './policy.ts';

const page = await readFile(join(import.meta.dirname, '../../../docs/systems/openbao.md'), 'utf8');

test('the policies that docs/systems/openbao.md shows are the ones that are checked', () => {
  assert.ok(page.includes(rotatorPolicy('break-glass')));
  assert.ok(page.includes(writerPolicy('secret', 'break-glass')));
});

test('the store that docs/systems/openbao.md shows is a valid one', () => {
  const example = /```json store\n([\s\S]*?)```/.exec(page)?.[1];
  assert.equal(parseVaultStore(JSON.parse(example ?? '')).path, 'break-glass');
});
