/** A machine of its own to sign in to: PAM, people, sudo and sshd in a mount namespace, and an agent that can be ended. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
    ...['/usr/bin/cc', '/usr/include/security/pam_modules.h', '/usr/bin/script', '/usr/bin/login'],
  ])
    if (!existsSync(path)) return `${path} is missing`;
  return spawnSync('unshare', ['--mount', 'true']).status === 0 ? false : 'unshare is not allowed';
}

export const PROGRAM = join(import.meta.dirname, '../../halligan.ts');

/** Printed codes of `kim`. */
export const KIMS_CODES = ['AAAA-BBBB-CCCC', 'DDDD-EEEE-FFFF', 'GGGG-HHHH-JJJJ'];

/** Names of the people: `ana`, `eve` and `kim` are the provider's, `bob` and root have passwords of this machine's own. */
export const LOCAL = { root: 'root-local', bob: 'bob-local' } as const;

export class Machine {
  readonly folder = mkdtempSync(join(tmpdir(), 'halligan-machine-'));
  readonly #child: ChildProcess;
  #agent: ChildProcess | undefined;
  #port = 0;

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

  /** Starts a program on a terminal of its own, as root: what is written to it is typed there. */
  onTerminal(command: string): ChildProcess {
    return this.#inside(['script', '-qec', command, '/dev/null'], ['pipe', 'pipe', 'pipe']);
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

  /** Starts an agent that knows `behave`. @param allowRemote a service from elsewhere in which offline sign-in counts */
  async startAgent(cost: 'cheap' | 'real' = 'cheap', allowRemote = ''): Promise<void> {
    const program = join(import.meta.dirname, 'agent.fixture.ts');
    await this.#becomeReady([program, this.folder, cost, allowRemote]);
  }

  /** Starts `halligan device agent`, as systemd would. */
  async startRealAgent(configuration: string): Promise<void> {
    const file = join(this.folder, 'device.conf');
    writeFileSync(file, configuration);
    const places = ['--config', file, '--folder', join(this.folder, 'kept')];
    await this.#becomeReady([PROGRAM, 'device', 'agent', ...places]);
  }

  async #becomeReady(argv: readonly string[]): Promise<void> {
    const agent = this.#inside([process.execPath, ...argv], ['ignore', 'pipe', 'pipe']);
    this.#agent = agent;
    assert.ok(agent.stdout !== null && agent.stderr !== null);
    let said = '';
    const { promise: isReady, resolve } = Promise.withResolvers<void>();
    for (const stream of [agent.stdout, agent.stderr])
      stream.on('data', (piece) => {
        said += String(piece);
        if (/^ready/im.test(said)) resolve();
      });
    await Promise.race([isReady, once(agent, 'exit').then(() => assert.fail(said))]);
  }

  async endAgent(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const agent = this.#agent;
    this.#agent = undefined;
    if (agent === undefined) return;
    const ended = once(agent, 'exit');
    agent.kill(signal);
    await ended;
  }

  async pauseAgent(isPaused: boolean): Promise<void> {
    this.#agent?.kill(isPaused ? 'SIGSTOP' : 'SIGCONT');
  }

  /** Signs in by `su`, from one of this machine's own. @param typed a line each */
  su(name: string, ...typed: readonly string[]): Promise<Ended> {
    return this.as('bob', ['su', name, '-c', 'id -un'], lines(typed));
  }

  /** Becomes root by `sudo`. */
  sudo(name: string, ...typed: readonly string[]): Promise<Ended> {
    return this.as(name, ['sudo', '-S', '-k', 'id', '-un'], lines(typed));
  }

  /** Signs in by ssh. @param method of sshd's @returns also what was asked */
  async ssh(
    method: 'password' | 'keyboard-interactive' | 'publickey',
    name: string,
    ...typed: readonly string[]
  ): Promise<Ended> {
    const at = (file: string) => join(this.folder, file);
    writeFileSync(at('typed'), lines(typed));
    writeFileSync(at('asked'), '');
    writeFileSync(
      at('askpass'),
      `#!/bin/sh\necho "$1" >> ${at('asked')}\nhead -n 1 ${at('typed')}\nsed -i 1d ${at('typed')}\n`,
      { mode: 0o755 },
    );
    const options = ['StrictHostKeyChecking=no', `UserKnownHostsFile=${at('known')}`].concat(
      ...[`PreferredAuthentications=${method}`, 'NumberOfPasswordPrompts=1', 'LogLevel=ERROR'],
    );
    const { code, out } = await this.run([
      ...['env', `SSH_ASKPASS=${at('askpass')}`, 'SSH_ASKPASS_REQUIRE=force'],
      ...['ssh', '-p', String(this.#port), '-i', at('key'), '-F', 'none'],
      ...options.flatMap((option) => ['-o', option]),
      ...[`${name}@127.0.0.1`, 'id -un'],
    ]);
    return { code, out: `${readFileSync(at('asked'), 'utf8')}${out}` };
  }

  /** Its sshd, until the machine is stopped; each of the people has the same key. */
  async startSshd(): Promise<void> {
    this.#port = await freePort();
    writeFileSync(join(this.folder, 'sshd_config'), sshdConfig(this.folder, this.#port));
    const log = join(this.folder, 'sshd.log');
    const keys = await this.run(['sh', '-c', KEYS, 'sh', this.folder]);
    assert.equal(keys.code, 0, keys.out);
    const started = await this.run([
      ...['/usr/sbin/sshd', '-f', join(this.folder, 'sshd_config'), '-E', log],
    ]);
    assert.equal(started.code, 0, started.out);
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
for name in ana eve kim bob; do useradd -m -s /bin/sh "$name"; done
printf '${Object.entries(LOCAL)
  .map(([name, password]) => `${name}:${password}\\n`)
  .join('')}' | chpasswd
printf 'Defaults !lecture\\nkim ALL=(ALL) ALL\\nana ALL=(ALL) ALL\\nbob ALL=(ALL) ALL\\n' > /etc/sudoers.d/people
chmod 0440 /etc/sudoers.d/people
echo ready
exec cat
`;

const KEYS = `set -eu
for name in host key; do ssh-keygen -q -t ed25519 -N '' -f "$1/$name"; done
for name in ana eve kim; do install -D -m 0644 "$1/key.pub" "/home/$name/.ssh/authorized_keys"; done
`;

function lines(typed: readonly string[]): string {
  return typed.map((line) => `${line}\n`).join('');
}

function sshdConfig(folder: string, port: number): string {
  return [
    ...[`ListenAddress 127.0.0.1`, `Port ${port}`, `HostKey ${folder}/host`],
    ...[`PidFile ${folder}/sshd.pid`, 'UsePAM yes', 'UseDNS no', 'PermitRootLogin yes'],
    ...[
      'PasswordAuthentication yes',
      'StrictModes no',
      'KbdInteractiveAuthentication yes',
      'PrintMotd no',
      '',
    ],
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
