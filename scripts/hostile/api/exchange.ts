import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';

/** A request as it is sent. */
export interface Sent {
  readonly method: string;
  /** As it stands in the request line. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

/** What came back. */
export interface Answered {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly bytes: Buffer;
}

/** Longest that an answer may take, milliseconds: the rotator's processes on a loaded machine. */
const PATIENCE = 300_000;

/** One connection, kept; a stream is let go once it speaks. */
export class Line {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 4 });
  readonly #url: URL;

  constructor(url: string) {
    this.#url = new URL(url);
  }

  /** @throws where no answer came: the server closed, or fell silent */
  send({ method, target, headers, body }: Sent): Promise<Answered> {
    return new Promise((resolve, reject) => {
      const asked = httpRequest(
        {
          host: this.#url.hostname,
          port: this.#url.port,
          agent: this.#agent,
          ...{ method, path: target, headers: { ...headers } },
          timeout: PATIENCE,
        },
        (answer) => {
          const chunks: Buffer[] = [];
          const done = () =>
            resolve({
              status: answer.statusCode ?? 0,
              headers: answer.headers,
              bytes: Buffer.concat(chunks),
            });
          answer.on('data', (chunk: Buffer) => {
            chunks.push(chunk);
            if (!/^text\/event-stream/.test(answer.headers['content-type'] ?? '')) return;
            done();
            asked.destroy();
          });
          answer.on('end', done);
          answer.on('error', reject);
        },
      );
      asked.on('timeout', () => asked.destroy(new Error('no answer came in time')));
      asked.on('error', reject);
      // Nobody asked for another protocol in earnest.
      asked.on('upgrade', (_answer, socket) => socket.destroy());
      asked.end(body);
    });
  }

  end(): void {
    this.#agent.destroy();
  }
}

/** The request as a command that sends it again. */
export function asCurl(url: string, { method, target, headers, body }: Sent): string {
  const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  const given = Object.entries(headers).map(([name, value]) =>
    name === 'authorization'
      ? `-H "authorization: Bearer $TOKEN"`
      : `-H ${quoted(`${name}: ${value}`)}`,
  );
  const sent = body === undefined ? [] : ['--data-binary @-'];
  const piped =
    body === undefined ? '' : `printf %s ${quoted(body.toString('base64'))} | base64 -d | `;
  return `${piped}curl -i -X ${method} ${['--path-as-is', `--request-target ${quoted(target)}`, ...given, ...sent, quoted(url)].join(' ')}`;
}
