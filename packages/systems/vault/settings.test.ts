import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { HalliganError } from '@halligan/format';
import fc from 'fast-check';
import { refuses } from '../contract.ts';
import { entryPath, parseVaultStore, requireWrapping, secretOf } from './settings.ts';

const pageOf = (name: string) =>
  readFile(join(import.meta.dirname, '../../../docs/systems', `${name}.md`), 'utf8');

for (const [name, kind, file, path] of [
  ['openbao', 'openbao', 'secret-id', 'secret/break-glass/dc'],
  ['1password', 'onepassword', 'token', 'Break-Glass/dc (sealed by Halligan)'],
  ['bitwarden', 'bitwarden', 'master-password', 'Break-Glass/dc (sealed by Halligan)'],
] as const)
  test(`the store that docs/systems/${name}.md shows is a valid one`, async () => {
    const example = /```json store\n([\s\S]*?)```/.exec(await pageOf(name))?.[1];
    const store = parseVaultStore(JSON.parse(example ?? ''));
    assert.deepEqual(
      [store.kind, secretOf(store).file, entryPath(store, 'dc')],
      [kind, file, path],
    );
  });

test('another name than people look for, an unknown kind, a secret among the settings are refused by their field', () => {
  const refusedFor = (value: unknown) => {
    try {
      parseVaultStore(value);
    } catch (error) {
      if (error instanceof HalliganError && error.code === 'systems.config') return error.message;
      throw error;
    }
    return 'accepted';
  };
  const connect = { kind: 'onepassword', url: 'https://connect.example.org' };
  assert.match(refusedFor({ ...connect, vault: 'Private' }), /: vault\./);
  assert.match(refusedFor({ ...connect, token: 'x' }), /\(the whole\)/);
  assert.match(refusedFor({ kind: 'keepass' }), /: kind\./);
  assert.match(refusedFor({ kind: 'bitwarden', program: 'bw' }), /: program\./);
  assert.match(refusedFor(null), /\(the whole\)/);
  fc.assert(
    fc.property(fc.anything(), (value) => {
      assert.doesNotMatch(refusedFor(value), /^accepted$/);
    }),
  );
});

test('only OpenBao and Vault wrap', async () => {
  const store = parseVaultStore({ kind: 'onepassword', url: 'https://connect.example.org' });
  await refuses('vault.not-wrapped', async () => requireWrapping(store));
});
