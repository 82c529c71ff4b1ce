import { join } from 'node:path';
import { UNINSPECTED } from './inspector.ts';
import type { Program } from './transport.ts';

/** Where things are on the machine that the units are for. All paths absolute. */
export interface UnitPlaces {
  /** The Node that runs everything. */
  readonly node: string;
  /** The folder of the `halligan` packages. */
  readonly packages: string;
  /** The server's data folder. */
  readonly home: string;
  /** Holds a folder of keys for each program. */
  readonly programs: string;
}

/**
 * What every unit of ours gives up: what the manager's environment tells Node, core images, swap, new rights, other people's files, devices, the kernel's tunables.
 * `MemoryDenyWriteExecute` is not among it: Node compiles as it runs.
 */
const CONFINED = `
UnsetEnvironment=NODE_OPTIONS NODE_DEBUG NODE_V8_COVERAGE NODE_PATH
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
LimitCORE=0
MemorySwapMax=0
UMask=0077
PrivateTmp=yes
PrivateDevices=yes
PrivateUsers=yes
PrivateIPC=yes
ProtectSystem=strict
ProtectHome=yes
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
ProtectProc=invisible
ProcSubset=pid
RemoveIPC=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
KeyringMode=private
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources @mount @swap @reboot @debug @obsolete
SystemCallErrorNumber=EPERM`.trim();

/** So that `halligan server` need not start itself again: see `lean-server.ts` of the program. */
const LEAN = '--max-semi-space-size=2';

/** Runs a program's bundle, or its source where there is none. */
function launcher(packages: string, program: 'halligan' | Program): string {
  return join(packages, '..', 'bin', `${program}.mjs`);
}

/** The user of a program, and of its unit. */
export function userOf(program: Program): string {
  return `halligan-${program}`;
}

/** Where the programs' units listen. */
export const SOCKETS = '/run/halligan';

/** The units of a server with releaser and rotator under users of their own, by file name; and their users. */
export function systemdUnits(places: UnitPlaces): ReadonlyMap<string, string> {
  return new Map([
    ['halligan.service', serverUnit(places)],
    ['halligan-releaser.socket', socketUnit('releaser')],
    ['halligan-releaser@.service', programUnit('releaser', places)],
    ['halligan-rotator.socket', socketUnit('rotator')],
    ['halligan-rotator@.service', programUnit('rotator', places)],
    ['halligan.sysusers', USERS],
  ]);
}

const USERS = `u halligan - "Halligan server"
u halligan-releaser - "Halligan: holds the server’s share"
u halligan-rotator - "Halligan: sets and proves passwords; tier 0"
`;

function serverUnit({ node, packages, home }: UnitPlaces): string {
  return `[Unit]
Description=Halligan, the emergency-access server
Documentation=man:halligan(1)
After=network.target
# Not network-online.target: an emergency may come without a network.
Wants=halligan-releaser.socket halligan-rotator.socket

[Service]
ExecStart=${node} ${UNINSPECTED} ${LEAN} ${launcher(packages, 'halligan')} server
Environment=HALLIGAN_HOME=${home}
Environment=NODE_COMPILE_CACHE=${join(home, 'keys', 'compiled')}
User=halligan
Group=halligan
ReadWritePaths=${home}
Restart=always
RestartSec=2
TimeoutStopSec=90
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
${CONFINED}

[Install]
WantedBy=multi-user.target
`;
}

function socketUnit(program: Program): string {
  return `[Unit]
Description=Where the Halligan server asks its ${program}

[Socket]
ListenStream=${SOCKETS}/${program}.sock
Accept=yes
# One is spoken to; another may stand ready.
MaxConnections=2
SocketUser=halligan
SocketGroup=halligan
SocketMode=0600
DirectoryMode=0755

[Install]
WantedBy=sockets.target
`;
}

function programUnit(program: Program, { node, packages, programs }: UnitPlaces): string {
  const keys = join(programs, program);
  // The releaser answers what it is asked, and nothing else in the world; the rotator reaches the systems.
  const network =
    program === 'releaser'
      ? 'PrivateNetwork=yes\nIPAddressDeny=any\nRestrictAddressFamilies=AF_UNIX'
      : 'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6';
  return `[Unit]
Description=Halligan’s ${program}, for one conversation

[Service]
ExecStart=${node} ${UNINSPECTED} ${launcher(packages, program)} ${keys}
StandardInput=socket
StandardOutput=socket
StandardError=journal
Environment=NODE_COMPILE_CACHE=${join(keys, 'compiled')}
User=${userOf(program)}
Group=${userOf(program)}
ReadWritePaths=${keys}
RuntimeMaxSec=600
${network}
${CONFINED}
`;
}
