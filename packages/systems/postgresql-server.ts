import { spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { chown, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { HalliganError } from '@halligan/format';
import { endChild, endsWithUs, listens } from './child.ts';
import { componentMissing, findProgram } from './component.ts';
import { freePort } from './free-port.ts';
import { generatePassword } from './generate-password.ts';
import { makeCertificate } from './loopback-certificate.ts';
import type { PostgresqlConfig } from './postgresql-config.ts';
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
  /** Ends this server, and only this one. Its folder stays. */
  readonly stop: () => Promise<void>;
}

/** Debian keeps a version's programs in a folder of their own. */
const PROGRAMS = [17, 16, 15].map((version) => `/usr/lib/postgresql/${version}/bin`);
const PACKAGE = 'postgresql-15';
const ACCOUNTS = ['breakglass-admin', 'breakglass-second'] as const;
const PERSON = 'alice';
/** Another process may take a free port between the look and the start. */
const STARTS = 5;
/** Milliseconds for a server that listens to be ready. */
const PATIENCE = 60_000;

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
  const user = unprivileged();
  const [data, log] = [join(folder, 'data'), join(folder, 'server.log')];
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const ca = await makeCertificate(folder, 'Halligan practice database');
  for (const path of [folder, join(folder, 'tls.key'), join(folder, 'tls.crt')])
    if ('uid' in user) await chown(path, user.uid, user.gid);
  run(
    initdb,
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale', '-N'],
    user,
  );

  let port = 0;
  let stop = async () => {};
  for (let start = 1; ; start += 1) {
    port = await freePort();
    const settings = settingsOf(folder, port);
    await writeFile(join(data, 'postgresql.conf'), settings.server);
    await writeFile(join(data, 'pg_hba.conf'), settings.signIns);
    const file = openSync(log, 'a', 0o600);
    const child = spawn(postgres, ['-D', data], {
      ...user,
      cwd: '/',
      stdio: ['ignore', file, file],
    });
    closeSync(file);
    child.on('error', () => undefined);
    if ((await listens(child, port)) && (await ready(log))) {
      endsWithUs(child);
      // SIGINT: ends open sessions at once (postgres(1)); SIGTERM would wait for them.
      stop = () => endChild(child, 'SIGINT');
      break;
    }
    await endChild(child);
    if (start === STARTS) throw failed(`see ${log}`);
  }

  const inside = (sql: string) =>
    run(
      psql,
      [
        '-X',
        '-q',
        '-At',
        '-v',
        'ON_ERROR_STOP=1',
        '-h',
        folder,
        '-p',
        `${port}`,
        '-U',
        'postgres',
        '-d',
        'postgres',
        '-f',
        '-',
      ],
      user,
      sql,
    );
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
    stop,
  };
}

/** Listening, it still says that it is starting up. */
async function ready(log: string): Promise<boolean> {
  const giveUp = performance.now() + PATIENCE;
  while (performance.now() < giveUp) {
    if ((await readFile(log, 'utf8')).includes('ready to accept connections')) return true;
    await pause(10);
  }
  return false;
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

type RunAs = { readonly uid: number; readonly gid: number } | Record<never, never>;

/** Who the server runs as: this process's user, or Debian's `postgres` where that is root. */
function unprivileged(): RunAs {
  if (process.getuid?.() !== 0) return {};
  const ask = (what: string) => spawnSync('id', [what, 'postgres'], { encoding: 'utf8' }).stdout;
  const [uid, gid] = [Number.parseInt(ask('-u'), 10), Number.parseInt(ask('-g'), 10)];
  if (Number.isNaN(uid)) throw componentMissing('the user postgres', PACKAGE);
  return { uid, gid };
}

/** What prepares something: SQL with verifiers, never with a password, so that its complaints may be kept. */
function run(program: string, parameters: readonly string[], user: RunAs, input = ''): string {
  const done = spawnSync(program, parameters, {
    ...user,
    input,
    cwd: '/',
    encoding: 'utf8',
    timeout: 120_000,
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
  });
  if (done.status === 0) return done.stdout.trimEnd();
  throw failed(`${done.stderr ?? done.error?.message}`.slice(-2000));
}

function failed(said: string): HalliganError {
  return new HalliganError(
    'systems.postgresql-failed',
    'The PostgreSQL server to practise on could not be started, or did not do what it was asked.',
    'Look at what it said (the cause); as root, its folder must be one that the user postgres can reach.',
    { cause: said },
  );
}
