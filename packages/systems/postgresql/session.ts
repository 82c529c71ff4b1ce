import { HalliganError, utf8Text } from '@halligan/format';
import type pg from 'pg';
import { z } from 'zod';
import { connectionLost, timedOut, unreachable, untrusted } from '../connection-failures.ts';
import { bounded, tlsTo } from '../encrypted-socket.ts';
import { explainState, nothingAsked, type Progress, weaklyAsked } from './answer.ts';
import type { PostgresqlConfig } from './config.ts';

/** The server refused the password. */
export const REFUSED = Symbol('refused');

const WRONG_PASSWORD = '28P01';
const WHO = 'The server';

/** One statement; every value of its rows as text. @throws what `explainState` makes of a refusal */
export type Ask = (statement: string, values?: readonly (string | boolean)[]) => Promise<Rows>;
export type Rows = z.infer<typeof rowsSchema>;

const rowsSchema = z.array(z.array(z.string().nullable()));

/**
 * Signs a role in over TLS with SCRAM-SHA-256, lets `work` ask, and leaves, all within the timeout. The certificate is
 * verified whatever the environment says; the sign-in is bound to it where the server can (tls-server-end-point). A
 * password goes to no server that asks for it in another way. `pg` takes it as a string, which JavaScript cannot
 * overwrite: it is made when the server asks, and lives until the collector takes it.
 * @throws `systems.unreachable`, `systems.tls`, `systems.plaintext`, `systems.timeout`, `systems.no-password-asked`, …
 */
export async function inSession<T>(
  config: PostgresqlConfig,
  role: string,
  password: Uint8Array,
  work: (ask: Ask) => Promise<T>,
): Promise<T | typeof REFUSED> {
  const { client, connection, progress } = clientFor(await library(), config, role, password);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    connection.stream.destroy();
  }, config.timeout);
  try {
    const refused = await signIn(client, progress);
    return refused ?? (await work((statement, values) => ask(client, progress, statement, values)));
  } catch (error) {
    throw late ? timedOut(WHO, config.timeout) : error;
  } finally {
    await client.end().catch(() => undefined);
    clearTimeout(timer);
  }
}

/** Where it is needed and not before: it is a tenth of the start of a rotator that speaks to another system. */
async function library(): Promise<typeof pg> {
  return (await import('pg')).default;
}

function clientFor(
  { Client, Connection }: typeof pg,
  config: PostgresqlConfig,
  role: string,
  password: Uint8Array,
) {
  const { host, port, database, ca } = config;
  const ssl = tlsTo({ host, ca });
  const connection = new Connection({ ssl });
  const progress = watch(connection);
  const settings: pg.ClientConfig & { readonly connection: pg.Connection } = {
    ...{ host, port, database, user: role, ssl, connection },
    sslnegotiation: 'postgres',
    enableChannelBinding: true,
    application_name: 'halligan',
    client_encoding: 'UTF8',
    // Nothing that somebody put into another schema is taken for the server's own.
    options: '-c search_path=pg_catalog',
    password: () => {
      if (progress.asked !== 'scram') throw weaklyAsked();
      return utf8Text(password);
    },
  };
  const client = new Client(settings);
  // A loss between two statements is told by the next one.
  client.on('error', () => undefined);
  return { client, connection, progress };
}

/** Its listeners come before the client's own, so that what was asked is known when the password is. */
function watch(connection: pg.Connection): Progress {
  const progress: Progress = { stage: 'reaching', asked: 'nothing', proven: false };
  connection.once('connect', () => {
    progress.stage = 'asking';
    connection.stream.once('data', (answer: Buffer) => {
      progress.stage = answer.length === 1 && answer[0] === AGREED ? 'tls' : 'plain';
      // The library says farewell and goes on reading, whatever comes and however much.
      if (progress.stage === 'plain') connection.stream.destroy();
    });
  });
  connection.once('sslconnect', () => {
    connection.stream.once('secureConnect', () => {
      progress.stage = 'open';
      bounded(connection.stream);
    });
  });
  connection.on('authenticationSASL', () => {
    progress.asked = 'scram';
  });
  for (const event of ['authenticationCleartextPassword', 'authenticationMD5Password'])
    connection.on(event, () => {
      progress.asked = 'weaker';
    });
  // The client compares the server's signature, and fails, before anything further is read.
  connection.on('authenticationSASLFinal', () => {
    progress.proven = true;
  });
  return progress;
}

/** `S`: the server's whole answer to SSLRequest where it encrypts. More would be somebody's who is in between. */
const AGREED = 0x53;

async function signIn(client: pg.Client, progress: Progress): Promise<typeof REFUSED | undefined> {
  try {
    await client.connect();
  } catch (error) {
    if (error instanceof HalliganError) throw error;
    const { DatabaseError } = await library();
    if (!(error instanceof DatabaseError)) throw unanswered(error, progress);
    if (error.code === WRONG_PASSWORD) return REFUSED;
    throw explainState(error.code ?? '', progress);
  }
  if (!progress.proven) throw nothingAsked();
  return undefined;
}

/** @param cause only of a failure of the network or of TLS is it kept: else it may quote what the other side chose */
function unanswered(cause: unknown, { stage }: Progress): HalliganError {
  switch (stage) {
    case 'reaching':
      return unreachable(WHO, cause);
    case 'plain':
      return plaintext();
    case 'tls':
      return untrusted(WHO, cause);
    case 'asking':
    case 'open':
      return connectionLost(WHO);
  }
}

function plaintext(): HalliganError {
  return new HalliganError(
    'systems.plaintext',
    'The server does not encrypt, and got no password.',
    'Set ssl = on with a certificate in postgresql.conf.',
  );
}

async function ask(
  client: pg.Client,
  progress: Progress,
  text: string,
  values: readonly (string | boolean)[] = [],
): Promise<Rows> {
  try {
    const answer = await client.query({
      text,
      rowMode: 'array',
      types: { getTypeParser: () => (value: string) => value },
      ...(values.length === 0 ? {} : { values: [...values] }),
    });
    return rowsSchema.parse(answer.rows);
  } catch (error) {
    const { DatabaseError } = await library();
    if (error instanceof DatabaseError) throw explainState(error.code ?? '', progress);
    // Without the cause: it may quote what the other side chose.
    throw connectionLost(WHO);
  }
}
