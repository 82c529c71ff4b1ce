import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HalliganError, utf8Text } from '@halligan/format';
import type { SmtpSink } from '../settings.ts';

/** Most bytes of a password's file. */
const LIMIT = 4096;

/**
 * A sink's password, read when it is needed and never kept: from a file that nobody else may read, or from systemd.
 * @throws `alert.secret`
 */
export async function readSecret(
  where: NonNullable<SmtpSink['login']>['password'],
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<string> {
  const path =
    'file' in where
      ? where.file
      : join(environment.CREDENTIALS_DIRECTORY ?? '/nonexistent', where.credential);
  try {
    const { mode, size } = await stat(path);
    // systemd hands its credentials over in a folder that only this service can enter.
    if ('file' in where && (mode & 0o077) !== 0)
      throw secretError(`${path} can be read by others`, `chmod 600 ${path}`);
    if (size > LIMIT) throw secretError(`${path} is no password`, 'Put the password alone in it.');
    return utf8Text(await readFile(path)).replace(/\r?\n$/, '');
  } catch (cause) {
    if (cause instanceof HalliganError) throw cause;
    throw secretError(`${path} cannot be read`, 'Check that it is there, and whose it is.', cause);
  }
}

function secretError(why: string, hint: string, cause?: unknown): HalliganError {
  return new HalliganError('alert.secret', `A sink’s password is missing: ${why}.`, hint, {
    cause,
  });
}
