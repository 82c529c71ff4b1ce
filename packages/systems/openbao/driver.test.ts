/** The code that speaks to a vault, against what a real OpenBao answered: `scripts/record-openbao.ts` renews it. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parseSystemConfig } from '../config.ts';
import { refuses } from '../contract.ts';
import { openDriver } from '../open.ts';
import { recording, replayVault } from './recorded-vault.fixture.ts';
import { SCENES } from './scenes.fixture.ts';

describe('OpenBao, as it was recorded', () => {
  for (const { name, play } of SCENES)
    test(name, async () => {
      const path = join(import.meta.dirname, 'recorded', `${name}.json`);
      const { given, exchanges } = recording.parse(JSON.parse(await readFile(path, 'utf8')));
      const vault = await replayVault(exchanges);
      try {
        await play(vault.url, (one) => given[one] ?? assert.fail(`${one} was not given`));
        assert.deepEqual(vault.missing(), []);
      } finally {
        await vault.stop();
      }
    });
});

const config = (change: object) =>
  parseSystemConfig({
    driver: 'openbao',
    url: 'https://127.0.0.1:1',
    rotator: { role: 'role' },
    ...change,
  });

test('a vault without TLS is refused but on loopback, and an address with more than a host is none', () => {
  for (const [url, code] of [
    ['http://vault.example.org:8200', 'systems.plaintext'],
    ['https://vault.example.org/v1/other', 'systems.config'],
    ['https://user@vault.example.org', 'systems.config'],
  ] as const)
    assert.throws(() => openDriver(config({ url }), undefined), { code });
});

test('who does not answer, or answers something else, has said nothing of the password', async () => {
  const password = new TextEncoder().encode('Throw-away of nothing');
  await refuses('systems.unreachable', () =>
    openDriver(config({}), undefined).prove('a', password),
  );
  const strange = await replayVault([]);
  await refuses('systems.unwilling', () =>
    openDriver(config({ url: strange.url }), undefined).prove('a', password),
  );
  await strange.stop();
});

test('a redirect is not followed, and a vault that says too little is none', async () => {
  const login = (status: number, said: string) => ({
    method: 'PUT',
    path: '/v1/auth/userpass/login/a',
    sent: '{"password":"Throw-away"}',
    status,
    said,
  });
  for (const [status, said, code] of [
    [307, '', 'systems.referral'],
    [200, '{"auth":{}}', 'systems.unwilling'],
    [200, 'no JSON', 'systems.unwilling'],
    [200, '{"auth":{"client_token":""}}', 'systems.second-factor'],
    [429, '{"errors":["slow down"]}', 'systems.unwilling'],
  ] as const) {
    const vault = await replayVault([login(status, said)]);
    await refuses(code, () =>
      openDriver(config({ url: vault.url }), undefined).prove(
        'a',
        new TextEncoder().encode('Throw-away'),
      ),
    );
    await vault.stop();
  }
});
