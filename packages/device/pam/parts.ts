import { spawnSync } from 'node:child_process';
import { existsSync, globSync, lstatSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
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
/** The helper and what it imports. */
const HELPER = ['helper', 'client', 'frames'];

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
 * @throws `device.pam-build`, `device.pam-missing`, `device.pam-writable`
 */
export async function partsFor(
  wanted: Relay['by'] | undefined,
): Promise<{ readonly relay: Relay; readonly parts: readonly Part[] }> {
  const folder = modulesFolder();
  const by = wanted ?? (canCompile() ? 'module' : 'helper');
  const helper = join(folder, 'halligan', 'helper.mjs');
  const relay: Relay = by === 'module' ? { by } : { by, path: helper };
  const profile = { path: PROFILE_FILE, content: utf8(profileText(relay)), mode: 0o644 };
  const parts =
    by === 'module'
      ? [{ path: join(folder, MODULE), content: compiled(), mode: 0o644 }]
      : await helperParts(dirname(helper));
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

/** The helper as plain JavaScript, started by this very Node: at every sign-in, stripping types costs as much as the rest. */
async function helperParts(folder: string): Promise<readonly Part[]> {
  const node = await realpath(process.execPath);
  requireRootsAlone(node);
  return HELPER.map((name) => {
    const source = readFileSync(join(import.meta.dirname, '..', 'prompt', `${name}.ts`), 'utf8');
    const plain = withoutTypes(source).replaceAll(/(from '\.\/\w+)\.ts'/g, "$1.mjs'");
    return {
      path: join(folder, `${name}.mjs`),
      content: utf8(name === 'helper' ? `#!${node}\n${plain}` : plain),
      mode: name === 'helper' ? 0o755 : 0o644,
    };
  });
}

/** In a process of its own, whose warning that stripping is experimental nobody needs to read. */
function withoutTypes(source: string): string {
  const done = spawnSync(process.execPath, ['--no-warnings', '--eval', STRIP], {
    input: source,
    encoding: 'utf8',
  });
  if (done.status === 0) return done.stdout;
  throw done.error ?? new Error(done.stderr);
}

const STRIP = `
  const source = require('node:fs').readFileSync(0, 'utf8');
  process.stdout.write(require('node:module').stripTypeScriptTypes(source));
`;

/** PAM runs it as root: whoever could write it would be root at the next sign-in. @throws `device.pam-writable` */
function requireRootsAlone(path: string): void {
  for (let at = path; ; at = dirname(at)) {
    const { uid, mode } = lstatSync(at);
    // In a sticky folder, nobody but its owner can put another in a file's place.
    const isWritable = (mode & 0o022) !== 0 && (mode & 0o1000) === 0;
    if (uid !== 0 || isWritable)
      throw new HalliganError(
        'device.pam-writable',
        `Others than root can write ${at}, and PAM would run ${path} as root.`,
        'Install Node where only root writes, such as /usr/lib, and run this with it.',
      );
    if (at === dirname(at)) return;
  }
}
