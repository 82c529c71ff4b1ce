import { hostname } from 'node:os';
import { join } from 'node:path';
import { HalliganError, utf8, utf8Text } from '@halligan/format';
import { generateNoteKey, type NoteSigner, noteSigner } from '@halligan/tlog';
import { keepFile, keptFile } from '../key/kept-file.ts';

/**
 * What signs the machine's record, made where there is none; its public half lies beside it, in `record.pub`, for
 * `halligan machine add`.
 * @throws `tlog.key-syntax` where the file is damaged
 */
export async function recordSigner(folder: string): Promise<NoteSigner> {
  const [secret, open] = [join(folder, 'record.key'), join(folder, 'record.pub')];
  const kept = keptFile(secret);
  if (kept !== undefined) {
    const signer = await noteSigner(utf8Text(kept).trim());
    if (keptFile(open) === undefined) keepFile(open, utf8(`${signer.verifier}\n`));
    return signer;
  }
  const host = hostname().replace(/[^A-Za-z0-9.-]/g, '-');
  const { signer, verifier } = await generateNoteKey(`halligan-device/${host}`);
  keepFile(secret, utf8(`${signer}\n`));
  keepFile(open, utf8(`${verifier}\n`));
  return noteSigner(signer);
}

/** The key that this machine's record verifies under. @throws `device.record` where there is none */
export function recordKey(folder: string): string {
  const kept = keptFile(join(folder, 'record.pub'));
  if (kept !== undefined) return utf8Text(kept).trim();
  throw new HalliganError(
    'device.record',
    `There is no record in ${folder}.`,
    'The agent makes it when it first starts: systemctl start halligan-device.',
  );
}
