import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readConfiguration } from '@halligan/device';

test('every configuration in the guide to providers is one', () => {
  const guide = join(import.meta.dirname, '../../../docs/guides/offline-sign-in-providers.md');
  const blocks = readFileSync(guide, 'utf8').matchAll(/^```ini\n(.*?)^```$/gms);
  const kinds = [...blocks].map(([, text]) => {
    const path = '/etc/halligan/device.conf';
    return readConfiguration([{ path, text }]).provider?.kind;
  });
  assert.deepEqual(kinds, ['openid', 'entra', 'ldap']);
});

test('the configuration on the page of its format is one', () => {
  const page = readFileSync(
    join(import.meta.dirname, '../../../docs/formats/device-conf.md'),
    'utf8',
  );
  const [, text = ''] = /^```ini\n(.*?)^```$/ms.exec(page) ?? [];
  const { enabled, ttlSeconds, server } = readConfiguration([
    { path: '/etc/halligan/device.conf', text },
  ]);
  assert.deepEqual([enabled, ttlSeconds, server?.machine], [true, 7200, 'desk-12']);
});
