import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { HalliganError, utf8Text } from '@halligan/format';
import { endChild, endsWithUs } from '../child.ts';
import { freePort } from '../free-port.ts';
import { generatePassword } from '../generate-password.ts';
import type { SshConfig } from './config.ts';

/** A real sshd on loopback, with users of its own, for drills and tests. */
export interface Sshd {
  readonly port: number;
  /** Names of the emergency accounts, in the group `breakglass`. */
  readonly accounts: readonly string[];
  /** The first account's password at the start. */
  readonly initialPassword: Uint8Array;
  /** An account of the group that signs in at the console alone. */
  readonly atConsole: string;
  /** A user whom the rotator must not touch. */
  readonly person: string;
  /** The rotator's private key, OpenSSH format. */
  readonly rotatorSecret: Uint8Array;
  readonly config: SshConfig;
  /** Runs a command as root where this sshd's users are. Tests look at the system behind the driver's back. */
  readonly inside: (script: string) => string;
  /** Ends this sshd, and only this one. Its folder stays. */
  readonly stop: () => Promise<void>;
}

/** Milliseconds for sshd to listen. */
const PATIENCE = 20_000;
const ACCOUNTS = ['breakglass-admin', 'breakglass-second'] as const;
/** Of the group too; sshd does not let it in. */
const AT_CONSOLE = 'breakglass-console';
const PERSON = 'alice';

/**
 * Starts sshd in a mount namespace, where `/etc`, `/home` and what else it writes are copies: its users are not this
 * machine's. Needs root.
 * @throws `systems.component-missing` without root, sshd, sudo or unshare; `systems.sshd-failed`
 */
export async function startSshd({ folder }: { readonly folder: string }): Promise<Sshd> {
  requireComponents();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const initialPassword = generatePassword();
  for (const name of ['host', 'rotator'])
    run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', join(folder, name)]);
  const port = await freePort();
  await writeFile(join(folder, 'sshd_config'), sshdConfig(folder, port));
  const setUp = join(folder, 'set-up.sh');
  await writeFile(setUp, SET_UP);
  const child = spawn(
    'unshare',
    ['--mount', '--propagation', 'private', 'sh', setUp, folder, helperPath()],
    { stdio: ['pipe', 'ignore', 'pipe'] },
  );
  const passwords = [initialPassword, generatePassword()];
  child.stdin.end(
    ACCOUNTS.map((name, at) => `${name}:${utf8Text(passwords[at] ?? initialPassword)}\n`).join(''),
  );
  await listening(child);
  endsWithUs(child);
  const [type, key] = (await readFile(join(folder, 'host.pub'), 'utf8')).trim().split(' ');
  return {
    port,
    accounts: ACCOUNTS,
    initialPassword,
    atConsole: AT_CONSOLE,
    person: PERSON,
    rotatorSecret: await readFile(join(folder, 'rotator')),
    config: {
      driver: 'ssh',
      host: '127.0.0.1',
      port,
      hostKeys: [`${type} ${key}`],
      rotation: 'standing',
      rotator: 'halligan',
      privilege: 'helper',
      timeout: 20_000,
    },
    inside: (script) =>
      run('nsenter', ['--target', String(child.pid), '--mount', 'sh', '-c', script]),
    stop: () => endChild(child),
  };
}

/** What stands in for a small server: two emergency accounts, a person, and the rotator with its one right. */
const SET_UP = `set -eu
folder=$1
mkdir -p "$folder/space"
mount -t tmpfs tmpfs "$folder/space"
mkdir "$folder/space/etc" "$folder/space/work" "$folder/space/home"
mount -t overlay overlay -o lowerdir=/etc,upperdir="$folder/space/etc",workdir="$folder/space/work" /etc
mount --bind "$folder/space/home" /home
cp "$2" "$folder/space/halligan-account"
mount -t tmpfs tmpfs /usr/local/sbin
install -m 0755 "$folder/space/halligan-account" /usr/local/sbin/halligan-account
mount -t tmpfs tmpfs /run
mkdir -p /run/sshd /run/sudo
mount -t tmpfs -o mode=0700 tmpfs /root
sed -i 's/pam_unix.so nullok/pam_unix.so nullok nodelay/' /etc/pam.d/common-auth
groupadd breakglass
for name in ${[...ACCOUNTS, AT_CONSOLE].join(' ')}; do useradd -m -s /bin/sh -G breakglass "$name"; done
useradd -m -s /bin/sh ${PERSON}
useradd -m -s /bin/sh halligan
usermod -p '*' halligan
printf 'halligan ALL=(root) NOPASSWD: /usr/local/sbin/halligan-account\\n' > /etc/sudoers.d/halligan
chmod 0440 /etc/sudoers.d/halligan
mkdir -m 0700 /home/halligan/.ssh
cp "$folder/rotator.pub" /home/halligan/.ssh/authorized_keys
chown -R halligan /home/halligan/.ssh
mkdir -m 0700 /root/.ssh
cp "$folder/rotator.pub" /root/.ssh/authorized_keys
chpasswd
cp "$folder/sshd_config" /etc/ssh/sshd_config
exec /usr/sbin/sshd -D -e
`;

function sshdConfig(folder: string, port: number): string {
  return `ListenAddress 127.0.0.1
Port ${port}
HostKey ${join(folder, 'host')}
PidFile none
UsePAM yes
PermitRootLogin prohibit-password
PasswordAuthentication yes
KbdInteractiveAuthentication no
MaxStartups 100:30:200
PrintMotd no
Match User ${ACCOUNTS[1]}
  AuthorizedKeysFile /etc/ssh/emergency-keys/%u .ssh/authorized_keys
Match User ${AT_CONSOLE}
  DenyUsers ${AT_CONSOLE}
`;
}

function helperPath(): string {
  return join(import.meta.dirname, 'halligan-account.sh');
}

/** Resolves when sshd says that it listens. What it says is kept for the error: it knows no password. */
async function listening(child: ChildProcess): Promise<void> {
  const said: string[] = [];
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
  try {
    if (child.stderr === null) throw failed('');
    for await (const line of createInterface({ input: child.stderr })) {
      said.push(line);
      if (/^Server listening on/.test(line)) {
        child.stderr.resume();
        return;
      }
    }
    throw failed(said.slice(-20).join('\n'));
  } finally {
    clearTimeout(timer);
  }
}

function requireComponents(): void {
  const missing = [
    ['/usr/sbin/sshd', 'openssh-server'],
    ['/usr/bin/ssh-keygen', 'openssh-client'],
    ['/usr/bin/sudo', 'sudo'],
    ['/usr/bin/unshare', 'util-linux'],
  ].find(([path = '']) => !existsSync(path));
  if (missing !== undefined || process.getuid?.() !== 0)
    throw new HalliganError(
      'systems.component-missing',
      'An SSH server to practise on needs root, sshd and sudo.',
      missing === undefined ? 'Run this as root.' : `Install Debian's package ${missing[1]}.`,
    );
}

function run(program: string, parameters: readonly string[]): string {
  const done = spawnSync(program, parameters, { encoding: 'utf8', timeout: 60_000 });
  if (done.status === 0) return done.stdout;
  throw failed(`${program}: ${done.stderr}`);
}

function failed(said: string): HalliganError {
  return new HalliganError(
    'systems.sshd-failed',
    'The SSH server to practise on could not be started.',
    'Look at what it said (the cause); it needs mount namespaces and an overlay file system.',
    { cause: said },
  );
}
