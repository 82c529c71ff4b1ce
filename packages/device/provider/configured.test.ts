import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { ProviderSettings } from '../configuration/provider.ts';
import { configuredProvider } from './configured.ts';

const folder = mkdtempSync(join(tmpdir(), 'halligan-provider-'));
after(() => rmSync(folder, { recursive: true }));

const TOKENS = {
  clientId: 'workstations',
  login: '{user}',
  claim: 'preferred_username',
  flow: 'password',
  users: 'mfa',
} as const;
const GONE: readonly [ProviderSettings, ...ProviderSettings[]] = [
  { kind: 'ldap', url: 'ldaps://127.0.0.1:1', bind: 'uid={user}', users: 'mfa' },
  { ...TOKENS, kind: 'openid', issuer: 'https://127.0.0.1:1' },
  { ...TOKENS, kind: 'entra', base: 'https://127.0.0.1:1', tenant: 'a' },
];

test('a provider of each kind is made, and one that is not there is not there', async () => {
  for (const settings of GONE) {
    const provider = await configuredProvider(settings);
    assert.equal(await provider.probe(AbortSignal.timeout(30_000)), false, settings.kind);
  }
  await assert.rejects(configuredProvider(undefined), { code: 'device.no-provider' });
});

test('an authority that is none is refused by its file, and nobody else trusted in its place', async () => {
  const caFile = join(folder, 'ca.pem');
  const [begin, end] = ['BEGIN', 'END'].map((word) => `-----${word} CERTIFICATE-----`);
  for (const text of ['', 'garbage', `${begin}\nAAAA\n${end}`])
    for (const settings of GONE) {
      writeFileSync(caFile, text);
      await assert.rejects(configuredProvider({ ...settings, caFile }), { code: 'device.config' });
    }
  await assert.rejects(configuredProvider({ ...GONE[0], caFile: join(folder, 'none') }), {
    code: 'device.config',
  });
});
