import { spawnSync } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HalliganError } from '@halligan/format';
import { findProgram } from './component.ts';

/**
 * A key and a certificate that vouches for itself, for loopback and 30 days: `tls.key` (mode 0600) and `tls.crt` in the
 * folder.
 * @param name the certificate's common name
 * @param address an address of loopback that it names besides localhost
 * @returns the certificate, PEM
 * @throws `systems.component-missing`, `systems.certificate-failed`
 */
export async function makeCertificate(
  folder: string,
  name: string,
  address = '127.0.0.1',
): Promise<string> {
  const [key, certificate] = [join(folder, 'tls.key'), join(folder, 'tls.crt')];
  await rm(key, { force: true });
  await writeFile(key, '', { mode: 0o600 });
  const made = spawnSync(
    findProgram('openssl', 'openssl'),
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-days', '30', '-subj', `/CN=${name}`],
      ...['-addext', `subjectAltName=DNS:localhost,IP:${address}`],
      ...['-keyout', key, '-out', certificate],
    ],
    { timeout: 60_000 },
  );
  if (made.status === 0) return readFile(certificate, 'utf8');
  throw new HalliganError(
    'systems.certificate-failed',
    'The certificate of the system to practise on could not be made.',
    'Look at what openssl said (the cause).',
    { cause: made.stderr?.toString().slice(-2000) ?? '' },
  );
}
