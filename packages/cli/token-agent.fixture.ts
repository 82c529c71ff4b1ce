import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import { concat, utf8 } from '@halligan/format';

const TYPE = 'sk-ssh-ed25519@openssh.com';
const APPLICATION = 'ssh:';
const TOUCHED_WITH_PIN = 0x05;

/** A security key that an agent holds: in software, so that a test decides whether it is there and what it says. */
export interface Token {
  /** OpenSSH line. */
  readonly publicKey: string;
  /** Whether it is plugged in. */
  here: boolean;
  flags: number;
  signatures: number;
}

/** An ssh-agent with security keys, on a socket. What it answers follows draft-ietf-sshm-ssh-agent. */
export async function tokenAgent(
  socket: string,
  count: number,
): Promise<{ readonly tokens: readonly Token[]; readonly close: () => Promise<void> }> {
  const made = Array.from({ length: count }, makeToken);
  const server = createServer((connection) => {
    let received = Buffer.alloc(0);
    connection.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 4 || received.length < 4 + received.readUInt32BE()) return;
      connection.write(
        text(
          answer(
            made.filter(({ token }) => token.here),
            received.subarray(4),
          ),
        ),
      );
    });
    connection.on('error', () => undefined);
  });
  await listening(server, socket);
  return {
    tokens: made.map(({ token }) => token),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

interface Made {
  readonly token: Token;
  readonly blob: Uint8Array;
  readonly signs: (data: Uint8Array) => Uint8Array;
}

function makeToken(): Made {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const bytes = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const blob = concat(text(utf8(TYPE)), text(bytes), text(utf8(APPLICATION)));
  const token: Token = {
    publicKey: `${TYPE} ${blob.toBase64()}`,
    here: true,
    flags: TOUCHED_WITH_PIN,
    signatures: 0,
  };
  return {
    token,
    blob,
    signs: (data) => {
      token.signatures += 1;
      const said = concat(Uint8Array.of(token.flags), uint32(token.signatures));
      const signed = concat(sha256(utf8(APPLICATION)), said, sha256(data));
      return concat(text(utf8(TYPE)), text(sign(null, signed, privateKey)), said);
    },
  };
}

function answer(tokens: readonly Made[], question: Uint8Array): Uint8Array {
  if (question[0] === 11) {
    const keys = tokens.flatMap(({ blob }) => [text(blob), text(utf8('a token'))]);
    return concat(Uint8Array.of(12), uint32(tokens.length), ...keys);
  }
  const [blob, rest] = split(question.subarray(1));
  const [data] = split(rest);
  const asked = tokens.find((one) => Buffer.compare(one.blob, blob) === 0);
  return asked === undefined
    ? Uint8Array.of(5)
    : concat(Uint8Array.of(14), text(asked.signs(data)));
}

function split(bytes: Uint8Array): readonly [Uint8Array, Uint8Array] {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  return [bytes.subarray(4, 4 + length), bytes.subarray(4 + length)];
}

function text(bytes: Uint8Array): Uint8Array {
  return concat(uint32(bytes.length), bytes);
}

function uint32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}

function listening(server: Server, socket: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, resolve);
  });
}
