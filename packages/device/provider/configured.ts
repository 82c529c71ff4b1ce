import { X509Certificate } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { HalliganError } from '@halligan/format';
import type { ProviderSettings } from '../configuration/provider.ts';
import type { Provider } from './provider.ts';

/**
 * The provider that is configured. What speaks to one kind is loaded for that kind alone.
 * @throws `device.no-provider`, `device.config`
 */
export async function configuredProvider(
  settings: ProviderSettings | undefined,
): Promise<Provider> {
  const known = requireProvider(settings);
  switch (known.kind) {
    case 'ldap': {
      const { ldapProvider } = await import('./ldap.ts');
      const { url, bind, users, caFile } = known;
      return ldapProvider({ url, bind, kind: users, ca: authority(caFile) });
    }
    case 'openid': {
      const { openidProvider } = await import('./openid.ts');
      const clientSecret = secretIn(known.clientSecretFile);
      const ca = authority(known.caFile);
      return openidProvider({ ...known, kind: known.users, ca, clientSecret });
    }
    case 'entra': {
      const { entraProvider } = await import('./entra.ts');
      return entraProvider({ ...known, kind: known.users, ca: authority(known.caFile) });
    }
  }
}

/**
 * That somebody can be asked at all: no provider is no outage.
 * @throws `device.no-provider`
 */
export function requireProvider(settings: ProviderSettings | undefined): ProviderSettings {
  if (settings !== undefined) return settings;
  throw new HalliganError(
    'device.no-provider',
    'No provider is configured: nobody could sign in online, and nobody offline afterwards.',
    'Write a section [provider] into /etc/halligan/device.conf: docs/guides/offline-sign-in-providers.md.',
  );
}

/**
 * A client's secret: the one line of a file that its owner, who is root or runs this, alone reads.
 * @throws `device.config`, without what is in it
 */
function secretIn(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  const hint = 'One line, and chown root, chmod 0600.';
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    const { mode, uid } = fstatSync(descriptor);
    const isOwn = uid === 0 || uid === process.getuid?.();
    if (!isOwn || (mode & 0o077) !== 0)
      throw new HalliganError(
        'device.config',
        `Others than root may read or change ${file}.`,
        hint,
      );
    const text = readFileSync(descriptor, 'utf8').replace(/\r?\n$/, '');
    if (/^[\x20-\x7e]{1,1024}$/.test(text)) return text;
    throw new HalliganError('device.config', `${file} holds no client's secret.`, hint);
  } catch (cause) {
    if (cause instanceof HalliganError) throw cause;
    throw new HalliganError('device.config', `${file} cannot be read.`, hint, { cause });
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/**
 * The authority in a file, PEM. @throws `device.config` where it is no certificate: others would be trusted in its place
 */
export function authority(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    const text = readFileSync(file, 'utf8');
    new X509Certificate(text);
    return text;
  } catch (cause) {
    throw new HalliganError(
      'device.config',
      `${file} cannot be read, or holds no certificate.`,
      'ca names the file of the authority to trust, in PEM.',
      { cause },
    );
  }
}
