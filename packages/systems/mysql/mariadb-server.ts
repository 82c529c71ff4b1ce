import { chown, mkdir, readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { HalliganError } from '@halligan/format';
import { findProgram } from '../component.ts';
import { debianUser, runAs } from '../debian-user.ts';
import { generatePassword } from '../generate-password.ts';
import { makeCertificate } from '../loopback-certificate.ts';
import { startOnPort } from '../start-on-port.ts';
import { passwordHash } from './authentication.ts';
import type { MysqlConfig } from './config.ts';

/** A real MariaDB on loopback, with data of its own, for drills and tests. */
export interface MariadbServer {
  readonly port: number;
  /** PEM of the certificate to trust, for 127.0.0.1 and localhost. */
  readonly ca: string;
  /** Names of the emergency accounts, `@'%'`; the first may do anything. */
  readonly accounts: readonly string[];
  /** The first account's password at the start. */
  readonly initialPassword: Uint8Array;
  /** An account that the rotator must not touch. */
  readonly person: string;
  readonly rotatorSecret: Uint8Array;
  readonly config: MysqlConfig;
  /** The general log, where every statement is, and where the binary logs are. */
  readonly log: string;
  readonly data: string;
  /** Runs SQL as an administrator behind the driver's back. @returns the rows, a line each */
  readonly inside: (sql: string) => string;
  /** Ends this server, and only this one. Its folder stays. */
  readonly stop: () => Promise<void>;
}

const PACKAGE = 'mariadb-server';
const ACCOUNTS = ['breakglass-admin', 'breakglass-second'] as const;
const PERSON = 'alice';

/**
 * Makes a data folder in `folder` (made if missing) and starts the server as a child of this process. MariaDB does not run
 * as root: the folder is then given to Debian's user `mysql`, who must be able to reach it.
 * @throws `systems.component-missing`, `systems.mariadb-failed`
 */
export async function startMariadb({
  folder,
}: {
  readonly folder: string;
}): Promise<MariadbServer> {
  const program = (name: string) => findProgram(name, PACKAGE);
  const [mariadbd, client] = [program('mariadbd'), program('mariadb')];
  const user = debianUser('mysql', PACKAGE);
  const [data, log, said] = ['data', 'general.log', 'server.log'].map((name) => join(folder, name));
  if (data === undefined || log === undefined || said === undefined) throw failed('');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const ca = await makeCertificate(folder, 'Halligan practice database');
  for (const path of [folder, join(folder, 'tls.key'), join(folder, 'tls.crt')])
    if ('uid' in user) await chown(path, user.uid, user.gid);
  const making = [
    ...['--no-defaults', `--datadir=${data}`, '--skip-test-db'],
    ...['--auth-root-authentication-method=socket'],
    ...[`--auth-root-socket-user=${userInfo().username}`],
  ];
  runAs(user, program('mariadb-install-db'), making, { failed });

  const { port, stop } = await startOnPort({
    ...{ program: mariadbd, user, log: said, ready: 'ready for connections', failed },
    prepare: (port) => settingsOf(folder, port),
  });

  const asking = [
    ...['--no-defaults', `--socket=${join(folder, 'socket')}`, '--batch', '--raw'],
    ...['--skip-column-names', '--default-character-set=utf8mb4'],
  ];
  const inside = (sql: string) => runAs({}, client, asking, { input: sql, failed });
  const rotatorSecret = generatePassword();
  const initialPassword = generatePassword();
  inside(await readFile(join(import.meta.dirname, 'halligan-account.mariadb.sql'), 'utf8'));
  inside(seedSql(initialPassword, rotatorSecret));
  return {
    port,
    ca,
    accounts: ACCOUNTS,
    initialPassword,
    person: PERSON,
    rotatorSecret,
    config: {
      driver: 'mysql',
      server: 'mariadb',
      host: '127.0.0.1',
      port,
      ca,
      accountHost: '%',
      authentication: 'ed25519',
      rotation: 'standing',
      rotator: 'halligan',
      timeout: 20_000,
    },
    log,
    data,
    inside,
    stop,
  };
}

/** Administrators come in by the socket in the folder, as the user of this process; all others by TLS. */
function settingsOf(folder: string, port: number): string[] {
  return [
    '--no-defaults',
    `--datadir=${join(folder, 'data')}`,
    `--socket=${join(folder, 'socket')}`,
    `--pid-file=${join(folder, 'pid')}`,
    '--bind-address=127.0.0.1',
    `--port=${port}`,
    '--skip-name-resolve',
    `--ssl-cert=${join(folder, 'tls.crt')}`,
    `--ssl-key=${join(folder, 'tls.key')}`,
    '--require-secure-transport=ON',
    '--plugin-load-add=auth_ed25519',
    // Everything is written down, so that a test can look for what must not be there.
    '--general-log=1',
    `--general-log-file=${join(folder, 'general.log')}`,
    `--log-bin=${join(folder, 'data', 'binlog')}`,
    // Thrown away in the end: nothing must survive a power cut.
    '--innodb-flush-log-at-trx-commit=0',
    '--innodb-log-file-size=4M',
    '--innodb-buffer-pool-size=16M',
  ];
}

function seedSql(initial: Uint8Array, rotator: Uint8Array): string {
  const [first, second] = ACCOUNTS;
  const by = (password: Uint8Array) =>
    `IDENTIFIED VIA ed25519 USING '${passwordHash(password, 'ed25519')}'`;
  return [
    `ALTER USER halligan@'%' ${by(rotator)};`,
    `CREATE USER '${first}'@'%' ${by(initial)} REQUIRE SSL;`,
    `GRANT ALL PRIVILEGES ON *.* TO '${first}'@'%' WITH GRANT OPTION;`,
    `CREATE USER '${second}'@'%' ${by(generatePassword())} REQUIRE SSL;`,
    `GRANT SELECT, LOCK TABLES ON *.* TO '${second}'@'%';`,
    `CREATE USER ${PERSON}@'%' ${by(generatePassword())} REQUIRE SSL;`,
    `INSERT INTO halligan.breakglass VALUES ('${first}', '%'), ('${second}', '%');`,
  ].join('\n');
}

function failed(said: string): HalliganError {
  return new HalliganError(
    'systems.mariadb-failed',
    'The MariaDB server to practise on could not be started, or did not do what it was asked.',
    'Look at what it said (the cause); as root, its folder must be one that the user mysql can reach.',
    { cause: said },
  );
}
