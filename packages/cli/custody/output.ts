import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { open, rm, stat } from 'node:fs/promises';
import { HalliganError } from '@halligan/format';

/**
 * Hands a sheet to a printing program on its standard input: what is secret is in no argument, no environment and no
 * file of ours. The print system spools it; the guide says how to keep that on this machine.
 * @param program such as `lp`
 * @throws `cli.printer`
 */
export async function toPrinter(
  program: string,
  argv: readonly string[],
  sheet: Uint8Array,
): Promise<void> {
  const failed = (cause?: unknown) =>
    new HalliganError(
      'cli.printer',
      `${program} did not take the sheet.`,
      'Check the printer (lpstat -p), or write a file: --pdf FILE.',
      { cause },
    );
  await new Promise<void>((resolve, reject) => {
    const child = spawn(program, [...argv], { stdio: ['pipe', 'ignore', 'ignore'] });
    child.once('error', (cause) => reject(failed(cause)));
    child.once('close', (code) => (code === 0 ? resolve() : reject(failed())));
    // A program that reads nothing closes its end; its exit code says what happened.
    child.stdin.on('error', () => undefined);
    child.stdin.end(Buffer.from(sheet));
  });
}

/**
 * Overwrites a file and removes it. On a plain disk that destroys it; journals, snapshots, copy-on-write and flash may
 * keep what was there, and the guide says so. A file that is gone already is fine.
 * @throws `cli.file`
 */
export async function wipe(path: string): Promise<void> {
  try {
    const { size } = await stat(path);
    const file = await open(path, 'r+');
    try {
      for (let at = 0; at < size; at += 65_536)
        await file.write(randomBytes(Math.min(65_536, size - at)), 0, undefined, at);
      await file.sync();
    } finally {
      await file.close();
    }
    await rm(path);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return;
    throw new HalliganError(
      'cli.file',
      `${path} could not be destroyed.`,
      'Destroy it by hand: shred -u, or the disk.',
      { cause },
    );
  }
}
