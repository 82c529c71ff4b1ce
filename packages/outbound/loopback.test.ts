import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLoopback } from './loopback.ts';

test('loopback is what this machine alone answers', () => {
  for (const host of ['127.0.0.1', '127.9.9.9', '::1', '[::1]', 'localhost'])
    assert.equal(isLoopback(host), true, host);
  for (const host of [
    '10.0.0.1',
    '::',
    '0.0.0.0',
    '127.0.0.1.example',
    'localhost.contoso.example',
    '[127.0.0.1',
  ])
    assert.equal(isLoopback(host), false, host);
});
