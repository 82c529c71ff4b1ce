import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { concat, HalliganError, utf8 } from '@halligan/format';
import { endChild, endsWithUs, listens } from '../child.ts';
import { componentMissing, findProgram } from '../component.ts';
import { generatePassword } from '../generate-password.ts';
import { makeCertificate } from '../loopback-certificate.ts';
import type { ActiveDirectoryConfig } from './config.ts';
import {
  base,
  delegatedRights,
  emergencyBase,
  netbiosName,
  operatorsDn,
  realm,
  rotatorDn,
  rotatorName,
  seedLdif,
  smbConf,
} from './samba-files.ts';

/** A real domain controller on loopback, for drills and tests. */
export interface Samba {
  /** `ldaps://127.x.y.z` */
  readonly url: string;
  /** PEM of the certificate to trust. */
  readonly ca: string;
  readonly base: string;
  readonly rotatorSecret: Uint8Array;
  /** sAMAccountNames of the emergency accounts, below `OU=Emergency`; the first is `breakglass-admin`. */
  readonly accounts: readonly string[];
  /** The driver's secret under `rotation: self`: the rotator's line, and the accounts' with their first passwords. */
  readonly selfSecret: Uint8Array;
  /** A user below `OU=People`, whom the rotator must not touch. */
  readonly person: string;
  /** What `openDriver` takes, accounts by name. */
  readonly config: ActiveDirectoryConfig;
  /** Changes the directory as its administrator: LDIF on ldbmodify's standard input. Tests look behind the driver's back. */
  readonly modify: (ldif: string) => void;
  /** Runs samba-tool on this domain, and returns what it says. */
  readonly tool: (...words: readonly string[]) => string;
  /** Puts the accounts into Domain Admins, through a group, and lets them change their own passwords at any time. */
  readonly makeDomainAdmins: () => void;
  /** Starts anew with `old password allowed period` at so many minutes. */
  readonly restart: (oldPasswordAllowed: number) => Promise<void>;
  /** Its files; `tls.key` and `tls.crt` among them. */
  readonly folder: string;
  /** Ends this domain controller, and only this one. Its folder stays. May be called twice. */
  readonly stop: () => Promise<void>;
}

const ACCOUNTS = ['breakglass-admin', 'breakglass-second'] as const;
const PERSON = 'alice';
/** Another process may take an address between the look and the start. */
const STARTS = 5;
/** Ports of a domain controller that listens for LDAP: itself and its global catalogue, each with and without TLS. */
const PORTS = [389, 636, 3268, 3269];

/**
 * Provisions a domain in `folder` (made if missing, must hold no other one) and starts its domain controller as a child
 * of this process: it ends with it. Resolves when it listens. Provisioning takes 10 s of a processor. Needs root.
 * @throws `systems.component-missing`, `systems.samba-failed`
 */
export async function startSamba({ folder }: { readonly folder: string }): Promise<Samba> {
  const programs = findPrograms();
  await mkdir(join(folder, 'run'), { recursive: true, mode: 0o700 });
  const conf = join(folder, 'smb.conf');
  const database = join(folder, 'private', 'sam.ldb');
  const modify = (ldif: string) => run(programs.ldbmodify, ['-H', database], ldif);
  const tool = (...words: readonly string[]) =>
    run(programs.sambaTool, [...words, '-H', database, '-s', conf]);

  const address = await freeAddress();
  const ca = await makeCertificate(folder, 'Halligan practice domain', address);
  await provision(programs, folder);
  await writeFile(conf, smbConf({ folder, address, oldPasswordAllowed: 0 }), { mode: 0o600 });
  const rotatorSecret = generatePassword();
  const emergency = ACCOUNTS.map(
    (name) => ({ name, ou: 'Emergency', password: generatePassword() }) as const,
  );
  const seeds = seedLdif([
    ...emergency,
    { name: PERSON, ou: 'People', password: generatePassword() },
    { name: 'rotator', ou: 'Services', password: rotatorSecret },
  ]);
  run(programs.ldbadd, ['-H', database], seeds);
  seeds.fill(0);
  for (const right of delegatedRights(
    sidOfRotator(run(programs.ldbsearch, [...['-H', database], ...['-b', rotatorDn, 'objectSid']])),
  ))
    tool('dsacl', 'set', `--objectdn=${emergencyBase}`, `--sddl=${right}`);

  let child = await startListening(programs.samba, conf, address);
  const url = `ldaps://${address}`;
  return {
    url,
    ca,
    base,
    rotatorSecret,
    accounts: ACCOUNTS,
    selfSecret: concat(
      ...[{ name: rotatorName, password: rotatorSecret }, ...emergency].flatMap(
        ({ name, password }) => [utf8(`${name}:`), password, utf8('\n')],
      ),
    ),
    person: PERSON,
    config: {
      driver: 'active-directory',
      url,
      ca,
      accounts: { by: 'name', domain: netbiosName, base: emergencyBase },
      rotation: 'standing',
      rotator: rotatorName,
      timeout: 30_000,
    },
    modify,
    tool,
    makeDomainAdmins: () => {
      modify(
        `dn: CN=Domain Admins,CN=Users,${base}\nchangetype: modify\nadd: member\nmember: ${operatorsDn}\n`,
      );
      tool('domain', 'passwordsettings', 'set', '--min-pwd-age=0');
    },
    restart: async (oldPasswordAllowed) => {
      await endChild(child);
      await writeFile(conf, smbConf({ folder, address, oldPasswordAllowed }), { mode: 0o600 });
      child = await startListening(programs.samba, conf, address);
    },
    folder,
    stop: () => endChild(child),
  };
}

