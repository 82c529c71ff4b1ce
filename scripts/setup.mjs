// Makes a fresh clone ready: installs what the lockfile pins, once, under any Node >= 20.
// Plain JavaScript on purpose: it runs before the pinned Node exists. With --test it also installs the real
// components that the tests talk to (Debian's packages, when root).
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { currentBundle } from '../bin/current.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const lockfile = join(root, 'package-lock.json');
const installed = join(root, 'node_modules', '.package-lock.json');

// npm sets these while it runs a script; an inner npm must not inherit the outer one's lifecycle.
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('npm_lifecycle_')),
);

const major = Number(process.versions.node.split('.')[0]);
if (major < 20) {
  console.error(`Halligan needs Node 20 or newer to set itself up; this is ${process.version}.`);
  process.exit(1);
}

if (!existsSync(installed) || statSync(lockfile).mtimeMs > statSync(installed).mtimeMs) {
  console.error('Setting up: installing the pinned packages …');
  // No package's install script runs: nothing here needs one, and none may.
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
}

if (currentBundle() === undefined) {
  console.error('Setting up: bundling the programs …');
  // The pinned Node, which the packages brought. Without a bundle the programs run from source, and start slower.
  const node = join(root, 'node_modules', '.bin', 'node');
  const done = spawnSync(node, [join(root, 'scripts', 'bundle.ts')], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (done.status !== 0) console.error('The programs were not bundled: they start slower.');
}

if (process.argv.includes('--test')) installComponents();

function installComponents() {
  const wanted = [
    ['slapd', '/usr/sbin/slapd'],
    ['ldap-utils', '/usr/bin/ldapwhoami'],
    ['age', '/usr/bin/age'],
    ['rsyslog', '/usr/sbin/rsyslogd'],
    ['strace', '/usr/bin/strace'],
    ['openssh-client', '/usr/bin/ssh-keygen'],
    ['openssh-server', '/usr/sbin/sshd'],
    ['postgresql', '/usr/lib/postgresql'],
    ['mariadb-server', '/usr/sbin/mariadbd'],
    ['samba', '/usr/sbin/samba'],
    ['samba-ad-provision', '/usr/share/samba/setup/provision.ldif'],
    ['samba-dsdb-modules', '/usr/share/doc/samba-dsdb-modules'],
    ['samba-vfs-modules', '/usr/share/doc/samba-vfs-modules'],
    ['winbind', '/usr/sbin/winbindd'],
    ['python3-samba', '/usr/share/doc/python3-samba'],
    ['ldb-tools', '/usr/bin/ldbmodify'],
    ['qemu-system-common', '/usr/bin/qemu-storage-daemon'],
    ['sudo', '/usr/bin/sudo'],
    ['python3', '/usr/bin/python3'],
    ['poppler-utils', '/usr/bin/pdftotext'],
    ['gdb', '/usr/bin/gcore'],
    ['swtpm', '/usr/bin/swtpm'],
    ['tpm2-tools', '/usr/bin/tpm2_create'],
    ['gcc', '/usr/bin/cc'],
    ['libc6-dev', '/usr/include/stdio.h'],
    ['libpam0g-dev', '/usr/include/security/pam_modules.h'],
    ['pamtester', '/usr/bin/pamtester'],
    ['bsdutils', '/usr/bin/script'],
    ['login', '/usr/bin/login'],
    ['fido2-tools', '/usr/bin/fido2-assert'],
    ['faketime', '/usr/bin/faketime'],
    ['nftables', '/usr/sbin/nft'],
  ];
  const missing = wanted.filter(([, program]) => !existsSync(program)).map(([name]) => name);
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    console.error(`Some tests will be skipped: install ${missing.join(', ')} to run them.`);
    return;
  }
  console.error(`Setting up: installing ${missing.join(', ')} …`);
  const quiet = { ...environment, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync('apt-get', ['update', '-qq'], { stdio: 'ignore', env: quiet });
  // slapd, sshd, samba, postgres and mariadbd must not start services of their own on this machine: the tests start theirs.
  // Nor must a cluster be made here by the installation (createcluster.conf(5)).
  const clusters = '/etc/postgresql-common/createcluster.conf';
  if (!existsSync(clusters)) {
    mkdirSync(dirname(clusters), { recursive: true });
    writeFileSync(clusters, 'create_main_cluster = false\n');
  }
  const policy = '/usr/sbin/policy-rc.d';
  const ours = !existsSync(policy);
  if (ours)
    spawnSync('sh', ['-c', `printf '#!/bin/sh\\nexit 101\\n' > ${policy} && chmod 755 ${policy}`]);
  const done = spawnSync(
    'apt-get',
    ['install', '-y', '-qq', '--no-install-recommends', ...missing],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: quiet,
    },
  );
  if (ours) spawnSync('rm', ['-f', policy]);
  if (done.status !== 0)
    console.error(`Could not install ${missing.join(', ')}; their tests will be skipped.`);
}

function run(command, parameters) {
  const done = spawnSync(command, parameters, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: environment,
  });
  if (done.status !== 0) {
    console.error(`Setting up failed: ${command} ${parameters.join(' ')}`);
    process.exit(done.status ?? 1);
  }
}
