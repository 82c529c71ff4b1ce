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
import { byPort, byUrl, type TargetLine } from './target-line.ts';

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

const STARTERS: ReadonlyMap<string, (root: string) => Promise<RunningTarget>> = new Map([
  ['practice', practiceTarget],
  ['openldap', openldapTarget],
  ['ad', () => activeDirectoryTarget({})],
  ['ad-self', () => activeDirectoryTarget({ rotation: 'self' })],
  ['ssh', () => sshTarget({})],
  ['ssh-key', () => sshTarget({ credential: 'key' })],
  ['ssh-ca', () => sshTarget({ credential: 'authority' })],
  ['postgres', postgresTarget],
  ['mysql', mysqlTarget],
  ['openbao', openbaoTarget],
]);

export const TARGETS: readonly string[] = [...STARTERS.keys()];

/** Starts a system to practise on. @throws `practice.system`, `systems.component-missing` */
export async function startTarget(root: string, kind: string): Promise<RunningTarget> {
  const start = STARTERS.get(kind);
  if (start !== undefined) return start(root);
  throw new HalliganError(
    'practice.system',
    `There is no system “${kind}” to practise on.`,
    `Use one of ${TARGETS.join(', ')}.`,
  );
}

/** A real system on loopback, as each of `@halligan/systems` is started. */
interface Component {
  readonly config: object;
  readonly rotatorSecret: Uint8Array;
  readonly accounts: readonly string[];
  readonly stop: () => Promise<void>;
}

/** What is said of a component; its settings, secret and accounts are its own where this does not tell others. */
type Said = Omit<RunningTarget, 'target' | 'stop'> &
  Pick<PracticeTarget, 'id' | 'purpose' | 'address' | 'auditLog'> & {
    readonly change?: object;
    readonly secret?: Uint8Array;
  };

/** Starts a component in a temporary folder. That goes when it is taken down, and when it could not be started. */
async function componentTarget<T extends Component>(
  name: string,
  start: (place: { readonly folder: string }) => Promise<T>,
  say: (component: T, folder: string) => Said | Promise<Said>,
): Promise<RunningTarget> {
  const folder = await mkdtemp(join(tmpdir(), `halligan-${name}-`));
  let started: T | undefined;
  const stop = async () => {
    await started?.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    started = await start({ folder });
    const { id, purpose, address, auditLog, secret, change, ...more } = await say(started, folder);
    const target = {
      id,
      purpose,
      address,
      config: { ...started.config, ...change } as unknown as Json,
      secret: secret ?? started.rotatorSecret,
      ...(auditLog === undefined ? {} : { auditLog }),
      accounts: started.accounts.map((account) => ({ id: account, name: account })),
    };
    return { target, ...more, stop };
  } catch (error) {
    await stop();
    throw error;
  }
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

function openldapTarget(): Promise<RunningTarget> {
  return componentTarget('slapd', startSlapd, (slapd) => ({
    id: 'openldap',
    purpose: 'a real OpenLDAP directory on loopback',
    address: slapd.url,
    line: byUrl(slapd.config, 636),
    inside: { kind: 'openldap', server: slapd },
  }));
}

function activeDirectoryTarget(change: { readonly rotation?: 'self' }): Promise<RunningTarget> {
  return componentTarget('samba', startSamba, (samba) => {
    const self = change.rotation === 'self';
    if (self) samba.makeDomainAdmins();
    return {
      id: 'active-directory',
      purpose: 'a real Samba domain controller on loopback',
      address: samba.url,
      change,
      secret: self ? samba.selfSecret : samba.rotatorSecret,
      line: byUrl({ ...samba.config, ...change }, 636),
      inside: { kind: 'ad', server: samba },
    };
  });
}

function sshTarget(change: Pick<SshConfig, 'credential'>): Promise<RunningTarget> {
  return componentTarget('sshd', startSshd, (sshd) => ({
    id: 'linux',
    purpose: 'a Linux machine behind a real SSH server on loopback',
    address: `ssh://127.0.0.1:${sshd.port}`,
    change,
    line: byPort({ ...sshd.config, ...change }),
  }));
}

function openbaoTarget(): Promise<RunningTarget> {
  return componentTarget('openbao', startOpenbao, async (vault, folder) => ({
    id: 'openbao',
    purpose: 'a real OpenBao on loopback, its unseal key in three shares',
    address: vault.url,
    auditLog: vault.auditLog,
    line: byUrl(vault.config, 443),
    secondVault: await prepareSecondVault(vault, join(folder, 'second-vault')),
  }));
}

function postgresTarget(): Promise<RunningTarget> {
  return componentTarget('postgresql', startPostgresql, (server) => ({
    id: 'postgresql',
    purpose: 'a real PostgreSQL server on loopback, with a superuser as its emergency account',
    address: `postgresql://127.0.0.1:${server.port}/postgres`,
    line: byPort(server.config),
    inside: { kind: 'postgres', server },
  }));
}

function mysqlTarget(): Promise<RunningTarget> {
  return componentTarget('mariadb', startMariadb, (server) => ({
    id: 'mariadb',
    purpose: 'a real MariaDB server on loopback, with an account that may do anything',
    address: `mysql://127.0.0.1:${server.port}`,
    line: byPort(server.config),
  }));
}