/** The administrator's password is made up by samba-tool, and nobody gets to know it. */
async function provision({ sambaTool }: Programs, folder: string): Promise<void> {
  const start = join(folder, 'start.conf');
  await writeFile(start, '');
  run(sambaTool, [
    ...['domain', 'provision', '--quiet', '-s', start, `--targetdir=${folder}`],
    ...[`--realm=${realm}`, `--domain=${netbiosName}`, '--server-role=dc', '--dns-backend=NONE'],
    ...['--host-name=dc1', '--host-ip=127.0.0.1'],
    ...['--option=interfaces=lo', '--option=bind interfaces only=yes'],
  ]);
  await rm(start);
}

async function startListening(samba: string, conf: string, address: string): Promise<ChildProcess> {
  const child = spawn(samba, ['-s', conf, '-M', 'single', '-F', '--debug-stdout'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const keep = (chunk: Buffer) => {
    said = `${said}${chunk}`.slice(-2000);
  };
  child.on('error', (error) => keep(Buffer.from(error.message)));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  if (await listens(child, 636, address)) {
    endsWithUs(child);
    return child;
  }
  await endChild(child);
  throw failed(said);
}

/** An address of loopback where nobody listens on a domain controller's ports. */
async function freeAddress(): Promise<string> {
  for (let start = 1; start <= STARTS; start += 1) {
    const address = `127.${randomInt(1, 255)}.${randomInt(0, 255)}.${randomInt(1, 255)}`;
    if ((await Promise.all(PORTS.map((port) => isFree(address, port)))).every(Boolean))
      return address;
  }
  throw failed('No address of loopback is free.');
}

async function isFree(host: string, port: number): Promise<boolean> {
  const server = createServer().listen({ host, port });
  const [outcome] = await Promise.race([
    once(server, 'listening').then(() => [true]),
    once(server, 'error').then(() => [false]),
  ]);
  server.close();
  return outcome === true;
}

function sidOfRotator(found: string): string {
  const sid = /^objectSid: (S-1-[0-9-]+)$/m.exec(found)?.[1];
  if (sid === undefined) throw failed('The rotator has no SID.');
  return sid;
}

interface Programs {
  readonly samba: string;
  readonly sambaTool: string;
  readonly ldbadd: string;
  readonly ldbmodify: string;
  readonly ldbsearch: string;
}

function findPrograms(): Programs {
  if (process.getuid?.() !== 0)
    throw new HalliganError(
      'systems.component-missing',
      'A domain to practise on needs root: a domain controller’s ports are low.',
      'Run this as root.',
    );
  const found = {
    samba: findProgram('samba', 'samba'),
    sambaTool: findProgram('samba-tool', 'samba-common-bin'),
    ldbadd: findProgram('ldbadd', 'ldb-tools'),
    ldbmodify: findProgram('ldbmodify', 'ldb-tools'),
    ldbsearch: findProgram('ldbsearch', 'ldb-tools'),
  };
  if (!existsSync('/usr/share/samba/setup/provision.ldif'))
    throw componentMissing('the files to provision a domain from', 'samba-ad-provision');
  return found;
}

/** Runs a program that prepares something. What it says is kept for the error, its input is not. */
function run(
  program: string,
  parameters: readonly string[],
  input: string | Uint8Array = '',
): string {
  const done = spawnSync(program, parameters, { input, timeout: 300_000 });
  if (done.status === 0) return done.stdout.toString();
  throw failed(done.stderr?.toString().slice(-2000) ?? '');
}

function failed(said: string): HalliganError {
  return new HalliganError(
    'systems.samba-failed',
    'The domain to practise on could not be started.',
    'Look at what Samba said (the cause); it needs root, and a file system with extended attributes and ACLs.',
    { cause: said },
  );
}
