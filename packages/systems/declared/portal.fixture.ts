/** A system with accounts behind HTTPS, as products have them: JSON, basic sign-in, tokens, its own words for refusals. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { makeCertificate } from '../loopback-certificate.ts';

export interface Portal {
  readonly url: string;
  readonly ca: string;
  /** The administrator's token. */
  readonly token: string;
  /** Every request line and header name that came in: where no secret may be. */
  readonly seen: string[];
  /** Sessions that were opened and not closed. */
  readonly sessions: Set<string>;
  /** Answers in place of the portal; undefined lets it answer. */
  interfere: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
  stop(): Promise<void>;
}

interface Kept {
  hash: Buffer;
  changed: string;
  status: 'ACTIVE' | 'LOCKED';
}

const hashed = (password: string) => createHash('sha256').update(password).digest();

export async function startPortal(folder: string, names: readonly string[]): Promise<Portal> {
  const ca = await makeCertificate(folder, 'Portal');
  const key = await readFile(join(folder, 'tls.key'));
  const token = randomBytes(16).toString('hex');
  const accounts = new Map<string, Kept>(
    names.map((name) => [
      name,
      { hash: hashed(''), changed: new Date().toISOString(), status: 'ACTIVE' },
    ]),
  );
  const sessions = new Set<string>();
  const server = createServer({ key, cert: ca }, (request, response) => {
    portal.seen.push(`${request.method} ${request.url} ${Object.keys(request.headers)}`);
    if (portal.interfere?.(request, response) === true) return;
    void answer(request).then(([status, body]) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });

  async function answer(request: IncomingMessage): Promise<readonly [number, unknown]> {
    const [, place = '', name = '', what = ''] = (request.url ?? '').split('/');
    const { authorization = '' } = request.headers;
    if (place === 'session' && request.method === 'DELETE')
      return sessions.delete(authorization.replace('Bearer ', '')) ? [204, {}] : [404, {}];
    if (place === 'session') {
      const [user = '', ...rest] = Buffer.from(authorization.replace('Basic ', ''), 'base64')
        .toString('utf8')
        .split(':');
      const kept = accounts.get(user);
      if (kept?.status === 'LOCKED') return [423, { error: 'locked' }];
      if (kept === undefined || !timingSafeEqual(kept.hash, hashed(rest.join(':'))))
        return [401, { error: 'no' }];
      const session = randomBytes(8).toString('hex');
      sessions.add(session);
      return [200, { token: session }];
    }
    if (authorization !== `Bearer ${token}`) return [403, { error: 'token' }];
    const kept = accounts.get(decodeURIComponent(name));
    if (kept === undefined) return [404, { error: 'unknown' }];
    if (request.method === 'GET')
      return [
        200,
        {
          login: name,
          status: kept.status,
          password: { changed: kept.changed, temporary: false },
          roles: ['owners', 'administrators'],
        },
      ];
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    const { value } = Object(body);
    if (what !== 'password' || typeof value !== 'string' || value.length < 4)
      return [422, { error: 'weak' }];
    kept.hash = hashed(value);
    kept.changed = new Date().toISOString();
    return [200, { ok: true }];
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = Object(server.address());
  const portal: Portal = {
    url: `https://127.0.0.1:${port}`,
    ca,
    token,
    seen: [],
    sessions,
    interfere: undefined,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return portal;
}
