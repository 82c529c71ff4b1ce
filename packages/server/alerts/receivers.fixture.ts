import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTls } from 'node:tls';
import { SMTPServer } from 'smtp-server';
import { makeCertificate } from '../certificate.ts';
import type { Alert } from './alert.ts';

export const SAMPLE: Alert = {
  v: 'halligan/alert/v1',
  id: '01890a5d-ac96-774b-bcce-b302099a8057',
  source: 'localhost/contoso',
  type: 'emergency.declared',
  timestamp: '2030-03-01T10:00:00.000Z',
  severity: 'critical',
  title: 'EMERGENCY admin-1 (directory): ana declared an emergency',
  next: 'halligan emergency show abababababab',
  data: { emergency: 'ab'.repeat(32), account: 'admin-1', drill: false, people: ['ana', 'ben'] },
};

/** A folder with a certificate for localhost that is its own authority. */
export async function authority(name = 'localhost'): Promise<{
  readonly folder: string;
  readonly ca: string;
  readonly pair: { readonly key: string; readonly cert: string };
  readonly remove: () => Promise<void>;
}> {
  const folder = await mkdtemp(join(tmpdir(), 'halligan-alerts-'));
  const pair = await makeCertificate(name);
  const ca = join(folder, 'ca.pem');
  await writeFile(ca, pair.cert);
  return {
    folder,
    ca,
    pair,
    remove: () => rm(folder, { recursive: true }),
  };
}

async function listening(server: { listen: Server['listen']; address: Server['address'] }) {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Something that listens, and what it got. */
export interface Receiver<Got> {
  readonly port: number;
  readonly got: readonly Got[];
  /** Resolves with everything it got once that is so many. */
  readonly until: (count: number) => Promise<readonly Got[]>;
  readonly close: () => Promise<void>;
}

class Inbox<Got> {
  readonly got: Got[] = [];
  #waiting: (() => void)[] = [];

  readonly push = (one: Got): void => {
    this.got.push(one);
    for (const wake of this.#waiting.splice(0)) wake();
  };

  readonly until = async (count: number): Promise<readonly Got[]> => {
    while (this.got.length < count)
      await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    return this.got;
  };
}

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly secure: boolean;
  readonly user: string | undefined;
  readonly text: string;
}

/** A real mail server. @param options as `smtp-server` takes them */
export async function mailServer(
  options: ConstructorParameters<typeof SMTPServer>[0],
): Promise<Receiver<Mail>> {
  const inbox = new Inbox<Mail>();
  const server = new SMTPServer({
    authOptional: true,
    disableReverseLookup: true,
    logger: false,
    ...options,
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        inbox.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          secure: session.secure,
          user: session.user === undefined ? undefined : String(session.user),
          text: Buffer.concat(chunks).toString('utf8'),
        });
        done();
      });
    },
  });
  server.on('error', () => undefined);
  const port = await listening(server.server);
  return {
    port,
    got: inbox.got,
    until: inbox.until,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

export interface Post {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A real receiver of webhooks. @param answer what it does with each, by its number from 0 */
export async function webhookReceiver(
  answer: (number: number, response: ServerResponse) => void = (_number, response) =>
    response.writeHead(204).end(),
): Promise<Receiver<Post>> {
  const inbox = new Inbox<Post>();
  const server = createHttp(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    inbox.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
    answer(inbox.got.length - 1, response);
  });
  const port = await listening(server);
  return {
    port,
    got: inbox.got,
    until: inbox.until,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A real receiver of syslog over TCP, or TLS: what each connection brought until its end. */
export async function syslogReceiver(
  tls?: { readonly key: string; readonly cert: string },
  behave: (socket: Socket) => void = () => undefined,
): Promise<Receiver<string>> {
  const inbox = new Inbox<string>();
  const take = (socket: Socket) => {
    const chunks: Buffer[] = [];
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('end', () => inbox.push(Buffer.concat(chunks).toString('utf8')));
    behave(socket);
  };
  const server = tls === undefined ? createServer(take) : createTls(tls, take);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => undefined);
  const port = await listening(server);
  return {
    port,
    got: inbox.got,
    until: inbox.until,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Something that accepts connections and then behaves badly. */
export async function badServer(behave: (socket: Socket) => void): Promise<Receiver<string>> {
  return syslogReceiver(undefined, behave);
}
