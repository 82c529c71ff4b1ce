import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';

const contexts = new Map<string | undefined, SecureContext>();

/**
 * Whose certificates are believed; TLS 1.2 and newer. Made once: reading what a machine trusts takes a tenth of a second.
 * @param ca PEM of the authority; undefined for those that the machine trusts
 */
export function trusted(ca: string | undefined): SecureContext {
  const known = contexts.get(ca);
  if (known !== undefined) return known;
  const made = createSecureContext({
    ca: ca ?? getCACertificates('system'),
    minVersion: 'TLSv1.2',
  });
  contexts.set(ca, made);
  return made;
}
