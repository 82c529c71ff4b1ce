import { concat, HalliganError, sameBytes, utf8, utf8Text } from '@halligan/format';
import { platformRandom, type RandomBytes } from './fields.ts';
import { badKey, ED25519, parsePublicKey, publicKeyOfBlob, requireEd25519 } from './public-key.ts';
import { armor, dearmor } from './ssh-armor.ts';
import { importSigningKey, type SigningKey } from './ssh-key.ts';
import { SshReader, sshString, sshUint32 } from './ssh-wire.ts';

const BEGIN = '-----BEGIN OPENSSH PRIVATE KEY-----';
const END = '-----END OPENSSH PRIVATE KEY-----';
const MAGIC = utf8('openssh-key-v1\0');
const FILE_LIMIT = 16_384;
/** Block size of the cipher `none`. */
const BLOCK = 8;

/**
 * An unencrypted private key file (OpenSSH PROTOCOL.key), as `ssh-keygen -Y sign -f` reads it. The bytes are a
 * secret: write them with mode 0600, or wrap them.
 * @param random for tests; 4 bytes are taken
 */
export function formatPrivateKey(
  key: SigningKey,
  comment = '',
  random: RandomBytes = platformRandom,
): Uint8Array {
  if (key.seed.length !== 32) throw badKey('its seed has not 32 bytes');
  const publicBytes = parsePublicKey(key.publicKey).bytes;
  const blob = concat(sshString(ED25519), sshString(publicBytes));
  const check = random(4).slice();
  const secret = concat(
    check,
    check,
    blob,
    sshString(concat(key.seed, publicBytes)),
    sshString(comment),
  );
  return utf8(
    armor(
      concat(
        MAGIC,
        sshString('none'),
        sshString('none'),
        sshString(''),
        sshUint32(1),
        sshString(blob),
        sshString(concat(secret, padding(secret.length))),
      ),
      BEGIN,
      END,
    ),
  );
}

/**
 * Reads a private key file as `ssh-keygen -t ed25519 -N ''` writes it. Its comment is dropped.
 * @throws `statement.key-encrypted` under a passphrase, `statement.key-type`, `statement.key`
 */
export async function parsePrivateKey(file: Uint8Array): Promise<SigningKey> {
  const bytes = file.length > FILE_LIMIT ? undefined : dearmor(textOf(file), BEGIN, END);
  if (bytes === undefined) throw badKey('it is not an OpenSSH private key file');
  const reader = new SshReader(bytes, badKey);
  if (!sameBytes(reader.take(MAGIC.length), MAGIC)) throw badKey('it is of another version');
  const cipher = reader.name();
  const derivation = reader.name();
  if (cipher !== 'none' || derivation !== 'none') {
    throw new HalliganError(
      'statement.key-encrypted',
      'This key file is protected by a passphrase, which Halligan does not read.',
      "Import a copy without one, and delete it afterwards: ssh-keygen -p -N '' -f COPY",
    );
  }
  if (reader.string().length > 0) throw badKey('it has options for a passphrase, but none is set');
  if (reader.uint32() !== 1) throw badKey('it holds more than one key');
  const { type, publicKey, bytes: publicBytes } = publicKeyOfBlob(reader.string());
  requireEd25519(type);
  const secret = reader.string();
  reader.end();
  const key = { publicKey, seed: seedOf(secret, publicBytes) };
  await importSigningKey(key);
  return key;
}

/** The private section: two equal check numbers, the key, a comment, and the padding 1, 2, 3 … */
function seedOf(section: Uint8Array, publicBytes: Uint8Array): Uint8Array {
  const reader = new SshReader(section, badKey);
  if (section.length % BLOCK !== 0) throw badKey('its padding is wrong');
  const check = reader.uint32();
  if (reader.uint32() !== check) throw badKey('its check numbers differ');
  requireEd25519(reader.name());
  const publicCopy = reader.string();
  const pair = reader.string();
  reader.string();
  const pad = reader.rest();
  if (pad.length >= BLOCK || !pad.every((byte, at) => byte === at + 1)) {
    throw badKey('its padding is wrong');
  }
  if (!sameBytes(publicCopy, publicBytes) || !sameBytes(pair.subarray(32), publicBytes)) {
    throw badKey('its halves belong to different keys');
  }
  return pair.slice(0, 32);
}

function padding(length: number): Uint8Array {
  return Uint8Array.from({ length: (BLOCK - (length % BLOCK)) % BLOCK }, (_, at) => at + 1);
}

function textOf(file: Uint8Array): string {
  try {
    return utf8Text(file);
  } catch {
    return '';
  }
}
