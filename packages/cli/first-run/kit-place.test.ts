import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { kitPlace } from './kit-place.ts';

test('a place is a name, a folder, and what it is said to be', () => {
  const stick = { name: 'stick', folder: '/media/kit' };
  for (const [text, place] of [
    ['stick:/media/kit', { ...stick, offServer: false }],
    ['stick:/media/kit:off-server', { ...stick, offServer: true }],
    [
      'stick:/media/kit:off-server,offline,idp-free',
      { ...stick, offServer: true, offline: true, idpFree: true },
    ],
    ['stick:/media/kit:git', { ...stick, offServer: false, git: true }],
    [
      'bao:/etc/halligan/bao:off-server,idp-free,vault',
      { name: 'bao', folder: '/etc/halligan/bao', offServer: true, idpFree: true, vault: true },
    ],
    // A colon in a folder's name is one.
    ['stick:/media/kit:2', { ...stick, folder: '/media/kit:2', offServer: false }],
    ['here:kit', { name: 'here', folder: resolve('kit'), offServer: false }],
  ] as const)
    assert.deepEqual(kitPlace(text), place, text);
});

test('anything else is refused', () => {
  for (const text of [
    '',
    'stick',
    'stick:',
    ':/media/kit',
    'Stick:/media/kit',
    'stick:/media/kit:offline,off-sever',
    'bao:/etc/halligan/bao:vault,offline',
    'bao:/etc/halligan/bao:vault,git',
  ])
    assert.throws(() => kitPlace(text), { code: 'cli.kit-place' }, text);
});
