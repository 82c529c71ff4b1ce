import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { base64, fromBase64, HalliganError } from '@halligan/format';

/** A FIDO2 key that somebody has enrolled: what is on the disk is public. */
export interface SecurityKey {
  /** What they call it. */
  readonly name: string;
  /** The credential's id: the key finds its private half by it. */
  readonly credential: Uint8Array;
  /** PEM. */
  readonly publicKey: string;
  readonly type: 'es256' | 'eddsa' | 'rs256';
  /** Of the assertion that was taken last; 0 where the key has no counter. */
  readonly counter: number;
}

/** The programs of libfido2. */
export interface KeyTools {
  readonly assert: string;
  readonly token: string;
}

export const KEY_TOOLS: KeyTools = { assert: 'fido2-assert', token: 'fido2-token' };

/** Whom the keys know: this program, on whatever machine. A credential is enrolled for one machine alone. */
export const RELYING_PARTY = 'halligan-device';

/** Milliseconds for a key to be touched. */
const PATIENCE = 60_000;

/** Where keys are attached to this machine; none where libfido2's programs are not there. */
export async function attachedKeys({ token }: KeyTools): Promise<readonly string[]> {
  const { out } = await run(token, ['-L']);
  return out.split('\n').flatMap((line) => /^(\/dev\/[^\s:]+):/.exec(line)?.[1] ?? []);
}

/**
 * Has an attached key sign a challenge, touched, and unlocked by its PIN.
 * @param challenge 32 fresh random bytes
 * @param pin as it was typed: it goes to the program's standard input, never into its arguments
 * @returns what the program printed, to be verified; undefined where it has not signed
 */
export async function askKey(
  { assert }: KeyTools,
  device: string,
  { credential }: SecurityKey,
  challenge: Uint8Array,
  pin: Uint8Array,
): Promise<string | undefined> {
  return inFolder(async (folder) => {
    const input = join(folder, 'input');
    await writeFile(input, lines(base64(challenge), RELYING_PARTY, base64(credential)));
    // Whether it is this key at all, without a touch: a PIN that is tried on others is soon locked.
    const isIt = await run(assert, ['-G', '-t', 'up=false', '-i', input, device]);
    if (isIt.code !== 0) return undefined;
    const signed = await run(assert, ['-G', '-v', '-p', '-i', input, device], pin);
    return signed.code === 0 ? signed.out : undefined;
  });
}

/**
 * Verifies what a key signed, by the public key that is kept: touched, its person verified, for this challenge and no other.
 * @param printed four lines: hash, relying party, authenticator data, signature; whoever prints may be lying
 * @returns the key's counter; undefined where the assertion is none
 */
export async function verifyAssertion(
  { assert }: KeyTools,
  { publicKey, type }: SecurityKey,
  challenge: Uint8Array,
  printed: string,
): Promise<number | undefined> {
  const [, , data = '', signature = ''] = printed.split('\n');
  const counter = counterOf(data);
  if (counter === undefined || !/^[A-Za-z0-9+/]+=*$/.test(signature)) return undefined;
  return inFolder(async (folder) => {
    const [input, key] = [join(folder, 'input'), join(folder, 'key')];
    await writeFile(input, lines(base64(challenge), RELYING_PARTY, data, signature));
    await writeFile(key, publicKey);
    const { code } = await run(assert, ['-V', '-p', '-v', '-i', input, key, type]);
    return code === 0 ? counter : undefined;
  });
}

/** Whether a counter is of a later assertion than the last. Keys without a counter always say 0 (WebAuthn section 6.1.1). */
export function isLater({ counter: last }: SecurityKey, counter: number): boolean {
  return counter > last || (counter === 0 && last === 0);
}

/**
 * Reads what `fido2-cred -V` printed: the credential's id, then its public key in PEM.
 * @throws `device.credential`
 */
export function readCredential(printed: string): Pick<SecurityKey, 'credential' | 'publicKey'> {
  const [, id = '', publicKey = ''] =
    /^([A-Za-z0-9+/]+=*)\n(-----BEGIN PUBLIC KEY-----\n[A-Za-z0-9+/=\n]+-----END PUBLIC KEY-----)\s*$/.exec(
      printed,
    ) ?? [];
  if (id !== '' && id.length <= 2048 && id.length % 4 === 0)
    return { credential: fromBase64(id), publicKey: `${publicKey}\n` };
  throw new HalliganError(
    'device.credential',
    'This is no credential of a security key.',
    'Write what fido2-cred -V prints into the file: the credential’s id, then its public key.',
  );
}

/** The counter in authenticator data (WebAuthn section 6.1), which is a CBOR byte string, in base64. */
function counterOf(data: string): number | undefined {
  if (!/^[A-Za-z0-9+/]+=*$/.test(data)) return undefined;
  const bytes = Buffer.from(data, 'base64');
  const head = bytes[0] === 0x58 ? 2 : bytes[0] === 0x59 ? 3 : undefined;
  if (head === undefined || bytes.length < head + 37) return undefined;
  return bytes.readUInt32BE(head + 33);
}

function lines(...all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'halligan-key-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Without a terminal of its own, so that a PIN is read from standard input. @returns code 127 where there is no such program */
async function run(
  program: string,
  args: readonly string[],
  secret?: Uint8Array,
): Promise<{ readonly code: number; readonly out: string }> {
  const child: ChildProcess = spawn(program, args, {
    ...{ detached: true, timeout: PATIENCE },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = new Promise<number>((resolve) => {
    child.once('error', () => resolve(127));
    child.once('close', (code) => resolve(code ?? 1));
  });
  child.stdin?.on('error', () => undefined);
  if (secret !== undefined) {
    child.stdin?.write(secret);
    child.stdin?.write('\n');
  }
  child.stdin?.end();
  const out = child.stdout === null ? '' : await text(child.stdout).catch(() => '');
  return { code: await ended, out };
}
