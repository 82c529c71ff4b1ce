import { spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { base64, concat, HalliganError } from '@halligan/format';
import { endChild, endsWithUs, listens } from '../child.ts';
import { componentMissing, findProgram } from '../component.ts';
import { freePort } from '../free-port.ts';
import { generatePassword } from '../generate-password.ts';
import { makeCertificate } from '../loopback-certificate.ts';
import type { OpenldapConfig } from './config.ts';
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
  /** Its files; `tls.key` and `tls.crt` among them. */
  readonly folder: string;
  /** Changes the directory by LDIF, past every access rule and overlay. Tests look behind the driver's back. */
  readonly modify: (ldif: string) => void;
  /** Ends this slapd, and only this one. Its folder stays. May be called twice. */
  stop(): Promise<void>;
}

/** Another process may take a free port between the look and the start. */
const STARTS = 5;

/**
 * Sets a directory up in `folder` (made if missing, must hold no other one) and starts slapd in the foreground as a
 * child of this process: it ends with it. Resolves when it listens.
 * @param showsOwn whether people may read the id of their own entry
 * @throws `systems.component-missing` when slapd or openssl is not installed, `systems.slapd-failed`
 */
export async function startSlapd({
  folder,
  showsOwn = false,
}: {
  readonly folder: string;
  readonly showsOwn?: boolean;
}): Promise<Slapd> {
  const slapd = findProgram('slapd', 'slapd');
  const programs = findParts();
  await mkdir(join(folder, 'data'), { recursive: true, mode: 0o700 });
  const ca = await makeCertificate(folder, 'Halligan practice directory');

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
  await writeFile(conf, slapdConf({ ...programs, folder, showsOwn }), { mode: 0o600 });
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
    folder,
    // The tool writes into the database beside the server: LMDB lets both.
    modify: (ldif) => run(slapd, ['-T', 'modify', '-f', conf], ldif),
    stop: () => endChild(child),
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
      endsWithUs(child);
      return { child, ports };
    }
    await endChild(child);
    if (start === STARTS) throw failed(said);
  }
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

function findParts(): Programs {
  const schemas = ['/etc/ldap/schema', '/etc/openldap/schema'].find((folder) =>
    existsSync(join(folder, 'core.schema')),
  );
  if (schemas === undefined) throw componentMissing('the schema files of slapd', 'slapd');
  const modules = ['/usr/lib/ldap', '/usr/lib64/openldap', '/usr/lib/openldap'].find(existsSync);
  return { schemas, modules };
}
