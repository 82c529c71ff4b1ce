import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HalliganError } from '@halligan/format';
import { z } from 'zod';
import { Api } from './api.ts';

/** What a server says of itself on its own machine. */
export interface ServerStatus {
  readonly organisation: string;
  readonly home: string;
  readonly url: string;
  readonly entries: number;
}

/**
 * Asks the server of a data folder whether it is there, by its own certificate.
 * @throws `server.not-set-up`, `server.settings`, `cli.unreachable`, `cli.certificate`, `server.disk-failed`
 */
export async function serverStatus(root: string): Promise<ServerStatus> {
  // Loaded here alone, as the server is.
  const { certificatePin, readSettings, serverHome } = await import('@halligan/server');
  const home = serverHome(root);
  const { organisation, host, port, tls } = await readSettings(home);
  const here = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  const url = new URL(
    `${tls ? 'https' : 'http'}://${here.includes(':') ? `[${here}]` : here}:${port}`,
  );
  const pin = tls ? certificatePin(await readFile(join(home.keys, 'tls.crt'), 'utf8')) : null;
  const { entries, writable } = z
    .object({ entries: z.int(), writable: z.boolean() })
    .parse(await new Api(url.origin, pin).get('/healthz'));
  if (!writable)
    throw new HalliganError(
      'server.disk-failed',
      'The server answers, and its disk does not take writes: nothing is recorded.',
      'See the system’s log (dmesg); mount the disk anew, and start the server again. In an emergency, work from a kit.',
    );
  return { organisation, home: root, url: url.origin, entries };
}
