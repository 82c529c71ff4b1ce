import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
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

/** A disk of its own, gone with the namespace, and one that is none. Prints what is said of each. */
const DISKS = `set -eu
truncate -s 16M "$1/disk"
mkfs.ext4 -q "$1/disk"
mkdir "$1/on-disk" "$1/in-memory"
mount -o loop "$1/disk" "$1/on-disk"
mount -t tmpfs tmpfs "$1/in-memory"
cd "$1"
exec "$2" --input-type=module --eval "$3" "$4"
`;
const SAY = `
  const { diskOf } = await import(process.argv[1]);
  console.log(['on-disk', 'in-memory'].map((folder) => diskOf(folder)).join(' '));
`;

test('a disk of this kernel that nothing encrypts is called plain, and of memory nobody knows', {
  skip: canHaveDisks() ? false : 'needs root, and loop devices',
}, (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'halligan-disk-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const module = join(import.meta.dirname, 'disk.ts');
  const argv = ['--mount', 'sh', '-c', DISKS, 'sh', folder, process.execPath, SAY, module];
  const { stdout, stderr } = spawnSync('unshare', argv, { encoding: 'utf8' });
  assert.equal(stdout, 'plain unknown\n', stderr);
});

function canHaveDisks(): boolean {
  const tried = spawnSync('unshare', [
    '--mount',
    'sh',
    '-c',
    'losetup --find && command -v mkfs.ext4',
  ]);
  return tried.status === 0;
}
