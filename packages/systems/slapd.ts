import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { accessSync, constants, existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { base64, concat, HalliganError } from '@halligan/format';
import { freePort } from './free-port.ts';
import { generatePassword } from './generate-password.ts';
import type { OpenldapConfig } from './openldap-config.ts';
import {
  base,
  emergencyBase,
  groupBase,
  hasPasswordPolicy,
  type Programs,
  rotatorDn,
  seedLdif,
  slapdConf,
} from './slapd-files.ts';

/** A real directory on loopback, for drills and tests. */
export interface Slapd {
  /** `ldaps://127.0.0.1:port` */
  readonly url: string;
  /** `ldap://127.0.0.1:port`, for StartTLS. */
  readonly plainUrl: string;
  /** PEM of the certificate to trust, for 127.0.0.1 and localhost. */
  readonly ca: string;
  readonly base: string;
  readonly rotatorDn: string;
  readonly rotatorSecret: Uint8Array;
  /** Names of the emergency accounts, below `ou=emergency`; the first is `breakglass-admin`. */
  readonly accounts: readonly string[];
  /** The first account's DN and its password at the start; the others' passwords are known to nobody. */
  readonly accountDn: string;
  readonly initialPassword: Uint8Array;
  /** Whether the password policy overlay is there: at least 20 characters, none of the last 3, locked after 4 failures. */
  readonly passwordPolicy: boolean;
  /** What `openDriver` takes, accounts by name. */
  readonly config: OpenldapConfig;
  /** Ends this slapd, and only this one. Its folder stays. May be called twice. */
  stop(): Promise<void>;
}

/** Milliseconds for slapd to listen, and to end when asked. */
const PATIENCE = 10_000;
/** Another process may take a free port between the look and the start. */
const STARTS = 5;

/**
 * Sets a directory up in `folder` (made if missing, must hold no other one) and starts slapd in the foreground as a
 * child of this process: it ends with it. Resolves when it listens.
 * @throws `systems.component-missing` when slapd or openssl is not installed, `systems.slapd-failed`
 */
export async function startSlapd({ folder }: { readonly folder: string }): Promise<Slapd> {
  const slapd = findProgram('slapd', 'slapd');
  const programs = findParts();
  await mkdir(join(folder, 'data'), { recursive: true, mode: 0o700 });
  const ca = await makeCertificate(folder);

  const accounts = ['breakglass-admin', 'breakglass-second'] as const;
  const rotatorSecret = generatePassword();
  const initialPassword = generatePassword();
  const seeds = accounts.map((name, at) => ({
    name,
    passwordHash: ssha(at === 0 ? initialPassword : generatePassword()),
  }));
  const passwordPolicy = hasPasswordPolicy(programs);
  const ldif = seedLdif(seeds, ssha(rotatorSecret), ssha(generatePassword()), passwordPolicy);
  const conf = join(folder, 'slapd.conf');
  await writeFile(conf, slapdConf({ ...programs, folder }), { mode: 0o600 });
  run(slapd, ['-T', 'add', '-f', conf], ldif);

  const { child, ports } = await startListening(slapd, conf);
  const url = `ldaps://127.0.0.1:${ports.tls}`;
  return {
    url,
    plainUrl: `ldap://127.0.0.1:${ports.plain}`,
    ca,
    base,
    rotatorDn,
    rotatorSecret,
    accounts,
    accountDn: `uid=${accounts[0]},${emergencyBase}`,
    initialPassword,
    passwordPolicy,
    config: {
      driver: 'openldap',
      url,
      ca,
      accounts: { by: 'name', attribute: 'uid', base: emergencyBase },
      groups: { base: groupBase },
      rotator: rotatorDn,
      timeout: 10_000,
    },
    stop: () => stop(child),
  };
}

async function startListening(slapd: string, conf: string) {
  for (let start = 1; ; start += 1) {
    const ports = { tls: await freePort(), plain: await freePort() };
    const urls = `ldaps://127.0.0.1:${ports.tls}/ ldap://127.0.0.1:${ports.plain}/`;
    const child = spawn(slapd, ['-f', conf, '-h', urls, '-d', '0'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.on('error', (error) => {
      said = error.message;
    });
    child.stderr.on('data', (chunk: Buffer) => {
      said = `${said}${chunk}`.slice(-2000);
    });
    if (await listens(child, ports.tls)) {
      const end = () => child.kill('SIGKILL');
      process.once('exit', end);
      child.once('exit', () => process.off('exit', end));
      return { child, ports };
    }
    await stop(child);
    if (start === STARTS) throw failed(said);
  }
}

/** Tries to connect until it works, the child ends, or patience does. */
async function listens(child: ChildProcess, port: number): Promise<boolean> {
  const giveUp = performance.now() + PATIENCE;
  while (!ended(child) && performance.now() < giveUp) {
    if (await answers(port)) return true;
    await pause(5);
  }
  return false;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => socket.end(() => resolve(true)));
    socket.once('error', () => resolve(false));
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (ended(child)) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
  await exit;
  clearTimeout(timer);
}

const ended = (child: ChildProcess) =>
  child.exitCode !== null || child.signalCode !== null || child.pid === undefined;

/** A key and a certificate that vouches for itself, for loopback and 30 days. The key stays in the folder, mode 0600. */
async function makeCertificate(folder: string): Promise<string> {
  const [key, certificate] = [join(folder, 'tls.key'), join(folder, 'tls.crt')];
  await rm(key, { force: true });
  await writeFile(key, '', { mode: 0o600 });
  run(findProgram('openssl', 'openssl'), [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-days', '30', '-subj', '/CN=Halligan practice directory'],
    ...['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
    ...['-keyout', key, '-out', certificate],
  ]);
  return readFile(certificate, 'utf8');
}

/** {SSHA} of RFC 2307's family: only for passwords at the start of a practice directory; slapd hashes later ones itself. */
function ssha(password: Uint8Array): string {
  const salt = randomBytes(16);
  const digest = createHash('sha1').update(password).update(salt).digest();
  return `{SSHA}${base64(concat(digest, salt))}`;
}

/** Runs a program that prepares something; its input, LDIF, holds hashes and never a password, so its complaints may be kept. */
function run(program: string, parameters: readonly string[], input = ''): void {
  const done = spawnSync(program, parameters, { input, timeout: 60_000 });
  if (done.status === 0) return;
  throw failed(done.stderr?.toString().slice(-2000) ?? '');
}

function failed(said: string): HalliganError {
  return new HalliganError(
    'systems.slapd-failed',
    'The practice directory could not be started.',
    'Look at what slapd said (the cause); an empty folder and another try often help.',
    { cause: said },
  );
}

/** Debian keeps slapd in /usr/sbin, which is not in everybody's PATH. */
function findProgram(name: string, debianPackage: string): string {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  const found = folders.map((folder) => join(folder, name)).find(isExecutable);
  if (found !== undefined) return found;
  throw missing(name, debianPackage);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function findParts(): Programs {
  const schemas = ['/etc/ldap/schema', '/etc/openldap/schema'].find((folder) =>
    existsSync(join(folder, 'core.schema')),
  );
  if (schemas === undefined) throw missing('the schema files of slapd', 'slapd');
  const modules = ['/usr/lib/ldap', '/usr/lib64/openldap', '/usr/lib/openldap'].find(existsSync);
  return { schemas, modules };
}

function missing(what: string, debianPackage: string): HalliganError {
  return new HalliganError(
    'systems.component-missing',
    `The practice directory needs ${what}, which is not installed here.`,
    `Install Debian's package ${debianPackage}: apt-get install ${debianPackage}`,
  );
}
