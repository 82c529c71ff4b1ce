import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HalliganError, type Json } from '@halligan/format';
import {
  createPracticeSystem,
  generatePassword,
  type PostgresqlServer,
  type Samba,
  type Slapd,
  type SshConfig,
  startMariadb,
  startOpenbao,
  startPostgresql,
  startSamba,
  startSlapd,
  startSshd,
} from '@halligan/systems';
import type { PracticeTarget } from './organisation.ts';
import { prepareSecondVault, type SecondVault } from './second-vault.ts';

/** Where a system listens, for whoever is to stand between. */
export interface TargetLine {
  readonly host: string;
  readonly port: number;
  /** The driver's settings by another port of the same address: its certificate or host key stays good. */
  readonly by: (port: number) => Json;
}

/** A system that can be changed from within. */
export type TargetInside =
  | { readonly kind: 'openldap'; readonly server: Slapd }
  | { readonly kind: 'ad'; readonly server: Samba }
  | { readonly kind: 'postgres'; readonly server: PostgresqlServer };

/** A system that a drill runs on, and how to take it down again. */
export interface RunningTarget {
  readonly target: PracticeTarget;
  /** Absent where no network leads to it. */
  readonly line?: TargetLine;
  /** The system itself, for whoever is to do something to it behind Halligan's back. */
  readonly inside?: TargetInside;
  /** A vault that keeps the seals as well. */
  readonly secondVault?: SecondVault;
  readonly stop: () => Promise<void>;
}

export const TARGETS = [
  'practice',
  'openldap',
  'ad',
  'ad-self',
  'ssh',
  'ssh-key',
  'ssh-ca',
  'postgres',
  'mysql',
  'openbao',
] as const;

/** Starts a system to practise on. @throws `practice.system`, `systems.component-missing` */
export async function startTarget(root: string, kind: string): Promise<RunningTarget> {
  if (kind === 'practice') return practiceTarget(root);
  if (kind === 'openldap') return openldapTarget();
  if (kind === 'ad') return activeDirectoryTarget({});
  if (kind === 'ad-self') return activeDirectoryTarget({ rotation: 'self' });
  if (kind === 'ssh') return sshTarget({});
  if (kind === 'ssh-key') return sshTarget({ credential: 'key' });
  if (kind === 'ssh-ca') return sshTarget({ credential: 'authority' });
  if (kind === 'postgres') return postgresTarget();
  if (kind === 'mysql') return mysqlTarget();
  if (kind === 'openbao') return openbaoTarget();
  throw new HalliganError(
    'practice.system',
    `There is no system “${kind}” to practise on.`,
    `Use one of ${TARGETS.join(', ')}.`,
  );
}

async function practiceTarget(root: string): Promise<RunningTarget> {
  const folder = join(root, 'practice', 'system');
  const names = ['breakglass-admin-1', 'breakglass-admin-2'];
  if (!existsSync(folder))
    await createPracticeSystem(
      folder,
      names.map((name) => ({ name, password: generatePassword() })),
    );
  return {
    target: {
      id: 'practice-system',
      purpose: 'embedded; stands for the system that you would need to get into',
      address: folder,
      config: { driver: 'practice', folder },
      accounts: names.map((name) => ({ id: name, name })),
    },
    stop: async () => undefined,
  };
}

