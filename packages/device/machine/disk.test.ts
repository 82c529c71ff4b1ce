import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { blockDevice, diskOf } from '../index.ts';

test('dm-crypt is found below volumes and RAIDs, and missed where one way leads round it', (context) => {
  const sys = mkdtempSync(join(tmpdir(), 'halligan-sys-'));
  context.after(() => rmSync(sys, { recursive: true }));
  const device = (name: string, uuid: string | undefined, ...below: readonly string[]) => {
    mkdirSync(join(sys, name, 'slaves'), { recursive: true });
    for (const other of below) symlinkSync(join(sys, other), join(sys, name, 'slaves', other));
    if (uuid === undefined) return;
    mkdirSync(join(sys, name, 'dm'));
    writeFileSync(join(sys, name, 'dm', 'uuid'), uuid);
  };
  device('sda', undefined);
  device('sdb', undefined);
  device('crypt-a', 'CRYPT-LUKS2-0a1b', 'sda');
  device('root', 'LVM-abc', 'crypt-a');
  device('both', 'LVM-abc', 'crypt-a', 'sdb');
  mkdirSync(join(sys, 'sda1'));
  writeFileSync(join(sys, 'sda1', 'partition'), '1\n');
  const found = ['crypt-a', 'root', 'both', 'sda', 'sda1', 'nothing'].map((name) =>
    blockDevice(join(sys, name)),
  );
  assert.deepEqual(found, ['encrypted', 'encrypted', 'plain', 'plain', 'plain', 'unknown']);
  assert.equal(diskOf(join(sys, 'nothing'), sys), 'unknown');
});
