import { concat, HalliganError, utf8 } from '@halligan/format';

/** Capability flags of the client/server protocol. */
const PROTOCOL_41 = 0x0000_0200;
const SSL = 0x0000_0800;
const SECURE_CONNECTION = 0x0000_8000;
const MULTI_RESULTS = 0x0002_0000;
const PLUGIN_AUTH = 0x0008_0000;
/** Neither LOCAL FILES, by which a server reads a client's files, nor a wish to go on with an expired password. */
const OURS = PROTOCOL_41 | SSL | SECURE_CONNECTION | MULTI_RESULTS | PLUGIN_AUTH;
/** utf8mb4_general_ci, which both servers know. */
const UTF8MB4 = 45;
const LONGEST_PACKET = 1 << 20;

/** What the server says first, before anything is encrypted: an adversary may have written it. */
export interface Greeting {
  readonly encrypts: boolean;
  /** 20 bytes to answer with the password. */
  readonly challenge: Uint8Array;
}

/** @throws `systems.protocol`; `systems.refused-early` where the server answers with an error instead */
export function parseGreeting(packet: Uint8Array): Greeting {
  const read = new Reader(packet);
  if (read.byte() !== 10) throw notTheProtocol();
  read.untilZero();
  read.bytes(4);
  const first = read.bytes(8);
  read.byte();
  const low = read.number(2);
  read.bytes(3);
  const capabilities = low + read.number(2) * 0x1_0000;
  read.bytes(11);
  const second = read.bytes(12);
  return {
    encrypts: (capabilities & SSL) !== 0 && (capabilities & PROTOCOL_41) !== 0,
    challenge: concat(first, second),
  };
}

/** The wish for TLS, which goes before the account's name. */
export function sslRequest(): Uint8Array {
  return concat(number(OURS, 4), number(LONGEST_PACKET, 4), number(UTF8MB4, 1), new Uint8Array(23));
}

/** @param token the answer to the greeting's challenge by `plugin`, at most 255 bytes */
export function handshakeResponse(user: string, plugin: string, token: Uint8Array): Uint8Array {
  const zero = Uint8Array.of(0);
  return concat(
    ...[sslRequest(), utf8(user), zero, number(token.length, 1), token],
    ...[utf8(plugin), zero],
  );
}

/** What the server says while somebody signs in. */
export type SignInAnswer =
  | { readonly is: 'ok' }
  | { readonly is: 'error'; readonly number: number }
  /** The challenge may have a zero behind it: each method knows how many bytes are its own. */
  | { readonly is: 'switch'; readonly plugin: string; readonly challenge: Uint8Array }
  | { readonly is: 'more'; readonly data: Uint8Array };

export function parseSignInAnswer(packet: Uint8Array): SignInAnswer {
  const read = new Reader(packet);
  switch (read.byte()) {
    case 0x00:
      return { is: 'ok' };
    case 0x01:
      return { is: 'more', data: read.rest() };
    case 0xfe: {
      // A lone byte asks for the scramble of before version 4.1.
      if (packet.length === 1) return { is: 'switch', plugin: '', challenge: new Uint8Array() };
      const plugin = new TextDecoder().decode(read.untilZero());
      return { is: 'switch', plugin, challenge: read.rest() };
    }
    case 0xff:
      return { is: 'error', number: read.number(2) };
    default:
      throw notTheProtocol();
  }
}

export function query(statement: string): Uint8Array {
  return concat(Uint8Array.of(0x03), utf8(statement));
}

export const QUIT = Uint8Array.of(0x01);

/** What begins an answer to a query: done, an error, or the number of columns of rows that follow. */
export type QueryAnswer =
  | { readonly is: 'ok'; readonly more: boolean }
  | { readonly is: 'error'; readonly number: number }
  | { readonly is: 'rows'; readonly columns: number };

const MORE_RESULTS = 0x0008;

export function parseQueryAnswer(packet: Uint8Array): QueryAnswer {
  const read = new Reader(packet);
  const first = packet[0];
  if (first === 0x00) {
    read.byte();
    read.lengthEncoded();
    read.lengthEncoded();
    return { is: 'ok', more: (read.number(2) & MORE_RESULTS) !== 0 };
  }
  if (first === 0xff) {
    read.byte();
    return { is: 'error', number: read.number(2) };
  }
  const columns = read.lengthEncoded();
  // 0xfb would ask for a local file: that is no number either.
  if (columns < 1 || columns > 64 || read.rest().length > 0) throw notTheProtocol();
  return { is: 'rows', columns };
}

export type RowAnswer =
  | { readonly is: 'row'; readonly values: readonly (string | undefined)[] }
  | { readonly is: 'end'; readonly more: boolean }
  | { readonly is: 'error'; readonly number: number };

/** A row in the text protocol; its values are the other side's words. */
export function parseRow(packet: Uint8Array, columns: number): RowAnswer {
  const read = new Reader(packet);
  if (packet[0] === 0xfe && packet.length < 9) {
    read.bytes(3);
    return { is: 'end', more: (read.number(2) & MORE_RESULTS) !== 0 };
  }
  if (packet[0] === 0xff) {
    read.byte();
    return { is: 'error', number: read.number(2) };
  }
  const values = Array.from({ length: columns }, () => read.text());
  if (read.rest().length > 0) throw notTheProtocol();
  return { is: 'row', values };
}

/** Reads a packet of the other side's: never past its end. */
class Reader {
  readonly #packet: Uint8Array;
  #at = 0;
  constructor(packet: Uint8Array) {
    this.#packet = packet;
  }

  bytes(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#packet.length) throw notTheProtocol();
    const taken = this.#packet.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  byte(): number {
    return this.number(1);
  }

  /** Little-endian, at most 6 bytes. */
  number(length: number): number {
    return this.bytes(length).reduceRight((sum, byte) => sum * 256 + byte, 0);
  }

  untilZero(): Uint8Array {
    const end = this.#packet.indexOf(0, this.#at);
    if (end < 0) throw notTheProtocol();
    const taken = this.bytes(end - this.#at);
    this.#at += 1;
    return taken;
  }

  lengthEncoded(): number {
    const first = this.byte();
    if (first < 0xfb) return first;
    if (first === 0xfc) return this.number(2);
    if (first === 0xfd) return this.number(3);
    throw notTheProtocol();
  }

  text(): string | undefined {
    if (this.#packet[this.#at] === 0xfb) {
      this.#at += 1;
      return undefined;
    }
    return new TextDecoder().decode(this.bytes(this.lengthEncoded()));
  }

  rest(): Uint8Array {
    return this.bytes(this.#packet.length - this.#at);
  }
}

function number(value: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => Math.floor(value / 256 ** at) % 256);
}

/** It speaks otherwise, or somebody else speaks. */
export function notTheProtocol(): HalliganError {
  return new HalliganError(
    'systems.protocol',
    'The server’s answer is none of MySQL’s protocol.',
    'Compare host and port with the server; a proxy in between may speak another one.',
  );
}
