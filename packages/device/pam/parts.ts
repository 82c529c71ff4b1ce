import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HalliganError, utf8 } from '@halligan/format';
import { MODULE, PROFILE, profileText, type Relay } from './profile.ts';

/** A file that an installation puts on the machine. */
export interface Part {
  readonly path: string;
  readonly content: Uint8Array;
  readonly mode: number;
}

export const PROFILE_FILE = `/usr/share/pam-configs/${PROFILE}`;

const HEADERS = '/usr/include/security/pam_modules.h';
/** What was written over is noticed before it is jumped to (OpenSSF's guide for compilers). */
const FLAGS = [
  ...['-shared', '-fPIC', '-O2', '-Wall', '-Wextra', '-Wconversion'],
  ...['-fstack-protector-strong', '-U_FORTIFY_SOURCE', '-D_FORTIFY_SOURCE=2'],
  ...['-Wl,-z,relro', '-Wl,-z,now', '-Wl,-z,noexecstack'],
];
/** What the helper is run by. Of Debian's packages it is in one that is never missing. */
const PERL = '/usr/bin/perl';

/** Where this machine's PAM modules are. @throws `device.pam-missing` */
export function modulesFolder(): string {
  const [found] = globSync([
    '/usr/lib/*/security',
    '/usr/lib64/security',
    '/usr/lib/security',
    '/lib/security',
  ]).filter((folder) => existsSync(join(folder, 'pam_unix.so')));
  if (found !== undefined) return found;
  throw new HalliganError(
    'device.pam-missing',
    'This machine has no PAM modules where they are looked for.',
    'Linux-PAM is needed: no sign-in here goes through PAM.',
  );
}

/**
 * All that an installation puts on this machine.
 * @param wanted the module is compiled where a compiler and PAM's headers are; undefined takes it where it can be had
 * @throws `device.pam-build`, `device.pam-missing`
 */
export function partsFor(wanted: Relay['by'] | undefined): {
  readonly relay: Relay;
  readonly parts: readonly Part[];
} {
  const folder = modulesFolder();
  const by = wanted ?? (canCompile() ? 'module' : 'helper');
  const helper = join(folder, 'halligan', 'helper.pl');
  const relay: Relay = by === 'module' ? { by } : { by, path: helper };
  const profile = { path: PROFILE_FILE, content: utf8(profileText(relay)), mode: 0o644 };
  const parts =
    by === 'module'
      ? [{ path: join(folder, MODULE), content: compiled(), mode: 0o644 }]
      : [{ path: helper, content: helperProgram(), mode: 0o755 }];
  return { relay, parts: [...parts, profile] };
}

function canCompile(): boolean {
  return existsSync(HEADERS) && spawnSync('cc', ['--version']).status === 0;
}

/** The module for this machine. @param more for the compiler @throws `device.pam-build` */
export function compiled(...more: readonly string[]): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'halligan-pam-'));
  try {
    const out = join(folder, MODULE);
    const source = join(import.meta.dirname, 'pam_halligan.c');
    const done = spawnSync('cc', [...FLAGS, ...more, '-o', out, source, '-lpam'], {
      encoding: 'utf8',
    });
    if (done.status === 0) return readFileSync(out);
    throw new HalliganError(
      'device.pam-build',
      'The PAM module could not be compiled.',
      'Install a C compiler and PAM’s headers (Debian: gcc libc6-dev libpam0g-dev), or take --by helper.',
      { cause: done.error ?? new Error(done.stderr) },
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @throws `device.pam-build` */
function helperProgram(): Uint8Array {
  if (existsSync(PERL)) return readFileSync(join(import.meta.dirname, 'helper.pl'));
  throw new HalliganError(
    'device.pam-build',
    `The helper is run by ${PERL}, which is not there.`,
    'Install Perl, or a C compiler and PAM’s headers for the module.',
  );
}
