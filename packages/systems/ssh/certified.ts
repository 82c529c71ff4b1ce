import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HalliganError, hex } from '@halligan/format';
import {
  certificateLine,
  formatPrivateKey,
  generateSigningKey,
  parsePrivateKey,
  signCertificate,
} from '@halligan/statement';
import { componentMissing, findProgram } from '../component.ts';
import type { Proof } from '../driver.ts';
import type { SshConfig } from './config.ts';
import { type Ran, REFUSED, tooLate, unreachable, wrongHostKey } from './line.ts';
import { looksLikePrivateKey } from './private-key.ts';
import { expired } from './sign-in.ts';

/** Milliseconds that a certificate made for one connection is valid, before and after: clocks differ. */
const LENIENCE = 300_000;
const MOST_OUTPUT = 64 << 10;

/** Whether this secret signs in by what it certifies. A password that the account had before does not. */
export function certifies({ credential }: SshConfig, secret: Uint8Array): boolean {
  return credential === 'authority' && looksLikePrivateKey(secret);
}

/** Signs in with a certificate, and out. @throws as {@link runCertified}, and `systems.password-expired` */
export async function proveCertified(
  config: SshConfig,
  account: string,
  authority: Uint8Array,
): Promise<Proof> {
  const ran = await runCertified(config, account, authority, 'echo halligan-$((1+1))');
  if (ran === REFUSED) return 'rejected';
  if (/expired|Password change required/i.test(ran.out)) throw expired();
  return 'accepted';
}

/**
 * Certifies a key of a minute's life and runs a command with it. The authority's key stays in this process. `ssh2`
 * cannot sign in with certificates, so the stock `ssh` does, from a folder that holds the short-lived pair and is
 * deleted.
 * @param authority private key file of the authority
 * @returns `refused` where the host refused this sign-in, and only then
 * @throws `systems.component-missing`, `systems.host-key`, `systems.unreachable`, `systems.timeout`
 */
export async function runCertified(
  config: SshConfig,
  account: string,
  authority: Uint8Array,
  command: string,
): Promise<Ran | typeof REFUSED> {
  const folder = await mkdtemp(join(tmpdir(), 'halligan-certified-'));
  try {
    const pair = await shortLivedPair(account, authority);
    const { host, port, hostKeys } = config;
    const known = hostKeys.map((key) => `[${host}]:${port} ${key}\n${host} ${key}\n`).join('');
    await writeFile(join(folder, 'known'), known);
    await writeFile(join(folder, 'key'), pair.key, { mode: 0o600 });
    await writeFile(join(folder, 'key-cert.pub'), pair.certificate);
    return await sshProgram(config, account, folder, command);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function shortLivedPair(account: string, authority: Uint8Array) {
  const signer = await parsePrivateKey(authority);
  const key = await generateSigningKey();
  try {
    const now = Date.now();
    const certificate = await signCertificate(signer, {
      publicKey: key.publicKey,
      keyId: `halligan-proof-${hex(crypto.getRandomValues(new Uint8Array(4)))}`,
      serial: 0n,
      principals: [account],
      validAfter: new Date(now - LENIENCE).toISOString(),
      validBefore: new Date(now + LENIENCE).toISOString(),
    });
    return { key: formatPrivateKey(key), certificate: `${certificateLine(certificate)}\n` };
  } finally {
    signer.seed.fill(0);
    key.seed.fill(0);
  }
}

/** What stock ssh is told: our files and nothing of the user's own, no questions, no other key. */
function options(folder: string, { port, timeout }: SshConfig): readonly string[] {
  const settings = {
    BatchMode: 'yes',
    StrictHostKeyChecking: 'yes',
    UserKnownHostsFile: join(folder, 'known'),
    GlobalKnownHostsFile: 'none',
    UpdateHostKeys: 'no',
    IdentitiesOnly: 'yes',
    IdentityAgent: 'none',
    PreferredAuthentications: 'publickey',
    ConnectTimeout: String(Math.ceil(timeout / 1000)),
  };
  return [
    ...['-F', 'none', '-T', '-i', join(folder, 'key'), '-p', String(port)],
    ...Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
  ];
}

async function sshProgram(
  config: SshConfig,
  account: string,
  folder: string,
  command: string,
): Promise<Ran | typeof REFUSED> {
  const { host, timeout } = config;
  // A rotator has no environment, and so no PATH.
  const ssh = findProgram('ssh', 'openssh-client', ['/usr/bin', '/bin']);
  return new Promise((resolve, reject) => {
    const child = spawn(ssh, [...options(folder, config), '-l', account, '--', host, command], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { LC_ALL: 'C' },
    });
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, 2 * timeout);
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        if (said.length < MOST_OUTPUT) said += chunk.toString('utf8');
      });
    child.once('error', () => {
      clearTimeout(timer);
      reject(componentMissing('ssh', 'openssh-client'));
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      if (late) return reject(tooLate());
      if (code !== 255) return resolve({ exit: code ?? undefined, out: said });
      return settle(said, resolve, reject);
    });
  });
}

/** 255 is ssh's own word that it did not come to a session (ssh(1)). */
function settle(
  said: string,
  resolve: (refused: typeof REFUSED) => void,
  reject: (error: HalliganError) => void,
): void {
  if (/Host key verification failed|No .* host key is known/i.test(said)) reject(wrongHostKey());
  else if (/Permission denied \(/.test(said)) resolve(REFUSED);
  else reject(/timed out/i.test(said) ? tooLate() : unreachable());
}
