import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { base64, concat, fromBase64, HalliganError, utf8, utf8Text } from '@halligan/format';
import { z } from 'zod';
import type { Sealer } from './machine-key.ts';

/** A TPM, as its own machine reaches it. */
export interface Tpm extends Sealer {
  /** A counter that nothing sets back. @throws `device.tpm` */
  counter(): Promise<number>;
  /** @throws `device.tpm` */
  increment(): Promise<void>;
}

/** Where the kernel shows a TPM, with a resource manager before it. */
const DEVICE = '/dev/tpmrm0';
/** An NV index of the owner's own (TCG registry: 0x01800000 to 0x01bfffff). */
const COUNTER = '0x01a48614';
const ATTRIBUTES = 'nt=counter|ownerread|ownerwrite|authread|authwrite';
/** Milliseconds that a TPM may think: slow ones make a key in seconds. */
const PATIENCE = 60_000;

const sealedSchema = z.strictObject({
  v: z.literal('halligan/tpm-sealed/v1'),
  public: z.base64(),
  private: z.base64(),
});

/**
 * The machine's TPM, through tpm2-tools; undefined where there is none.
 * @param environment names another one in TPM2TOOLS_TCTI
 * @param scratch a folder of root's own for what the tools write: no secret is ever among it
 */
export function tpmOf(environment: NodeJS.ProcessEnv, scratch: string): Tpm | undefined {
  const { TPM2TOOLS_TCTI: named } = environment;
  if (named === undefined && !existsSync(DEVICE)) return undefined;
  const tcti = named ?? `device:${DEVICE}`;
  const tool = (name: string, parameters: readonly string[], input?: Uint8Array) =>
    toolOf(name, parameters, { PATH: environment.PATH, TPM2TOOLS_TCTI: tcti }, input);
  /** Without a resource manager objects stay in the TPM's few places; what goes on lies in a context by then. */
  const flush = () => tool('tpm2_flushcontext', ['-t']).catch(() => undefined);
  /** Works under a primary key that the TPM derives anew from what never leaves it. */
  const under = async <T>(work: (folder: string, primary: string) => Promise<T>): Promise<T> => {
    const folder = mkdtempSync(join(scratch, 'tpm-'));
    const primary = join(folder, 'primary');
    try {
      await tool('tpm2_createprimary', ['-Q', '-C', 'o', '-G', 'ecc', '-c', primary]);
      await flush();
      return await work(folder, primary);
    } finally {
      await flush();
      rmSync(folder, { recursive: true, force: true });
    }
  };
  return {
    seal: (secret) =>
      under(async (folder, primary) => {
        const [open, closed] = [join(folder, 'public'), join(folder, 'private')];
        await tool(
          'tpm2_create',
          ['-Q', '-C', primary, '-u', open, '-r', closed, '-i', '-'],
          secret,
        );
        return utf8(
          JSON.stringify({
            v: 'halligan/tpm-sealed/v1',
            public: base64(new Uint8Array(readFileSync(open))),
            private: base64(new Uint8Array(readFileSync(closed))),
          }),
        );
      }),
    unseal: (sealed) =>
      under(async (folder, primary) => {
        const [open, closed, key] = ['public', 'private', 'key'].map((name) => join(folder, name));
        const parts = partsOf(sealed);
        writeFileSync(open ?? '', parts.open, { mode: 0o600 });
        writeFileSync(closed ?? '', parts.closed, { mode: 0o600 });
        await tool('tpm2_load', [
          ...['-Q', '-C', primary, '-u', open ?? '', '-r', closed ?? '', '-c', key ?? ''],
        ]);
        await flush();
        return tool('tpm2_unseal', ['-c', key ?? '']);
      }),
    counter: async () => {
      const read = () => tool('tpm2_nvread', ['-C', 'o', '-s', '8', COUNTER]);
      try {
        return countOf(await read());
      } catch {
        // Not there yet, or never incremented: it can be read only afterwards.
        await tool('tpm2_nvdefine', ['-Q', '-C', 'o', '-a', ATTRIBUTES, COUNTER]).catch(
          () => undefined,
        );
        await tool('tpm2_nvincrement', ['-Q', '-C', 'o', COUNTER]);
        return countOf(await read());
      }
    },
    increment: async () => {
      await tool('tpm2_nvincrement', ['-Q', '-C', 'o', COUNTER]);
    },
  };
}

function countOf(bytes: Uint8Array): number {
  if (bytes.length !== 8) throw tpmError('its counter has another size');
  return Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0));
}

function partsOf(sealed: Uint8Array): { readonly open: Uint8Array; readonly closed: Uint8Array } {
  try {
    const parts = sealedSchema.parse(JSON.parse(utf8Text(sealed)));
    return { open: fromBase64(parts.public), closed: fromBase64(parts.private) };
  } catch (cause) {
    throw tpmError('what is sealed to it is damaged', cause);
  }
}

/**
 * Runs a tool. What is secret goes in and comes out through pipes, never as a parameter or a file.
 * @throws `device.tpm`, without a word of what the tool said
 */
function toolOf(
  name: string,
  parameters: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  input: Uint8Array = new Uint8Array(0),
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const child = spawn(name, parameters, {
      env: environment,
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: PATIENCE,
    });
    const pieces: Uint8Array[] = [];
    child.once('error', (cause) => reject(tpmError(`${name} cannot be run`, cause)));
    child.stdout.on('data', (piece: Buffer) => pieces.push(new Uint8Array(piece)));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    child.once('close', (code) => {
      if (code === 0) resolve(concat(...pieces));
      else reject(tpmError(`${name} ended with ${code ?? 'a signal'}`));
    });
  });
}

function tpmError(what: string, cause?: unknown): HalliganError {
  return new HalliganError(
    'device.tpm',
    `The TPM of this machine does not do what it is asked: ${what}.`,
    'Look whether tpm2-tools are installed, and what tpm2_getcap properties-fixed says. A key that is sealed to a TPM which was cleared is lost: move machine.sealed and device.db away, and people sign in online once more.',
    { cause },
  );
}