async function openldapTarget(): Promise<RunningTarget> {
  const folder = await mkdtemp(join(tmpdir(), 'halligan-slapd-'));
  const slapd = await startSlapd({ folder });
  return {
    target: {
      id: 'openldap',
      purpose: 'a real OpenLDAP directory on loopback',
      address: slapd.url,
      config: slapd.config as unknown as Json,
      secret: slapd.rotatorSecret,
      accounts: slapd.accounts.map((name) => ({ id: name, name })),
    },
    line: byUrl(slapd.config, 636),
    inside: { kind: 'openldap', server: slapd },
    stop: async () => {
      await slapd.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function activeDirectoryTarget(change: {
  readonly rotation?: 'self';
}): Promise<RunningTarget> {
  const folder = await mkdtemp(join(tmpdir(), 'halligan-samba-'));
  const samba = await startSamba({ folder });
  const self = change.rotation === 'self';
  if (self) samba.makeDomainAdmins();
  return {
    target: {
      id: 'active-directory',
      purpose: 'a real Samba domain controller on loopback',
      address: samba.url,
      config: { ...samba.config, ...change } as unknown as Json,
      secret: self ? samba.selfSecret : samba.rotatorSecret,
      accounts: samba.accounts.map((name) => ({ id: name, name })),
    },
    line: byUrl({ ...samba.config, ...change }, 636),
    inside: { kind: 'ad', server: samba },
    stop: async () => {
      await samba.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function sshTarget(change: Pick<SshConfig, 'credential'>): Promise<RunningTarget> {
  const folder = await mkdtemp(join(tmpdir(), 'halligan-sshd-'));
  const sshd = await startSshd({ folder });
  return {
    target: {
      id: 'linux',
      purpose: 'a Linux machine behind a real SSH server on loopback',
      address: `ssh://127.0.0.1:${sshd.port}`,
      config: { ...sshd.config, ...change } as unknown as Json,
      secret: sshd.rotatorSecret,
      accounts: sshd.accounts.map((name) => ({ id: name, name })),
    },
    line: byPort({ ...sshd.config, ...change }),
    stop: async () => {
      await sshd.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function openbaoTarget(): Promise<RunningTarget> {
  const folder = await mkdtemp(join(tmpdir(), 'halligan-openbao-'));
  const vault = await startOpenbao({ folder });
  return {
    target: {
      id: 'openbao',
      purpose: 'a real OpenBao on loopback, its unseal key in three shares',
      address: vault.url,
      config: vault.config as unknown as Json,
      secret: vault.rotatorSecret,
      auditLog: vault.auditLog,
      accounts: vault.accounts.map((name) => ({ id: name, name })),
    },
    line: byUrl(vault.config, 443),
    secondVault: await prepareSecondVault(vault, join(folder, 'second-vault')),
    stop: async () => {
      await vault.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function postgresTarget(): Promise<RunningTarget> {
  const folder = await mkdtemp(join(tmpdir(), 'halligan-postgresql-'));
  const server = await startPostgresql({ folder });
  return {
    target: {
      id: 'postgresql',
      purpose: 'a real PostgreSQL server on loopback, with a superuser as its emergency account',
      address: `postgresql://127.0.0.1:${server.port}/postgres`,
      config: server.config as unknown as Json,
      secret: server.rotatorSecret,
      accounts: server.accounts.map((name) => ({ id: name, name })),
    },
    line: byPort(server.config),
    inside: { kind: 'postgres', server },
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function mysqlTarget(): Promise<RunningTarget> {
  const folder = await mkdtemp(join(tmpdir(), 'halligan-mariadb-'));
  const server = await startMariadb({ folder });
  return {
    target: {
      id: 'mariadb',
      purpose: 'a real MariaDB server on loopback, with an account that may do anything',
      address: `mysql://127.0.0.1:${server.port}`,
      config: server.config as unknown as Json,
      secret: server.rotatorSecret,
      accounts: server.accounts.map((name) => ({ id: name, name })),
    },
    line: byPort(server.config),
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A system whose settings name it by a URL. @param usual port of its kind, where the URL names none */
function byUrl(config: { readonly url: string }, usual: number): TargetLine {
  const { hostname, port } = new URL(config.url);
  return {
    host: hostname,
    port: Number(port || usual),
    by: (other) => {
      const url = new URL(config.url);
      url.port = String(other);
      return { ...config, url: url.href } as unknown as Json;
    },
  };
}

/** A system whose settings name host and port. */
function byPort(config: { readonly host: string; readonly port: number }): TargetLine {
  return {
    host: config.host,
    port: config.port,
    by: (port) => ({ ...config, port }) as unknown as Json,
  };
}
