import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HalliganError, utf8, utf8Text } from '@halligan/format';
import { WriterLock, writeFileDurably } from '@halligan/journal';
import { generateNoteKey, type NoteSigner, noteSigner } from '@halligan/tlog';
import Fastify, { type FastifyInstance } from 'fastify';
import { listen, requireTls } from '../address.ts';
import type { TlsPair } from '../certificate.ts';
import { Cosigner } from './cosigner.ts';

/** Most bytes of a request: sixteen post-quantum signatures and a proof. */
const BODY_LIMIT = 128 << 10;

export interface CosignerOptions {
  /** The cosigner's own folder: its keys and what it signed. On another machine than the log's server. */
  readonly home: string;
  /** Its name, by convention a URL without scheme. Needed at the first start. */
  readonly name?: string | undefined;
  /** Each watched log's keys, as its log.pub has them. */
  readonly logKeys: readonly string[];
  readonly host: string;
  readonly port: number;
  readonly tls?: TlsPair | undefined;
}

/** A cosigner that listens. */
export interface RunningCosigner {
  readonly url: string;
  /** What a policy names: an Ed25519 and an ML-DSA-44 verifier key. */
  readonly verifiers: readonly string[];
  /** Whether its keys were made just now. */
  readonly isNew: boolean;
  stop(): Promise<void>;
}

/**
 * Starts a C2SP tlog-witness: `POST add-checkpoint`, and `GET <origin hash>/checkpoint` for monitors.
 * @throws `cosigner.name`, `cosigner.keys`, `cosigner.logs`, `cosigner.state`, `server.tls`, `server.address`,
 *   `journal.locked` where another one runs on the same folder
 */
export async function startCosigner(options: CosignerOptions): Promise<RunningCosigner> {
  const { home, logKeys, host, port, tls } = options;
  requireTls(host, tls !== undefined, 'Give --tls-key and --tls-cert, or listen on 127.0.0.1.');
  if (logKeys.length === 0)
    throw new HalliganError(
      'cosigner.logs',
      'A cosigner watches one log or more.',
      'Give --log with the log’s log.pub; ask the organisation for it.',
    );
  await mkdir(home, { recursive: true, mode: 0o700 });
  const lock = WriterLock.take(home);
  try {
    const isNew = !existsSync(keyFile(home));
    if (isNew) await makeKeys(home, options.name);
    const signers = await readKeys(home);
    const cosigner = await Cosigner.open(home, signers, logKeys);
    const app = cosignerApp(cosigner, tls);
    const url = await listen(app, host, port);
    return {
      url,
      verifiers: cosigner.verifiers,
      isNew,
      stop: async () => {
        app.server.closeAllConnections();
        await app.close();
        lock.release();
      },
    };
  } catch (cause) {
    lock.release();
    throw cause;
  }
}

function cosignerApp(cosigner: Cosigner, tls: TlsPair | undefined): FastifyInstance {
  const app: FastifyInstance = Fastify({
    bodyLimit: BODY_LIMIT,
    logger: false,
    requestTimeout: 10_000,
    ...(tls === undefined ? {} : { https: tls }),
  }) as unknown as FastifyInstance;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.post('/add-checkpoint', async (request, reply) => {
    const { status, type, body } = await cosigner.add(
      typeof request.body === 'string' ? request.body : '',
    );
    return reply.code(status).header('content-type', type).send(body);
  });
  app.get<{ Params: { hash: string } }>('/:hash/checkpoint', (request, reply) => {
    const note = cosigner.latest(request.params.hash);
    return note === undefined
      ? reply.code(404).type('text/plain').send('nothing was cosigned\n')
      : reply.type('text/plain; charset=utf-8').send(note);
  });
  return app;
}

function keyFile(home: string): string {
  return join(home, 'cosigner.key');
}

/** Both keys in one file that appears at once: half a cosigner would sign for ever with one of them. */
async function makeKeys(home: string, name: string | undefined): Promise<void> {
  if (name === undefined)
    throw new HalliganError(
      'cosigner.name',
      'A new cosigner needs a name.',
      'Give --name, by convention a URL without scheme, such as cosigner.example.org/1.',
    );
  const keys = [
    await generateNoteKey(name, 'cosignature'),
    await generateNoteKey(name, 'ml-dsa-44'),
  ];
  await writeFileDurably(keyFile(home), utf8(keys.map(({ signer }) => `${signer}\n`).join('')));
  await writeFileDurably(
    join(home, 'cosigner.pub'),
    utf8(keys.map(({ verifier }) => `${verifier}\n`).join('')),
  );
}

async function readKeys(home: string): Promise<readonly NoteSigner[]> {
  try {
    const lines = utf8Text(await readFile(keyFile(home)))
      .trim()
      .split('\n');
    return await Promise.all(lines.map((line) => noteSigner(line)));
  } catch {
    // Without the cause: it may quote the key.
    throw new HalliganError(
      'cosigner.keys',
      `The keys in ${keyFile(home)} cannot be read.`,
      'Restore the folder from a backup, or begin a new cosigner in another folder.',
    );
  }
}
