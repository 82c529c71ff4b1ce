import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { HalliganError } from '@halligan/format';
import { modulesFolder, type Part, PROFILE_FILE, partsFor } from './parts.ts';
import { linesByHand, MODULE, PROFILE, type Relay } from './profile.ts';
import { rehearse, STACKS } from './rehearsal.ts';

const UPDATE = '/usr/sbin/pam-auth-update';
const PAM = '/etc/pam.d';
/** What `pam-auth-update` remembers of what it wrote. */
const REMEMBERED = '/var/lib/pam';
const BACKUPS = '/var/backups/halligan-pam';

const OURS = /pam_halligan\.so|\/halligan\/helper\./;

/** How PAM stands on this machine. */
export interface PamState {
  /** Undefined where PAM does not ask the agent. */
  readonly by?: Relay['by'];
  /** The lines of ours, by file. */
  readonly lines: readonly string[];
}

/** What an installation came to, or would. */
export interface Installed extends PamState {
  /** Where the files are as they were before; undefined where nothing was changed. */
  readonly backup?: string;
}

/**
 * Lets PAM ask the agent: tried out first where it does not count (`rehearse`), and taken back where this machine's files
 * come out different from what was tried.
 * @param now names the backup
 * @throws `device.root`, `device.pam-by-hand`, `device.pam-rolled-back`, and what `partsFor` and `rehearse` throw
 */
export async function installPam(
  wanted: Relay['by'] | undefined,
  isDryRun: boolean,
  now: Temporal.Instant,
): Promise<Installed> {
  requireUpdater(wanted);
  const { relay, parts } = partsFor(wanted);
  const stacks = rehearse(relay, parts);
  const state = stateOf(STACKS, (name) => stacks[name]);
  if (isDryRun) return state;
  const backup = join(BACKUPS, now.toString({ smallestUnit: 'second' }).replaceAll(':', ''));
  backUp(backup);
  try {
    for (const part of parts) put(part);
    update('--enable');
    if (STACKS.some((name) => readFileSync(join(PAM, name), 'utf8') !== stacks[name]))
      throw new Error('the files came out different');
  } catch (cause) {
    restore(backup);
    for (const { path } of parts) rmSync(path, { force: true });
    throw new HalliganError(
      'device.pam-rolled-back',
      'PAM could not be changed as it was tried out; everything is as it was.',
      `The files of before are also in ${backup}.`,
      { cause },
    );
  }
  return { ...state, backup };
}

/** Lets PAM ask the agent no more. @throws `device.pam-edited` where the lines have to be taken out by hand */
export function removePam(): void {
  requireUpdater(undefined);
  update('--remove');
  if (pamState().lines.length > 0)
    throw new HalliganError(
      'device.pam-edited',
      'The files /etc/pam.d/common-* were edited by hand, and pam-auth-update leaves them alone.',
      'Take our lines out by hand, and run this again.',
    );
  const folder = modulesFolder();
  for (const path of [PROFILE_FILE, join(folder, MODULE), join(folder, 'halligan')])
    rmSync(path, { recursive: true, force: true });
}

/** How PAM stands, by its files: also by those of other distributions, where somebody added the lines by hand. */
export function pamState(): PamState {
  return stateOf([...STACKS, 'system-auth', 'password-auth'], (name) => {
    const path = join(PAM, name);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  });
}

function stateOf<Name extends string>(
  names: readonly Name[],
  stack: (name: Name) => string,
): PamState {
  const lines = names.flatMap((name) =>
    ourLines(stack(name)).map((line) => `${join(PAM, name)}: ${line}`),
  );
  const [first] = lines;
  if (first === undefined) return { lines };
  return { by: first.includes(MODULE) ? 'module' : 'helper', lines };
}

/** The lines of ours in a stack. */
function ourLines(stack: string): readonly string[] {
  return stack
    .split('\n')
    .filter((line) => !line.startsWith('#') && OURS.test(line))
    .map((line) => line.trim().replaceAll(/\s+/g, ' '));
}

function requireUpdater(wanted: Relay['by'] | undefined): void {
  if (process.getuid?.() !== 0)
    throw new HalliganError(
      'device.root',
      'Only root may change how people sign in here.',
      'Run it with sudo.',
    );
  if (existsSync(UPDATE)) return;
  const relay: Relay =
    wanted === 'helper' ? { by: wanted, path: '/ABSOLUTE/halligan/helper.pl' } : { by: 'module' };
  throw new HalliganError(
    'device.pam-by-hand',
    'This machine has no pam-auth-update, and its PAM is not changed blindly.',
    `Add it by hand, behind pam_unix: ${linesByHand(relay).join(' ; ')}`,
  );
}

function update(how: '--enable' | '--remove'): void {
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', DEBIAN_FRONTEND: 'noninteractive' };
  const done = spawnSync(UPDATE, [how, PROFILE], { env, encoding: 'utf8' });
  if (done.status !== 0) throw done.error ?? new Error(done.stderr);
}

function backedUp(): readonly string[] {
  return [
    ...readdirSync(PAM)
      .filter((name) => name.startsWith('common-'))
      .map((name) => join(PAM, name)),
    ...readdirSync(REMEMBERED).map((name) => join(REMEMBERED, name)),
  ];
}

function backUp(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const path of backedUp()) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    copyFileSync(path, join(folder, path));
  }
}

function restore(folder: string): void {
  for (const path of backedUp()) {
    const copy = join(folder, path);
    if (existsSync(copy)) put({ path, content: readFileSync(copy), mode: 0o644 });
    else rmSync(path);
  }
}

/** Whole or not at all: PAM may read it at this moment. */
function put({ path, content, mode }: Part): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  const draft = join(dirname(path), `.${basename(path)}.new`);
  writeFileSync(draft, content, { mode });
  chmodSync(draft, mode);
  renameSync(draft, path);
}
