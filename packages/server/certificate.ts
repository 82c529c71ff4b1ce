import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { HalliganError, hex, sha256 } from '@halligan/format';

/** A TLS key and its certificate, both PEM. The key is a secret. */
export interface TlsPair {
  readonly key: string;
  readonly cert: string;
}

/**
 * Makes a TLS key (ECDSA P-256) and a certificate for it, signed by itself: no authority is needed to make it, nor
 * to trust it, because devices compare its {@link certificatePin}. RFC 5280, for the name, `localhost` and 127.0.0.1.
 * @param name a DNS name or an IP address
 * @throws `server.name`
 */
export async function makeCertificate(name: string, now = Date.now()): Promise<TlsPair> {
  requireHostName(name);
  // Made once in an organisation's life: no start waits for the library.
  const { signCertificate } = await import('./own-certificate.ts');
  return signCertificate(name, now);
}

/**
 * What devices pin: SHA-256 of the certificate, hexadecimal.
 * @throws `server.certificate`
 */
export function certificatePin(cert: string): string {
  return hex(sha256(parsed(cert).raw));
}

/**
 * Checks a key and certificate that somebody brought.
 * @throws `server.certificate` where they cannot be read, do not belong together, or are past their time
 */
export function requireUsable({ key, cert }: TlsPair, now = Date.now()): void {
  const certificate = parsed(cert);
  let belongs: boolean;
  try {
    belongs = certificate.checkPrivateKey(createPrivateKey(key));
  } catch {
    // The cause may quote the key: it is dropped on purpose.
    throw badCertificate('its key cannot be read');
  }
  if (!belongs) throw badCertificate('the key belongs to another certificate');
  if (Date.parse(certificate.validTo) <= now) throw badCertificate('it has expired');
}

/**
 * A name that people's devices can connect to.
 * @throws `server.name`
 */
export function requireHostName(name: string): void {
  const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;
  if (isIP(name) !== 0) return;
  if (name.length <= 253 && name.split('.').every((part) => label.test(part))) return;
  throw new HalliganError(
    'server.name',
    'This is no host name.',
    'Give a name such as halligan.example.org, without https:// and without a port, or an IP address.',
  );
}

function parsed(cert: string): X509Certificate {
  try {
    return new X509Certificate(cert);
  } catch (cause) {
    throw badCertificate('it is not a PEM certificate', cause);
  }
}

function badCertificate(why: string, cause?: unknown): HalliganError {
  return new HalliganError(
    'server.certificate',
    `This TLS certificate cannot be used: ${why}.`,
    'Give --tls-key and --tls-cert in PEM, or neither: then halligan init makes them.',
    { cause },
  );
}
