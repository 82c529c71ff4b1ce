import { chown, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HalliganError } from '@halligan/format';
import { findProgram } from '../component.ts';
import { debianUser, runAs } from '../debian-user.ts';
import { generatePassword } from '../generate-password.ts';
import { makeCertificate } from '../loopback-certificate.ts';
import { startOnPort } from '../start-on-port.ts';
import type { PostgresqlConfig } from './config.ts';
import { scramVerifier } from './scram-verifier.ts';

/** A real PostgreSQL on loopback, a cluster of its own, for drills and tests. */
export interface PostgresqlServer {
  readonly port: number;
  /** PEM of the certificate to trust, for 127.0.0.1 and localhost. */
  readonly ca: string;
  /** Names of the emergency roles, in the group `breakglass`; the first is a superuser. */
  readonly accounts: readonly string[];
  /** The first account's password at the start. */
  readonly initialPassword: Uint8Array;
  /** A role that the rotator must not touch. */
  readonly person: string;
  readonly rotatorSecret: Uint8Array;
  readonly config: PostgresqlConfig;
  /** The server's whole log: every statement is in it. */
  readonly log: string;
  /** Runs SQL as a superuser behind the driver's back. @returns the rows, a line each */
  readonly inside: (sql: string) => string;
  /** Its files; `tls.key` and `tls.crt` among them. */
  readonly folder: string;
  /** Ends this server, and only this one. Its folder stays. */
  readonly stop: () => Promise<void>;
}

/** Debian keeps a version's programs in a folder of their own. */
const PROGRAMS = [17, 16, 15].map((version) => `/usr/lib/postgresql/${version}/bin`);
const PACKAGE = 'postgresql-15';
const ACCOUNTS = ['breakglass-admin', 'breakglass-second'] as const;
const PERSON = 'alice';

/**
 * Makes a cluster in `folder` (made if missing) and starts the server as a child of this process. PostgreSQL does not run
 * as root: the folder is then given to Debian's user `postgres`, who must be able to reach it.
 * @throws `systems.component-missing`, `systems.postgresql-failed`
 */
export async function startPostgresql({
  folder,
}: {
  readonly folder: string;
}): Promise<PostgresqlServer> {
  const program = (name: string) => findProgram(name, PACKAGE, PROGRAMS);
  const [postgres, initdb, psql] = [program('postgres'), program('initdb'), program('psql')];
  const user = debianUser('postgres', PACKAGE);
  const [data, log] = [join(folder, 'data'), join(folder, 'server.log')];
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const ca = await makeCertificate(folder, 'Halligan practice database');
  for (const path of [folder, join(folder, 'tls.key'), join(folder, 'tls.crt')])
    if ('uid' in user) await chown(path, user.uid, user.gid);
  const making = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale', '-N'];
  runAs(user, initdb, making, { failed });

  const { port, stop } = await startOnPort({
    ...{ program: postgres, user, log, ready: 'ready to accept connections', failed },
    prepare: async (port) => {
      const settings = settingsOf(folder, port);
      await writeFile(join(data, 'postgresql.conf'), settings.server);
      await writeFile(join(data, 'pg_hba.conf'), settings.signIns);
      return ['-D', data];
    },
    // SIGINT: ends open sessions at once (postgres(1)); SIGTERM would wait for them.
    signal: 'SIGINT',
  });

  const asking = [
    ...['-X', '-q', '-At', '-v', 'ON_ERROR_STOP=1', '-h', folder, '-p', `${port}`],
    ...['-U', 'postgres', '-d', 'postgres', '-f', '-'],
  ];
  const inside = (sql: string) => runAs(user, psql, asking, { input: sql, failed });
  const rotatorSecret = generatePassword();
  const initialPassword = generatePassword();
  inside(await readFile(join(import.meta.dirname, 'halligan-account.sql'), 'utf8'));
  inside(await seedSql(initialPassword, rotatorSecret));
  return {
    port,
    ca,
    accounts: ACCOUNTS,
    initialPassword,
    person: PERSON,
    rotatorSecret,
    config: {
      driver: 'postgresql',
      host: '127.0.0.1',
      port,
      database: 'postgres',
      ca,
      rotation: 'standing',
      rotator: 'halligan',
      privilege: 'function',
      iterations: 4096,
      validUntil: 'keep',
      timeout: 20_000,
    },
    log,
    inside,
    folder,
    stop,
  };
}

/** Superusers come in by the socket in the folder, which is closed to everybody else; all others by TLS and SCRAM. */
function settingsOf(folder: string, port: number) {
  return {
    server: [
      "listen_addresses = '127.0.0.1'",
      `port = ${port}`,
      `unix_socket_directories = '${folder}'`,
      'ssl = on',
      `ssl_cert_file = '${join(folder, 'tls.crt')}'`,
      `ssl_key_file = '${join(folder, 'tls.key')}'`,
      'password_encryption = scram-sha-256',
      // Everything is written down, so that a test can look for what must not be there.
      'log_statement = all',
      'log_connections = on',
      // Thrown away in the end: nothing must survive a power cut.
      'fsync = off',
      'max_connections = 40',
      '',
    ].join('\n'),
    signIns: 'local all postgres trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n',
  };
}

async function seedSql(initial: Uint8Array, rotator: Uint8Array): Promise<string> {
  const verifier = async (password: Uint8Array) => scramVerifier(password, 4096);
  const [first, second] = ACCOUNTS;
  return [
    `ALTER ROLE halligan PASSWORD '${await verifier(rotator)}';`,
    `CREATE ROLE "${first}" LOGIN SUPERUSER PASSWORD '${await verifier(initial)}';`,
    `CREATE ROLE "${second}" LOGIN PASSWORD '${await verifier(generatePassword())}';`,
    `CREATE ROLE ${PERSON} LOGIN PASSWORD '${await verifier(generatePassword())}';`,
    `GRANT breakglass TO "${first}", "${second}";`,
    `GRANT pg_write_all_data TO "${second}";`,
  ].join('\n');
}

function failed(said: string): HalliganError {
  return new HalliganError(
    'systems.postgresql-failed',
    'The PostgreSQL server to practise on could not be started, or did not do what it was asked.',
    'Look at what it said (the cause); as root, its folder must be one that the user postgres can reach.',
    { cause: said },
  );
}
