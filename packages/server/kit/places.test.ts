import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { utf8 } from '@halligan/format';
import { placesFor, writeToPlaces } from './places.ts';

const root = mkdtempSync(join(tmpdir(), 'halligan-places-'));
after(() => rmSync(root, { recursive: true }));

function git(folder: string, ...parameters: readonly string[]): string {
  return execFileSync('git', ['-C', folder, ...parameters], { encoding: 'utf8' }).trim();
}

async function write(places: Parameters<typeof writeToPlaces>[0], text: string) {
  const said: string[] = [];
  const reached = await writeToPlaces(
    places,
    { file: 'contoso.halligan-kit', bytes: utf8(text), entries: [] },
    (_level, _part, message, about) => said.push(`${message}: ${about?.place}`),
  );
  return { reached, said };
}

test('a folder holds the kit, and what it is said to be goes along', async () => {
  const folder = join(root, 'stick');
  const place = { name: 'stick', folder, offServer: true, offline: true, idpFree: true };
  const { reached } = await write([place], 'first');
  assert.deepEqual(reached, [{ name: 'stick', offServer: true, offline: true, idpFree: true }]);
  await write([place], 'second');
  assert.equal(readFileSync(join(folder, 'contoso.halligan-kit'), 'utf8'), 'second');
});

for (const bare of [true, false])
  test(`a ${bare ? 'bare repository' : 'repository with a working tree'} holds it as one commit of its own branch`, async () => {
    const folder = join(root, bare ? 'bare.git' : 'tree');
    execFileSync('git', ['init', '--quiet', ...(bare ? ['--bare'] : []), folder]);
    const place = { name: 'repository', folder, offServer: true, git: true };
    for (const text of ['first', 'second'])
      assert.deepEqual((await write([place], text)).reached, [
        { name: 'repository', offServer: true },
      ]);
    assert.equal(git(folder, 'show', 'halligan-kit:contoso.halligan-kit'), 'second');
    assert.equal(git(folder, 'rev-list', '--count', 'halligan-kit'), '1');
    assert.equal(git(folder, 'for-each-ref', '--format=%(refname)'), 'refs/heads/halligan-kit');
    if (!bare) assert.equal(git(folder, 'status', '--porcelain'), '');
  });

test('a place that cannot be written is named, and keeps no other from being written', async () => {
  writeFileSync(join(root, 'a-file'), '');
  const { reached, said } = await write(
    [
      { name: 'broken', folder: join(root, 'a-file', 'kit'), offServer: true },
      { name: 'no-repository', folder: root, offServer: true, git: true },
      { name: 'disk', folder: join(root, 'disk'), offServer: false },
    ],
    'kit',
  );
  assert.deepEqual(reached, [{ name: 'disk', offServer: false }]);
  assert.deepEqual(said, [
    'a place could not be written: broken',
    'a place could not be written: no-repository',
  ]);
});

test('a vault without its settings, its secret, or an answer acknowledges nothing, and says which', async () => {
  const folder = mkdtempSync(join(root, 'vault-'));
  const codes: unknown[] = [];
  const entry = {
    v: 'halligan/vault-entry/v1',
    organisation: 'contoso',
    system: 'dc',
    accounts: {},
  } as const;
  const place = { name: 'bao', folder, offServer: true, vault: true };
  const attempt = async () => {
    const kept = { file: 'contoso.halligan-kit', bytes: utf8('kit'), entries: [entry] };
    const reached = await writeToPlaces([place], kept, (_level, _part, _message, about) =>
      codes.push(about?.code),
    );
    assert.deepEqual(reached, []);
  };
  await attempt();
  writeFileSync(join(folder, 'vault.json'), '{"url":"https://127.0.0.1:1"}');
  await attempt();
  writeFileSync(
    join(folder, 'vault.json'),
    '{"url":"https://127.0.0.1:1","writer":{"role":"writer"}}',
  );
  await attempt();
  writeFileSync(join(folder, 'secret-id'), 'throw-away\n');
  await attempt();
  assert.deepEqual(codes, [
    'kit.vault-settings',
    'systems.config',
    'kit.vault-settings',
    'systems.unreachable',
  ]);
});

test('the record has of a vault what it keeps of the account’s own system', () => {
  const kept = (system: string) => ({
    entry: `secret/break-glass/${system}`,
    version: 1,
    request: 'c0e9d897',
    rules: 'kept' as const,
    audit: 'on' as const,
  });
  const places = [
    { name: 'stick', offServer: true, offline: true },
    { name: 'bao', offServer: true, vault: { dc: kept('dc'), mail: kept('mail') } },
  ];
  assert.deepEqual(placesFor(places, 'dc'), [places[0], { ...places[1], vault: kept('dc') }]);
  assert.deepEqual(placesFor(places, 'files'), [places[0], { name: 'bao', offServer: true }]);
});
