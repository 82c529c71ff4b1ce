import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { foundPractice } from '../practice/organisation.ts';
import { serverChecks } from './server-checks.ts';

const root = mkdtempSync(join(tmpdir(), 'halligan-doctor-'));
after(() => rmSync(root, { recursive: true, force: true }));

test('a vault that keeps seals is looked at: its settings, and a secret that nobody else reads', async () => {
  const folder = join(root, 'bao');
  mkdirSync(folder);
  await foundPractice(root, 'x25519', [{ name: 'bao', folder, offServer: true, vault: true }]);
  const seen = async () => {
    const one = (await serverChecks(root)).find(({ check }) => check === 'kit place bao');
    return `${one?.level}: ${one?.found} ${one?.fix ?? ''}`.trimEnd();
  };
  assert.match(await seen(), /^fail: .*\[systems\.config\]/);
  writeFileSync(
    join(folder, 'vault.json'),
    '{"url":"https://vault.example.org:8200","writer":{"role":"writer"}}',
  );
  assert.match(await seen(), /^fail: .*secret-id is missing\. Put the writer’s secret id there/);
  writeFileSync(join(folder, 'secret-id'), 'throw-away');
  chmodSync(join(folder, 'secret-id'), 0o644);
  assert.match(await seen(), /^fail: .*others read it/);
  chmodSync(join(folder, 'secret-id'), 0o600);
  assert.equal(await seen(), 'ok: https://vault.example.org:8200, secret/break-glass/<system>');
});
