/** Where things are on the machine that the unit is for. All paths absolute. */
export interface DeviceUnitPlaces {
  /** The Node that runs it, and how it is started. */
  readonly node: string;
  readonly flags: readonly string[];
  /** The agent's program. */
  readonly program: string;
  readonly version: string;
}

/**
 * The unit of a machine's agent. It is root, since it keeps what root alone may read, and is left nothing else of what
 * root may: one capability, for a TPM that belongs to a group; no device but a TPM and FIDO2 keys. /proc stays whole:
 * the clock that counts from the boot is read there.
 */
export function deviceUnit({ node, flags, program, version }: DeviceUnitPlaces): string {
  return `[Unit]
Description=Halligan, offline sign-in on this machine
Documentation=man:halligan(1)
# Before anybody is asked for a password, and without waiting for a network: it is for when there is none.
Before=systemd-user-sessions.service
After=local-fs.target nss-user-lookup.target

[Service]
Type=exec
ExecStart=${[node, ...flags, program, '--version', version].join(' ')}
ExecReload=/bin/kill -HUP $MAINPID
Environment=NODE_COMPILE_CACHE=/var/lib/halligan-device/compiled
UnsetEnvironment=NODE_OPTIONS NODE_DEBUG NODE_V8_COVERAGE NODE_PATH
StateDirectory=halligan-device
StateDirectoryMode=0700
RuntimeDirectory=halligan-device
RuntimeDirectoryMode=0700
Restart=always
RestartSec=2
TimeoutStopSec=20
NoNewPrivileges=yes
CapabilityBoundingSet=CAP_DAC_OVERRIDE
AmbientCapabilities=
LimitCORE=0
MemorySwapMax=0
MemoryMax=512M
TasksMax=64
UMask=0077
DevicePolicy=closed
DeviceAllow=/dev/tpmrm0 rw
DeviceAllow=char-hidraw rw
PrivateTmp=yes
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
RemoveIPC=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
LockPersonality=yes
KeyringMode=private
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources @mount @swap @reboot @debug @obsolete
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
`;
}
