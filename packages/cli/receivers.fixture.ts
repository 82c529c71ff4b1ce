/** Those who get alerts and records: a mail server, a webhook's receiver, a syslog over TLS, and one that hangs. */
import { createServer as createHttp } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { createServer as createTls } from 'node:tls';
import type { TlsPair } from '@halligan/server';
import { SMTPServer } from 'smtp-server';

/** What came in, and a way to wait for what is to come. */
class Inbox<Got> {
  readonly got: Got[] = [];
  #waiting: (() => void)[] = [];

  take(one: Got): void {
    this.got.push(one);
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Resolves when something fits. */
  async until(fits: (one: Got) => boolean): Promise<Got> {
    for (;;) {
      const found = this.got.find(fits);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    }
  }
}

export interface Receiver<Got> {
  readonly port: number;
  readonly inbox: Inbox<Got>;
  readonly close: () => Promise<void>;
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Closes a server and whoever is connected to it. */
function closing(server: Server): () => Promise<void> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
}

export interface Mail {
  readonly to: readonly string[];
  readonly text: string;
}

export async function mailReceiver(): Promise<Receiver<Mail>> {
  const inbox = new Inbox<Mail>();
  const server = new SMTPServer({
    authOptional: true,
    disableReverseLookup: true,
    logger: false,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData: (stream, session, done) => {
      // A server that is killed sends half of a mail: that is none.
      text(stream).then((said) => {
        inbox.take({ to: session.envelope.rcptTo.map(({ address }) => address), text: said });
        done();
      }, done);
    },
  });
  server.on('error', () => undefined);
  const close = closing(server.server);
  return { port: await listening(server.server), inbox, close };
}

export interface Post {
  readonly id: string;
  /** Parsed. */
  readonly body: { readonly type?: string; readonly [member: string]: unknown };
}

/** @param answers whether it answers a post; one that it does not waits for ever */
export async function postReceiver(
  answers: (post: Post) => boolean = () => true,
): Promise<Receiver<Post>> {
  const inbox = new Inbox<Post>();
  const server = createHttp(async (request, response) => {
    const post = {
      id: String(request.headers['webhook-id']),
      body: JSON.parse(await text(request)),
    };
    inbox.take(post);
    if (answers(post)) response.writeHead(204).end();
  });
  const close = closing(server);
  return { port: await listening(server), inbox, close };
}

/** Each connection's frame, once it ended. */
export async function syslogReceiver(pair: TlsPair): Promise<Receiver<string>> {
  const inbox = new Inbox<string>();
  const server = createTls(pair, (socket) => {
    socket.on('error', () => undefined);
    void text(socket).then(
      (frame) => inbox.take(frame),
      () => undefined,
    );
  });
  server.on('tlsClientError', () => undefined);
  const close = closing(server);
  return { port: await listening(server), inbox, close };
}

/** Takes every connection, and says nothing. */
export async function hangingReceiver(): Promise<Receiver<Socket>> {
  const inbox = new Inbox<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    socket.resume();
    inbox.take(socket);
  });
  const close = closing(server);
  return { port: await listening(server), inbox, close };
}
