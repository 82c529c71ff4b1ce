/**
 * A Connect server as 1Password documents it (OpenAPI 1.7.1, its own repository’s specification): vaults, items, activity,
 * health, bearer tokens with a scope, its error bodies. Not the real service: nothing of 1Password can be had for tests.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { z } from 'zod';
import { makeCertificate } from '../loopback-certificate.ts';

const Body = z.looseObject({
  title: z.string(),
  category: z.string(),
  vault: z.object({ id: z.string() }),
  fields: z.array(z.looseObject({ label: z.string(), value: z.string() })),
});

export interface ConnectItem extends z.infer<typeof Body> {
  id: string;
  version: number;
  state?: string;
}

export interface ConnectVault {
  readonly id: string;
  name: string;
  type: string;
  readonly items: ConnectItem[];
}

export interface Connect {
  readonly url: string;
  readonly ca: string;
  /** Sees every vault. */
  readonly token: string;
  readonly vaults: ConnectVault[];
  /** Every request line and header name that came in: where no secret may be. */
  readonly seen: string[];
  /** What its sync container is said to be. */
  sync: string;
  /** Whether the token may write. */
  mayWrite: boolean;
  /** Answers in place of the server; undefined lets it answer. */
  interfere: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
  stop(): Promise<void>;
}

/** Its ids: 26 of digits and small letters. */
let made = 0;
export function connectId(): string {
  made += 1;
  return `${made}`.padStart(26, 'a');
}

export function vaultNamed(name: string, type = 'USER_CREATED'): ConnectVault {
  return { id: connectId(), name, type, items: [] };
}

export async function startConnect(folder: string): Promise<Connect> {
  const ca = await makeCertificate(folder, 'Connect');
  const key = await readFile(join(folder, 'tls.key'));
  const token = `eyJhbGciOiJFUzI1NiJ9.${randomUUID()}.sig`;
  const activity: unknown[] = [];
  const server = createServer({ key, cert: ca }, (request, response) => {
    connect.seen.push(`${request.method} ${request.url} ${Object.keys(request.headers)}`);
    if (connect.interfere?.(request, response) === true) return;
    void answer(request).then(([status, body]) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  const refused = (status: number, message: string) => [status, { status, message }] as const;
  const note = (action: string, vault: string, item?: string) =>
    activity.unshift({
      requestId: randomUUID(),
      timestamp: new Date().toISOString(),
      action,
      result: 'SUCCESS',
      actor: { id: randomUUID(), account: 'CONTOSO', jti: 'j', userAgent: '', requestIp: '' },
      resource: {
        type: item === undefined ? 'VAULT' : 'ITEM',
        vault: { id: vault },
        ...(item === undefined ? {} : { item: { id: item } }),
      },
    });

  async function answer(request: IncomingMessage): Promise<readonly [number, unknown]> {
    const url = new URL(request.url ?? '/', 'https://connect.invalid');
    const [, v1, place, vaultId = '', what, itemId] = url.pathname.split('/');
    if (url.pathname === '/health')
      return [
        200,
        {
          name: '1Password Connect API',
          version: '1.7.3',
          dependencies: [
            { service: 'sync', status: connect.sync },
            { service: 'sqlite', status: 'ACTIVE', message: 'Connected to ./1password.sqlite' },
          ],
        },
      ];
    if (request.headers.authorization !== `Bearer ${token}`)
      return refused(401, 'Invalid token signature');
    if (v1 !== 'v1') return refused(404, 'not found');
    if (place === 'activity') return [200, activity.slice(0, 50)];
    if (vaultId === '') {
      return [
        200,
        connect.vaults.map(({ items, ...vault }) => ({ ...vault, items: items.length })),
      ];
    }
    const vault = connect.vaults.find(({ id }) => id === vaultId);
    if (vault === undefined || what !== 'items') return refused(403, 'vault is not in scope');
    const summary = ({ fields, ...item }: ConnectItem) => item;
    if (request.method === 'GET' && itemId === undefined) {
      const title = /^title eq "(.*)"$/.exec(url.searchParams.get('filter') ?? '')?.[1];
      return [
        200,
        vault.items.filter((one) => title === undefined || one.title === title).map(summary),
      ];
    }
    const item = vault.items.find(({ id }) => id === itemId);
    if (request.method === 'GET') {
      if (item === undefined) return refused(404, 'item not found');
      note('READ', vault.id, item.id);
      return [200, item];
    }
    if (!connect.mayWrite) return refused(403, 'token does not have permission to perform this');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Body.safeParse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
    if (!body.success) return refused(400, 'Invalid item category');
    if (request.method === 'PUT') {
      if (item === undefined) return refused(404, 'item not found');
      Object.assign(item, body.data, { id: item.id, version: item.version + 1 });
      note('UPDATE', vault.id, item.id);
      return [200, item];
    }
    const fresh = { ...body.data, id: connectId(), version: 1 };
    vault.items.push(fresh);
    note('CREATE', vault.id, fresh.id);
    return [200, fresh];
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = Object(server.address());
  const connect: Connect = {
    url: `https://127.0.0.1:${port}`,
    ca,
    token,
    vaults: [vaultNamed('Break-Glass')],
    seen: [],
    sync: 'ACTIVE',
    mayWrite: true,
    interfere: undefined,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return connect;
}
