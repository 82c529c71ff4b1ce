import { HalliganError } from '@halligan/format';

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

/** Any address but loopback needs TLS. @throws `server.tls` */
export function requireTls(host: string, hasTls: boolean, hint: string): void {
  if (hasTls || LOOPBACK.has(host)) return;
  throw new HalliganError('server.tls', `Listening on ${host} needs TLS.`, hint);
}

/** Listens. @returns the URL @throws `server.address` */
export async function listen(
  app: { listen(at: { host: string; port: number }): Promise<string> },
  host: string,
  port: number,
): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (cause) {
    throw new HalliganError(
      'server.address',
      `This program cannot listen on ${host}:${port}.`,
      'Another program may have the port: choose another with --port.',
      { cause },
    );
  }
}
