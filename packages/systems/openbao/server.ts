import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { HalliganError, type Json, utf8, utf8Text } from '@halligan/format';
import { z } from 'zod';
import { endChild, endsWithUs, listens } from '../child.ts';
import { freePort } from '../free-port.ts';
import { generatePassword } from '../generate-password.ts';
import { makeCertificate } from '../loopback-certificate.ts';
import type { VaultAnswer } from '../vault/exchange.ts';
import type { OpenbaoConfig } from './config.ts';
import { askVault, type VaultAddress } from './line.ts';
import { rotatorPolicy } from './policy.ts';
import { openbaoProgram } from './program.ts';

/** A real OpenBao on loopback, for drills and tests. */
export interface Openbao {
  readonly url: string;
  /** PEM of the certificate to trust. */
  readonly ca: string;
  readonly address: VaultAddress;
  /** The shares of its unseal key, two of three; none in dev mode. */
  readonly unsealKeys: readonly Uint8Array[];
  readonly rootToken: string;
  /** Names of the emergency accounts, in the userpass mount `break-glass`. */
  readonly accounts: readonly string[];
  /** The first account's password at the start. */
  readonly initialPassword: Uint8Array;
  /** The rotator's secret id. */
  readonly rotatorSecret: Uint8Array;
  readonly config: OpenbaoConfig;
  /** What it wrote down, a JSON line each. */
  readonly auditLog: string;
  /** As root, behind the driver's back. @throws `systems.openbao-failed` unless it was granted */
  readonly asRoot: (
    method: 'GET' | 'PUT' | 'LIST' | 'DELETE',
    path: string,
    body?: Json,
  ) => Promise<unknown>;
  /** Makes an AppRole, and the policy of the same name. */
  readonly appRole: (name: string, policy: string) => Promise<OpenbaoRole>;
  /** A token with these policies, for an hour. */
  readonly tokenFor: (policies: readonly string[]) => Promise<string>;
  /** Ends this server, and only this one. Its folder stays. May be called twice. */
  readonly stop: () => Promise<void>;
}

/** An AppRole: its role id and one secret id. */
export interface OpenbaoRole {
  readonly role: string;
  readonly secret: Uint8Array;
}

/** Milliseconds for one answer of a server that has just started on a loaded machine. */
const PATIENCE = 60_000;
const MOUNT = 'break-glass';
const ACCOUNTS = ['breakglass-admin', 'breakglass-second'] as const;

/**
 * Starts OpenBao in the folder, over TLS, with an audit file, a KV v2 engine at `secret/`, emergency accounts and the
 * rotator's AppRole. It ends with this process.
 * @param mode `shamir`: sealed at every start, an unseal key of three shares of which two open it; `dev`: in memory
 * @throws `systems.component-missing`, `systems.openbao-failed`
 */
export async function startOpenbao({
  folder,
  mode = 'shamir',
}: {
  readonly folder: string;
  readonly mode?: 'shamir' | 'dev';
}): Promise<Openbao> {
  const program = await openbaoProgram();
  await mkdir(join(folder, 'data'), { recursive: true, mode: 0o700 });
  const started = await (mode === 'dev' ? startDev : startShamir)(program, folder);
  const { address, rootToken } = started;
  const asRoot: Openbao['asRoot'] = async (method, path, body) =>
    granted(
      await askVault(address, {
        method,
        path,
        token: rootToken,
        ...(body === undefined ? {} : { body: utf8(JSON.stringify(body)) }),
        signal: AbortSignal.timeout(PATIENCE),
      }),
    );
  try {
    const initialPassword = generatePassword();
    const rotator = await furnish(asRoot, mode, initialPassword);
    return {
      url: address.url,
      ca: started.ca,
      address,
      unsealKeys: started.unsealKeys,
      rootToken,
      accounts: ACCOUNTS,
      initialPassword,
      rotatorSecret: rotator.secret,
      config: {
        driver: 'openbao',
        url: address.url,
        ca: started.ca,
        mount: MOUNT,
        rotator: { mount: 'approle', role: rotator.role },
        timeout: 30_000,
      },
      auditLog: join(folder, 'audit.log'),
      asRoot,
      appRole: (name, policy) => appRole(asRoot, name, policy),
      tokenFor: (policies) => tokenFor(asRoot, policies),
      stop: () => endChild(started.child),
    };
  } catch (error) {
    await endChild(started.child);
    throw error;
  }
}

interface Started {
  readonly child: ChildProcess;
  readonly address: VaultAddress;
  readonly ca: string;
  readonly rootToken: string;
  readonly unsealKeys: readonly Uint8Array[];
}

async function startShamir(program: string, folder: string): Promise<Started> {
  const ca = await makeCertificate(folder, 'Halligan practice vault');
  const [port, cluster] = [await freePort(), await freePort()];
  const conf = join(folder, 'openbao.hcl');
  await writeFile(
    conf,
    `listener "tcp" {
  address = "127.0.0.1:${port}"
  cluster_address = "127.0.0.1:${cluster}"
  tls_cert_file = ${JSON.stringify(join(folder, 'tls.crt'))}
  tls_key_file = ${JSON.stringify(join(folder, 'tls.key'))}
}
storage "raft" {
  path = ${JSON.stringify(join(folder, 'data'))}
  node_id = "one"
}
api_addr = "https://127.0.0.1:${port}"
cluster_addr = "https://127.0.0.1:${cluster}"
${audit(folder)}`,
    { mode: 0o600 },
  );
  const child = run(program, ['server', `-config=${conf}`]);
  child.stdout?.resume();
  try {
    if (!(await listens(child, port))) throw failed();
    const address = { url: `https://127.0.0.1:${port}`, ca, timeout: PATIENCE };
    const first = initialised.parse(await plain(address, 'sys/init', INIT));
    const unsealKeys = first.keys_base64.map((key) => utf8(key));
    for (const key of first.keys_base64.slice(0, 2)) await plain(address, 'sys/unseal', { key });
    await untilActive(address, first.root_token);
    return { child, address, ca, rootToken: first.root_token, unsealKeys };
  } catch (error) {
    await endChild(child);
    throw error;
  }
}

