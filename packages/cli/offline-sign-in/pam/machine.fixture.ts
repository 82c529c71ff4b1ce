/** A machine of its own to sign in to: PAM, people, sudo and sshd in a mount namespace, and an agent that can be ended. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { modulesFolder } from '@halligan/device';

/** What the provider of the machine's agent does, until it is told otherwise. */
export interface Behaviour {
  readonly isThere: boolean;
  readonly passwords: Readonly<Record<string, string>>;
  readonly disabled?: readonly string[];
  /** Asked for by a prompt after the password. */
  readonly code?: string;
}

export interface Ended {
  readonly code: number | null;
  /** Both streams, as they came. */
  readonly out: string;
}

/** What is missing to make one; false where nothing is. */
export function missing(): string | false {
  if (process.getuid?.() !== 0) return 'needs root';
  for (const path of [
    ...['/usr/bin/pamtester', '/usr/bin/sudo', '/usr/sbin/sshd', '/usr/sbin/pam-auth-update'],
    ...['/usr/bin/cc', '/usr/include/security/pam_modules.h'],
  ])
    if (!existsSync(path)) return `${path} is missing`;
  return spawnSync('unshare', ['--mount', 'true']).status === 0 ? false : 'unshare is not allowed';
}

const PROGRAM = join(import.meta.dirname, '../../halligan.ts');

/** Names of the people: `ana` and `eve` are the provider's, `bob` and root have passwords of this machine's own. */
export const LOCAL = { root: 'root-local', bob: 'bob-local' } as const;

export class Machine {
  readonly folder = mkdtempSync(join(tmpdir(), 'halligan-machine-'));
  readonly #child: ChildProcess;
  #agent: ChildProcess | undefined;

  private constructor(child: (folder: string) => ChildProcess) {
    this.#child = child(this.folder);
  }

  static async start(): Promise<Machine> {
    const machine = new Machine((folder) => {
      mkdirSync(join(folder, 'space'));
      return spawn(
        'unshare',
        ['--mount', '--propagation', 'private', 'sh', '-c', SET_UP, 'sh', folder, modulesFolder()],
        { stdio: ['pipe', 'pipe', 'pipe'] },
      );
    });
    const { stdout, stderr } = machine.#child;
    assert.ok(stdout !== null && stderr !== null);
    const [ready] = await Promise.race([once(stdout, 'data'), text(stderr).then((said) => [said])]);
    assert.equal(String(ready), 'ready\n');
    return machine;
  }

  /** Runs a program on the machine, as root. */
  async run(argv: readonly string[], input = ''): Promise<Ended> {
    const child = this.#inside(argv, ['pipe', 'pipe', 'pipe']);
    assert.ok(child.stdin !== null && child.stdout !== null && child.stderr !== null);
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    const [out, err, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit'),
    ]);
    return { code, out: `${out}${err}` };
  }

  /** Runs a program as one of the people. */
  as(name: string, argv: readonly string[], input = ''): Promise<Ended> {
    const who = ['setpriv', '--reuid', name, '--regid', name, '--clear-groups'];
    return this.run([...who, 'env', 'HOME=/tmp', ...argv], input);
  }

  /** `halligan device …`, as root. */
  halligan(...argv: readonly string[]): Promise<Ended> {
    return this.run([process.execPath, PROGRAM, 'device', ...argv]);
  }

  /** Where its agent answers. */
  get socket(): string {
    return join(this.folder, 'run', 'agent.sock');
  }

  behave(behaviour: Behaviour): void {
    writeFileSync(join(this.folder, 'provider.json'), JSON.stringify(behaviour));
  }

  async startAgent(cost: 'cheap' | 'real' = 'cheap'): Promise<void> {
    const program = join(import.meta.dirname, 'agent.fixture.ts');
    const agent = this.#inside(
      [process.execPath, program, this.folder, cost],
      ['ignore', 'pipe', 'inherit'],
    );
    this.#agent = agent;
    assert.ok(agent.stdout !== null);
    const [ready] = await once(agent.stdout, 'data');
    assert.equal(String(ready), 'ready\n');
  }

  async endAgent(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const agent = this.#agent;
    this.#agent = undefined;
    if (agent === undefined) return;
    const ended = once(agent, 'exit');
    agent.kill(signal);
    await ended;
  }

  /** Its sshd, until the machine is stopped. @returns the port */
  async startSshd(): Promise<number> {
    const port = await freePort();
    writeFileSync(join(this.folder, 'sshd_config'), sshdConfig(this.folder, port));
    const log = join(this.folder, 'sshd.log');
    const keys = await this.run([
      'sh',
      '-c',
      `ssh-keygen -q -t ed25519 -N "" -f ${this.folder}/host`,
    ]);
    assert.equal(keys.code, 0, keys.out);
    const started = await this.run([
      ...['/usr/sbin/sshd', '-f', join(this.folder, 'sshd_config'), '-E', log],
    ]);
    assert.equal(started.code, 0, started.out);
    return port;
  }

  async stop(): Promise<void> {
    await this.endAgent();
    await this.run([
      'sh',
      '-c',
      `[ ! -e ${this.folder}/sshd.pid ] || kill $(cat ${this.folder}/sshd.pid)`,
    ]);
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
    rmSync(this.folder, { recursive: true });
  }

  #inside(argv: readonly string[], stdio: ('pipe' | 'ignore' | 'inherit')[]): ChildProcess {
    const where = ['--target', String(this.#child.pid), '--mount', '--wdns=/'];
    return spawn('nsenter', [...where, ...argv], { stdio });
  }
}

/** Copies of all that is written; nothing of this machine is touched. pam_unix does not wait after a wrong password. */
const SET_UP = `set -eu
folder=$1 modules=$2
mount -t tmpfs tmpfs "$folder/space"
for place in /etc /usr/share/pam-configs /var/lib/pam /var/cache/debconf "$modules"; do
  mkdir -p "$folder/space$place"
  cp -a "$place/." "$folder/space$place/"
  mount --bind "$folder/space$place" "$place"
done
for place in /home /run /var/backups /var/lib/sudo /var/log; do [ ! -d $place ] || mount -t tmpfs -o mode=0755 tmpfs $place; done
mkdir -p /run/sshd /run/sudo
mkdir -m 0700 /run/halligan-device "$folder/run"
mount --bind "$folder/run" /run/halligan-device
sed -i 's/nullok/nullok nodelay/' /usr/share/pam-configs/unix
DEBIAN_FRONTEND=noninteractive pam-auth-update --package >&2
for name in ana eve bob; do useradd -m -s /bin/sh "$name"; done
printf '${Object.entries(LOCAL)
  .map(([name, password]) => `${name}:${password}\\n`)
  .join('')}' | chpasswd
printf 'Defaults !lecture\\nana ALL=(ALL) ALL\\nbob ALL=(ALL) ALL\\n' > /etc/sudoers.d/people
chmod 0440 /etc/sudoers.d/people
echo ready
exec cat
`;

function sshdConfig(folder: string, port: number): string {
  return [
    ...[`ListenAddress 127.0.0.1`, `Port ${port}`, `HostKey ${folder}/host`],
    ...[`PidFile ${folder}/sshd.pid`, 'UsePAM yes', 'UseDNS no', 'PermitRootLogin yes'],
    ...['PasswordAuthentication yes', 'KbdInteractiveAuthentication yes', 'PrintMotd no', ''],
  ].join('\n');
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      assert.ok(address !== null && typeof address === 'object');
      server.close(() => resolve(address.port));
    });
  });
}
