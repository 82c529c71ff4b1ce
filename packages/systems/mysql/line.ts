import { connect as connectTcp, type Socket } from 'node:net';
import { concat, HalliganError } from '@halligan/format';
import { connectionLost, timedOut, unreachable } from '../connection-failures.ts';
import { encrypted, opened } from '../encrypted-socket.ts';
import type { MysqlConfig } from './config.ts';
import { type Greeting, notTheProtocol, parseGreeting, sslRequest } from './packets.ts';

const WHO = 'The server';
/** Bytes of a packet: far above any answer that is asked for here. */
const LARGEST = 1 << 20;

/** Packets to and from a server over TLS. */
export interface MysqlLine {
  readonly greeting: Greeting;
  /** A command, or an answer within one. @param first whether it begins a command */
  readonly send: (payload: Uint8Array, first?: boolean) => void;
  /** @throws `systems.connection-lost`, `systems.protocol` */
  readonly receive: () => Promise<Uint8Array>;
}

/**
 * Opens a line to the server, encrypted and its certificate verified whatever the environment says, and gives it to
 * `work`, all within the timeout. Only the greeting was read before, and what it says is used for nothing that matters:
 * whoever changed it is refused by TLS, and bytes in front of the handshake are refused (as in CVE-2021-23222).
 * @throws `systems.unreachable`, `systems.tls`, `systems.plaintext`, `systems.timeout`, `systems.connection-lost`, …
 */
export async function withLine<T>(
  config: MysqlConfig,
  work: (line: MysqlLine) => Promise<T>,
): Promise<T> {
  const raw = connectTcp({ host: config.host, port: config.port });
  const sockets: Socket[] = [raw];
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    for (const socket of sockets) socket.destroy();
  }, config.timeout);
  try {
    await opened(raw, 'connect', WHO).catch((cause: unknown) => {
      throw unreachable(WHO, cause);
    });
    const plain = packetsOver(raw);
    const greeting = parseGreeting(await plain.receive());
    if (!greeting.encrypts) throw plaintext();
    if (plain.more()) throw notTheProtocol();
    plain.send(sslRequest());
    const secure = await encrypted(raw, config, WHO);
    sockets.push(secure);
    return await work({ greeting, ...packetsOver(secure, plain.sequence()) });
  } catch (error) {
    throw late ? timedOut(WHO, config.timeout) : error;
  } finally {
    clearTimeout(timer);
    for (const socket of sockets) socket.destroy();
  }
}

/** @param next the sequence number that the next packet has: TLS does not begin it anew */
function packetsOver(socket: Socket, next = 0) {
  let sequence = next;
  // Read as it comes: Node announces what lies half-read again and again, and nothing else would ever run.
  let waiting: Uint8Array = new Uint8Array();
  const take = async (length: number): Promise<Uint8Array> => {
    while (waiting.length < length) {
      const got: unknown = socket.read();
      if (got instanceof Uint8Array) waiting = concat(waiting, got);
      else if (socket.destroyed || socket.readableEnded) throw connectionLost(WHO);
      else await changed(socket);
    }
    const taken = waiting.slice(0, length);
    waiting = waiting.slice(length);
    return taken;
  };
  return {
    sequence: () => sequence,
    /** Whether more came than was asked for. */
    more: () => waiting.length > 0 || socket.readableLength > 0,
    send: (payload: Uint8Array, first = false) => {
      if (first) sequence = 0;
      const head = Uint8Array.of(
        ...[payload.length & 0xff, (payload.length >> 8) & 0xff, payload.length >> 16, sequence],
      );
      sequence = (sequence + 1) % 256;
      socket.write(head);
      socket.write(payload);
    },
    receive: async (): Promise<Uint8Array> => {
      const [low = 0, middle = 0, high = 0, number = 0] = await take(4);
      const length = low + middle * 0x100 + high * 0x1_0000;
      if (length > LARGEST || length === 0 || number !== sequence) throw notTheProtocol();
      sequence = (sequence + 1) % 256;
      return take(length);
    },
  };
}

/** Resolves when there may be more to read, or nothing will ever be. */
function changed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      for (const event of ['readable', 'end', 'close', 'error']) socket.off(event, done);
      resolve();
    };
    for (const event of ['readable', 'end', 'close', 'error']) socket.on(event, done);
  });
}

function plaintext(): HalliganError {
  return new HalliganError(
    'systems.plaintext',
    'The server does not encrypt, and got no password.',
    'Set ssl_cert and ssl_key on the server, and require_secure_transport = ON.',
  );
}