const INIT = { secret_shares: 3, secret_threshold: 2 };
const initialised = z.object({ keys_base64: z.array(z.string()), root_token: z.string() });

/** Dev mode makes its own certificate and says its root token once, on standard output. */
async function startDev(program: string, folder: string): Promise<Started> {
  const port = await freePort();
  const conf = join(folder, 'openbao.hcl');
  await writeFile(conf, audit(folder), { mode: 0o600 });
  const child = run(program, [
    ...['server', '-dev', '-dev-tls', `-dev-tls-cert-dir=${folder}`, '-dev-no-store-token'],
    ...[`-dev-listen-address=127.0.0.1:${port}`, `-config=${conf}`],
  ]);
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
  try {
    if (child.stdout === null) throw failed();
    for await (const line of createInterface({ input: child.stdout })) {
      const rootToken = /^Root Token: (\S+)$/.exec(line)?.[1];
      if (rootToken === undefined) continue;
      child.stdout.resume();
      const ca = await readFile(join(folder, 'vault-ca.pem'), 'utf8');
      const address = { url: `https://127.0.0.1:${port}`, ca, timeout: PATIENCE };
      await untilActive(address, rootToken);
      return { child, address, ca, rootToken, unsealKeys: [] };
    }
    throw failed();
  } catch (error) {
    await endChild(child);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function run(program: string, parameters: readonly string[]): ChildProcess {
  const child = spawn(program, parameters, { stdio: ['ignore', 'pipe', 'ignore'] });
  child.on('error', () => undefined);
  endsWithUs(child);
  return child;
}

function audit(folder: string): string {
  return `disable_mlock = true
audit "file" "main" {
  options {
    file_path = ${JSON.stringify(join(folder, 'audit.log'))}
  }
}
`;
}

/** After the unsealing, a server of one needs a moment to become the active one. @throws `systems.openbao-failed` */
export async function untilActive(address: VaultAddress, token: string): Promise<void> {
  const giveUp = performance.now() + PATIENCE;
  const signal = AbortSignal.timeout(PATIENCE);
  while (performance.now() < giveUp) {
    try {
      // It reads before it writes: what a token keeps for itself is written, and is in nobody's way.
      const body = utf8('{"awake":"yes"}');
      const path = 'cubbyhole/awake';
      const { status } = await askVault(address, { method: 'PUT', path, token, body, signal });
      if (status === 204) return;
    } catch {
      // Not yet.
    }
  }
  throw failed();
}

/** What an administrator sets up: see docs/systems/openbao.md. */
async function furnish(
  asRoot: Openbao['asRoot'],
  mode: 'shamir' | 'dev',
  initialPassword: Uint8Array,
): Promise<OpenbaoRole> {
  if (mode === 'shamir')
    await asRoot('PUT', 'sys/mounts/secret', { type: 'kv', options: { version: '2' } });
  await asRoot('PUT', `sys/auth/${MOUNT}`, { type: 'userpass' });
  await asRoot('PUT', 'sys/auth/approle', { type: 'approle' });
  await asRoot('PUT', 'sys/policies/acl/emergency', {
    policy: 'path "*" { capabilities = ["create", "read", "update", "delete", "list", "sudo"] }',
  });
  for (const [at, name] of ACCOUNTS.entries())
    await asRoot('PUT', `auth/${MOUNT}/users/${name}`, {
      password: utf8Text(at === 0 ? initialPassword : generatePassword()),
      token_policies: ['emergency'],
      token_ttl: '4h',
      token_explicit_max_ttl: '4h',
    });
  return appRole(asRoot, 'halligan-rotator', rotatorPolicy(MOUNT));
}

async function tokenFor(asRoot: Openbao['asRoot'], policies: readonly string[]): Promise<string> {
  const said = await asRoot('PUT', 'auth/token/create', { policies: [...policies], ttl: '1h' });
  return z.object({ auth: z.object({ client_token: z.string() }) }).parse(said).auth.client_token;
}

async function appRole(
  asRoot: Openbao['asRoot'],
  name: string,
  policy: string,
): Promise<OpenbaoRole> {
  await asRoot('PUT', `sys/policies/acl/${name}`, { policy });
  await asRoot('PUT', `auth/approle/role/${name}`, {
    token_policies: [name],
    token_ttl: '5m',
    token_max_ttl: '10m',
  });
  const role = z
    .object({ data: z.object({ role_id: z.string() }) })
    .parse(await asRoot('GET', `auth/approle/role/${name}/role-id`));
  const secret = z
    .object({ data: z.object({ secret_id: z.string() }) })
    .parse(await asRoot('PUT', `auth/approle/role/${name}/secret-id`, {}));
  return { role: role.data.role_id, secret: utf8(secret.data.secret_id) };
}

async function plain(address: VaultAddress, path: string, body: Json): Promise<unknown> {
  const signal = AbortSignal.timeout(PATIENCE);
  return granted(
    await askVault(address, { method: 'PUT', path, body: utf8(JSON.stringify(body)), signal }),
  );
}

function granted({ status, said }: VaultAnswer): unknown {
  if (status === 200 || status === 204) return said;
  throw failed();
}

function failed(): HalliganError {
  return new HalliganError(
    'systems.openbao-failed',
    'The vault to practise on could not be set up.',
    'An empty folder and another try often help.',
  );
}
