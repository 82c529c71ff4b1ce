import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { HalliganError } from '@halligan/format';
import { modulesFolder, type Part } from './parts.ts';
import { linesByHand, MODULE, PROFILE, type Relay } from './profile.ts';

/** The stacks that an installation changes. */
export const STACKS = ['common-auth', 'common-account'] as const;

/** What they would hold. */
export type Stacks = Readonly<Record<(typeof STACKS)[number], string>>;

/** Milliseconds: a wrong password alone is held up for some seconds, by pam_unix. */
const PATIENCE = 120_000;

/**
 * Installs where nobody else sees it: in a mount namespace with copies of all that an installation writes, with a throw-away
 * password for root and no agent. Root must get in with the password, before and after, and not with another.
 * @returns the stacks as they came out
 * @throws `device.pam-rehearsal`, `device.pam-edited`; this machine is as it was then
 */
export function rehearse(relay: Relay, parts: readonly Part[]): Stacks {
  const folder = mkdtempSync(join(tmpdir(), 'halligan-rehearsal-'));
  try {
    for (const { path, content, mode } of parts) {
      const copy = join(folder, 'parts', path);
      mkdirSync(dirname(copy), { recursive: true, mode: 0o755 });
      writeFileSync(copy, content, { mode });
    }
    mkdirSync(join(folder, 'space'));
    const done = spawnSync(
      'unshare',
      ['--mount', '--propagation', 'private', 'sh', '-c', SCRIPT, 'sh', folder, modulesFolder()],
      { encoding: 'utf8', timeout: PATIENCE },
    );
    if (done.status === EDITED) throw edited(relay);
    if (done.status !== 0) throw failed(done.stdout, done.error ?? new Error(done.stderr));
    const stack = (name: (typeof STACKS)[number]) => readFileSync(join(folder, name), 'utf8');
    return { 'common-auth': stack('common-auth'), 'common-account': stack('common-account') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const EDITED = 3;

/** Passwords never stand in a command line: `printf` is the shell's own. What is under way is said on standard output. */
const SCRIPT = `set -eu
folder=$1 modules=$2
mount -t tmpfs -o mode=0700 tmpfs "$folder/space"
for place in /etc /usr/share/pam-configs /var/lib/pam /var/cache/debconf "$modules"; do
  [ -d "$place" ] || continue
  mkdir -p "$folder/space$place"
  cp -a "$place/." "$folder/space$place/"
  mount --bind "$folder/space$place" "$place"
done
if [ -d /run/halligan-device ]; then mount -t tmpfs tmpfs /run/halligan-device; fi
printf '@include common-auth\\n@include common-account\\nsession required pam_permit.so\\n' > /etc/pam.d/su
password=$(head -c 18 /dev/urandom | base64)
printf 'root:%s\\n' "$password" | chpasswd
gets_in() {
  printf '%s\\n' "$1" | setpriv --reuid 65534 --regid 65534 --clear-groups su root -c true > /dev/null 2>&1
}
echo 'root cannot sign in with its password, even before'
gets_in "$password"
echo 'the profile cannot be installed'
cp -R "$folder/parts/." /
DEBIAN_FRONTEND=noninteractive pam-auth-update --enable ${PROFILE} >&2
grep -q -e ${MODULE} -e /halligan/helper /etc/pam.d/common-auth || exit ${EDITED}
echo 'root cannot sign in with its password while no agent runs'
gets_in "$password"
echo 'root can sign in with a wrong password'
if gets_in "not $password"; then exit 1; fi
cp ${STACKS.map((name) => `/etc/pam.d/${name}`).join(' ')} "$folder/"
`;

function failed(stdout: string, cause: Error): HalliganError {
  const step = stdout.trim().split('\n').at(-1) ?? '';
  return new HalliganError(
    'device.pam-rehearsal',
    `Tried out in a place of its own, this failed: ${step === '' ? 'there is no such place' : step}.`,
    'Nothing has changed. It needs root, and mount namespaces (unshare --mount).',
    { cause },
  );
}

function edited(relay: Relay): HalliganError {
  return new HalliganError(
    'device.pam-edited',
    'The files /etc/pam.d/common-* were edited by hand, and pam-auth-update leaves them alone.',
    `Nothing has changed. Add it by hand, behind pam_unix: ${linesByHand(relay).join(' ; ')}`,
  );
}
