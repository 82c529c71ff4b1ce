import { HalliganError, utf8, utf8Text } from '@halligan/format';
import { armor, Decrypter, Encrypter } from 'age-encryption';
import { decryptWith, encryptTo, isNoMatch } from './age.ts';
import { kindOfIdentity, kindOfRecipient } from './identity.ts';

/** log2 of scrypt's N: 256 MiB of memory and about a second, age's own default. */
const WORK_FACTOR = 18;
/** Most bytes of a key file, armored or not. */
const MAX_KEY_FILE = 16 << 10;

/**
 * A custodian's key in a file that a passphrase opens: an armored age file of one scrypt stanza whose plaintext
 * is the identity and a newline. Armored, because it is a person's file: it survives an editor and a printer, and
 * `age -d -i key.age` takes it as it is. Whoever has the file can try passphrases at leisure; scrypt makes each
 * try dear, only the passphrase's length makes all of them too many.
 * @param passphrase not empty; normalised to NFC, so that two keyboards' é are one
 * @param options.workFactor log2 of scrypt's N, 1 to 20; default 18. Tests use less, nothing else should
 * @throws `seal.identity`, `seal.passphrase`
 */
export async function writeKeyFile(
  identity: string,
  passphrase: string,
  options: { readonly workFactor?: number } = {},
): Promise<Uint8Array> {
  kindOfIdentity(identity);
  if (passphrase === '') {
    throw new HalliganError(
      'seal.passphrase',
      'The passphrase is empty.',
      'Choose five random words or more.',
    );
  }
  const encrypter = new Encrypter();
  encrypter.setScryptWorkFactor(options.workFactor ?? WORK_FACTOR);
  encrypter.setPassphrase(passphrase.normalize('NFC'));
  return utf8(armor.encode(await encrypter.encrypt(utf8(`${identity}\n`))));
}

/**
 * The identity in a key file, ours or one made by `age-keygen | age -p` (armored or binary).
 * @throws `seal.passphrase` where the passphrase does not fit, `seal.key-file` where the file is damaged or of another kind
 */
export async function readKeyFile(bytes: Uint8Array, passphrase: string): Promise<string> {
  if (bytes.length > MAX_KEY_FILE) throw notAKeyFile();
  const binary = unarmored(bytes);
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase.normalize('NFC'));
  try {
    return identityIn(await decrypter.decrypt(binary));
  } catch (error) {
    if (!isNoMatch(error)) throw notAKeyFile();
    throw new HalliganError(
      'seal.passphrase',
      'This passphrase does not open the key file.',
      'Check capitals and the keyboard layout. If it is lost, the recovery words on paper make a new key file.',
    );
  }
}

/**
 * Wraps an identity to a recipient: the requester's one-time identity on disk, so that a killed client can go
 * on, and nobody else who finds the file can. An age file whose plaintext is the identity and a newline.
 * @throws `seal.identity`, `seal.recipient`
 */
export async function wrapIdentity(identity: string, recipient: string): Promise<Uint8Array> {
  kindOfIdentity(identity);
  kindOfRecipient(recipient);
  return encryptTo([recipient], utf8(`${identity}\n`));
}

/** The identity that {@link wrapIdentity} wrapped. @throws `seal.wrong-key`, `seal.damaged`, `seal.key-file` */
export async function unwrapIdentity(bytes: Uint8Array, identity: string): Promise<string> {
  kindOfIdentity(identity);
  const plaintext = await decryptWith(identity, bytes, 'The wrapped key', MAX_KEY_FILE);
  try {
    return identityIn(plaintext);
  } catch {
    throw notAKeyFile();
  }
}

/** One identity; blank lines and comments, which `age-keygen` writes, are passed over. */
function identityIn(plaintext: Uint8Array): string {
  try {
    const lines = utf8Text(plaintext)
      .split(/\r?\n/)
      .filter((line) => line !== '' && !line.startsWith('#'));
    const [identity] = lines;
    if (identity === undefined || lines.length > 1) throw notAKeyFile();
    kindOfIdentity(identity);
    return identity;
  } finally {
    plaintext.fill(0);
  }
}

function unarmored(bytes: Uint8Array): Uint8Array {
  // "age-" begins the binary format; armor is ASCII.
  if (utf8Text(bytes.subarray(0, 4).map((byte) => byte & 0x7f)) === 'age-') return bytes;
  try {
    return armor.decode(utf8Text(bytes));
  } catch {
    throw notAKeyFile();
  }
}

/** Carries no cause: what failed to parse here may be a secret, and libraries quote what they cannot parse. */
function notAKeyFile(): HalliganError {
  return new HalliganError(
    'seal.key-file',
    'This is not an intact key file.',
    'Use another copy of it, or the recovery words on paper.',
  );
}
