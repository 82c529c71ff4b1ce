import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { HalliganError } from '@halligan/format';
import { certificatePin, readSettings, serverHome } from '@halligan/server';

/** What people need in order to join: an address that works without the corporate DNS, and a pin. */
export interface Invitation {
  readonly organisation: string;
  readonly url: string;
  /** SHA-256 of the server's certificate, hexadecimal; null where it has no TLS. */
  readonly pin: string | null;
  /** For the person who hands it out. */
  readonly lines: readonly string[];
}

/** The invitation to a server whose organisation is founded. @throws `server.not-set-up`, `server.certificate` */
export async function invitationTo(root: string): Promise<Invitation> {
  const home = serverHome(root);
  const { organisation, name, host, port, tls } = await readSettings(home);
  const pin = tls ? certificatePin(await readCertificate(join(home.keys, 'tls.crt'))) : null;
  const written = isIP(name) === 6 ? `[${name}]` : name;
  const url = `${tls ? 'https' : 'http'}://${written}:${port}`;
  const pinned = pin === null ? '' : ` --pin ${pin}`;
  return {
    organisation,
    url,
    pin,
    lines: [
      'People join, each on their own device, with:',
      `  halligan join ${url} --org ${organisation} --id THEIR-ID${pinned}`,
      ...hostsLines(name, host),
    ],
  };
}

/** A line for every device's hosts file: in an emergency the corporate DNS may be what is down. */
function hostsLines(name: string, host: string): readonly string[] {
  if (isIP(name) !== 0) return [];
  const addresses = isIP(host) === 0 || /^(0\.0\.0\.0|::)$/.test(host) ? ownAddresses() : [host];
  return [
    'The name must not need the corporate DNS. In the hosts file of each device:',
    ...addresses.map((address) => `  ${address} ${name}`),
  ];
}

function ownAddresses(): readonly string[] {
  const all = Object.values(networkInterfaces()).flatMap((one) => one ?? []);
  const outside = all.filter(({ internal, family }) => !internal && family === 'IPv4');
  return outside.length > 0 ? outside.map(({ address }) => address) : ['ADDRESS-OF-THIS-SERVER'];
}

async function readCertificate(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new HalliganError(
      'server.certificate',
      'The server’s certificate cannot be read.',
      'Restore keys/tls.crt and keys/tls.key from a backup.',
      { cause },
    );
  }
}
