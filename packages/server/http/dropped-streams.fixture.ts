import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';

/** Streams that are opened at once. */
const AT_ONCE = 100;
/** Of so many readers one reads nothing. */
const SILENT = 10;

const begun = z.object({ url: z.string(), reader: z.string(), other: z.string() });
const measure = z.object({ descriptors: z.int(), heap: z.number(), resident: z.number() });
const ended = z.object({ log: z.array(z.string()) });

type Held = z.infer<typeof measure>;

/** What a server held before, while and after so many streams were open. */
export interface DroppedStreams {
  readonly before: Held;
  readonly open: Held;
  readonly after: Held;
  /** Milliseconds that somebody else waited meanwhile: to be shown the record, and to have a statement recorded. */
  readonly waited: { readonly view: number; readonly statement: number };
  /** What did not hold, in words. */
  readonly wrong: readonly string[];
}

/**
 * Opens streams on a server in a process of its own, one of ten of them by a reader that reads nothing; has somebody else
 * see the record and sign a statement meanwhile, which all who read are told of; then drops all of them at once.
 */
export async function droppedStreams(
  count: number,
  say: (line: string) => void = () => undefined,
): Promise<DroppedStreams> {
  const child = fork(join(import.meta.dirname, 'crowded-server.fixture.ts'), [String(count)], {
    execArgv: ['--expose-gc'],
  });
  const died = once(child, 'exit').then(([code]) => code);
  const ask = async (what: string): Promise<unknown> => {
    child.send(what);
    const dead = died.then((code) => Promise.reject(new Error(`the server ended (${code})`)));
    const [told] = await Promise.race([once(child, 'message'), dead]);
    return told;
  };
  const measured = async () => measure.parse(await ask('measure'));
  const { url, reader, other } = begun.parse(await ask('begin'));
  const wrong: string[] = [];
  const send = async (method: string, path: string, body?: unknown) => {
    const started = performance.now();
    const response = await fetch(new URL(path, url), {
      method,
      headers: { authorization: `Bearer ${other}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, text, milliseconds: performance.now() - started };
  };
  const openAt = async () => {
    const { text } = await send('GET', '/metrics');
    return Number(/^halligan_streams (\d+)$/m.exec(text)?.[1] ?? Number.NaN);
  };

  // Once without counting: what is made for the first stream stays.
  await dropAll(await openAll(url, reader, Math.min(count, AT_ONCE), say), openAt);
  const before = await measured();
  const streams = await openAll(url, reader, count, say);
  const open = await measured();
  const more = await statusOf(url, reader);
  if (more !== 429) wrong.push(`a stream more than there may be was answered ${more}`);
  const view = await send('GET', '/v1/view');
  const told = Promise.all(
    streams.flatMap(({ socket, reads }) => (reads ? [once(socket, 'data')] : [])),
  );
  const statement = await send('POST', '/v1/statements', await ask('statement'));
  if (view.status !== 200) wrong.push(`somebody else was answered ${view.status}`);
  if (statement.status !== 201) wrong.push(`a statement was answered ${statement.status}`);
  await told;
  say('all who read were told');
  await dropAll(streams, openAt);
  const after = await measured();
  if (after.descriptors > before.descriptors + 8)
    wrong.push(`${after.descriptors} descriptors, and ${before.descriptors} before`);
  if (after.heap > 1.5 * before.heap)
    wrong.push(`a heap of ${after.heap} bytes, and ${before.heap} before`);
  const { log } = ended.parse(await ask('end'));
  wrong.push(...log.map((line) => `it logged: ${line}`));
  const code = await died;
  if (code !== 0) wrong.push(`the server ended with ${code}`);
  const waited = { view: view.milliseconds, statement: statement.milliseconds };
  return { before, open, after, waited, wrong };
}

interface OpenStream {
  readonly socket: Socket;
  readonly reads: boolean;
}

async function openAll(
  url: string,
  token: string,
  count: number,
  say: (line: string) => void,
): Promise<readonly OpenStream[]> {
  const streams: OpenStream[] = [];
  while (streams.length < count) {
    const some = Math.min(AT_ONCE, count - streams.length);
    streams.push(
      ...(await Promise.all(
        Array.from({ length: some }, (_, at) => opened(url, token, at % SILENT !== 0)),
      )),
    );
    say(`${streams.length}/${count} streams`);
  }
  return streams;
}

async function opened(url: string, token: string, reads: boolean): Promise<OpenStream> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(`GET /v1/stream HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\n\r\n`);
  let text = '';
  while (!text.includes('data: ')) {
    const [chunk] = await once(socket, 'data');
    text += String(chunk);
    if (!text.startsWith('HTTP/1.1 200')) throw new Error(text.slice(0, 300));
  }
  socket.on('error', () => undefined);
  if (!reads) socket.pause();
  return { socket, reads };
}

/** What one stream more is answered. */
async function statusOf(url: string, token: string): Promise<number> {
  const response = await fetch(new URL('/v1/stream', url), {
    headers: { authorization: `Bearer ${token}` },
  });
  await response.body?.cancel();
  return response.status;
}

/** All in one turn; resolves when the server has noticed. */
async function dropAll(
  streams: readonly OpenStream[],
  openAt: () => Promise<number>,
): Promise<void> {
  for (const { socket } of streams) socket.destroy();
  while ((await openAt()) > 0);
}
