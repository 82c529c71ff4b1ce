import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { HalliganError } from '@halligan/format';
import { parseSystemConfig } from './index.ts';

for (const driver of [
  'openldap',
  'active-directory',
  'ssh',
  'openbao',
  'postgresql',
  'mysql',
  'manual',
]) {
  const name = driver === 'manual' ? 'by-hand' : driver;
  test(`the example in docs/systems/${name}.md is a valid configuration`, async () => {
    const page = join(import.meta.dirname, `../../docs/systems/${name}.md`);
    const example = /```json\n([\s\S]*?)```/.exec(await readFile(page, 'utf8'))?.[1];
    assert.equal(parseSystemConfig(JSON.parse(example ?? '')).driver, driver);
  });
}

test('a wrong configuration is refused by the names of its fields, never by their values', () => {
  const wrong = {
    driver: 'openldap',
    url: 'ldaps://host',
    accounts: { by: 'name', attribute: 'uid', base: 'dc=x' },
    rotator: 'cn=rotator,dc=x',
    timeout: 1,
    password: 'put here by mistake',
  };
  assert.throws(
    () => parseSystemConfig(wrong),
    (error) => {
      assert.ok(error instanceof HalliganError);
      assert.equal(error.code, 'systems.config');
      assert.match(error.message, /timeout/);
      assert.doesNotMatch(`${error.message}${error.hint}${error.stack}`, /mistake/);
      return true;
    },
  );
  for (const value of [undefined, 'practice', {}, { driver: 'practice', folder: 'relative' }]) {
    assert.throws(() => parseSystemConfig(value), { code: 'systems.config' });
  }
});
