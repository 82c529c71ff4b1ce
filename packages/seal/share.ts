import { HalliganError, hex, sha256, utf8, utf8Text } from '@halligan/format';
import { damaged, decryptWith, encryptTo } from './age.ts';
import { unknownVersion } from './credential.ts';
import { commitmentOf, type SealHeader, samePlace, shareFile } from './header.ts';
import { kindOfRecipient } from './identity.ts';
import type { SharePlace } from './paths.ts';
import { isKeyWords, keyNotShare } from './recovery-words.ts';
import type { Seal } from './seal.ts';
import type { SeedShare } from './split-seed.ts';

const SHARE_VERSION = 'halligan-share/v1';
/** Most bytes of an encrypted share; a hybrid one has about 2,400. */
const MAX_SHARE_FILE = 16 << 10;
/** Most bytes of a share's plaintext: seven ids and 33 words stay below 1,000. */
const MAX_PLAINTEXT = 2048;

/** Which seal a share is of. */
export type SealName = Pick<SealHeader, 'organisation' | 'account' | 'version' | 'id'>;

/**
 * A share as it is encrypted: the line that says whose and of what it is, and the 33 words. Two lines of text, so
 * that `age -d … | tail -n 1` gives the words to a person without Halligan.
 */
export function shareText(seal: SealName, share: SeedShare): Uint8Array {
  return utf8(`${firstLine(seal, share)}\n${share.words}\n`);
}

/** What the seal promises of a share: SHA-256 of its plaintext. The words' 256 random bits keep it from being guessed. */
export function commitmentTo(plaintext: Uint8Array): string {
  return hex(sha256(plaintext));
}

/**
 * Checks that a share's plaintext is one of this seal's, to the byte. A holder's device does so before it
 * releases, the opener's before it uses: a false share is noticed by both and combines with nothing.
 * @returns where it belongs
 * @throws `seal.other-seal` for a share of another seal, `seal.key-not-share` for recovery words,
 *   `seal.version`, `seal.share-mismatch`
 */
export function verifyShare(plaintext: Uint8Array, header: SealHeader): SharePlace {
  const place = readPlace(plaintext, header);
  if (commitmentOf(header, place) !== commitmentTo(plaintext)) {
    throw mismatch(`The share of ${place.holder} is not the one that was sealed`);
  }
  return place;
}

/**
 * Opens a holder's share and checks it against the seal.
 * @param options.identity the holder's own
 * @returns the plaintext: secret, two lines of text
 * @throws `seal.no-such-share`, `seal.wrong-key`, `seal.damaged`, and what {@link verifyShare} throws
 */
export async function openShare(
  options: SharePlace & { readonly seal: Seal; readonly identity: string },
): Promise<Uint8Array> {
  const { seal, identity } = options;
  const place = { path: options.path, group: options.group, holder: options.holder };
  const file = shareFile(place);
  if (commitmentOf(seal.header, place) === undefined) {
    throw new HalliganError(
      'seal.no-such-share',
      'This seal has no such share.',
      'Look at the paths in seal.json: a holder has a share a group.',
    );
  }
  const ciphertext = seal.files.get(file);
  if (ciphertext === undefined)
    throw damaged(file, 'it is missing, or not the file that was sealed');
  const plaintext = await decryptWith(identity, ciphertext, file, MAX_SHARE_FILE);
  if (!samePlace(verifyShare(plaintext, seal.header), place)) {
    throw mismatch(`The file ${file} holds another share of this seal`);
  }
  return plaintext;
}

/**
 * Encrypts an opened share to the requester's one-time recipient: this ciphertext, and nothing else, leaves the
 * holder's device.
 * @throws `seal.recipient`
 */
export async function reencryptShare(
  plaintext: Uint8Array,
  recipient: string,
): Promise<Uint8Array> {
  kindOfRecipient(recipient);
  return encryptTo([recipient], plaintext.slice());
}

/**
 * Opens a share that a holder released to the requester's one-time identity. Whatever is wrong with it carries
 * the holder's name. The relaying server could have exchanged the ciphertext: who is to blame is decided by the
 * signed release, which names its digest, not by this error.
 * @returns the plaintext, checked
 * @throws `seal.false-share`, with what was wrong as its cause
 */
export async function openReleased(
  ciphertext: Uint8Array,
  oneTimeIdentity: string,
  header: SealHeader,
  place: SharePlace,
): Promise<Uint8Array> {
  try {
    const what = `The share released by ${place.holder}`;
    const plaintext = await decryptWith(oneTimeIdentity, ciphertext, what, MAX_SHARE_FILE);
    if (!samePlace(verifyShare(plaintext, header), place)) {
      throw mismatch(`${what} is another holder's, or of another path`);
    }
    return plaintext;
  } catch (cause) {
    const why = cause instanceof HalliganError ? cause.message : 'It cannot be read.';
    throw new HalliganError(
      'seal.false-share',
      `What came as the share of ${place.holder} is not that share. ${why}`,
      `Ask ${place.holder} by voice to release again, or another holder; keep what came, for security to look at.`,
      { cause },
    );
  }
}

/** The words of a checked share. Secret. */
export function wordsOfShare(plaintext: Uint8Array): string {
  return utf8Text(plaintext).split('\n')[1] ?? '';
}

function firstLine(seal: SealName, { path, group, holder }: SharePlace): string {
  return [
    SHARE_VERSION,
    seal.organisation,
    seal.account,
    seal.version,
    seal.id,
    path,
    group,
    holder,
  ].join(' ');
}

/** Reads the first line. What cannot be read may be anything that a person pasted: it is never quoted. */
function readPlace(plaintext: Uint8Array, header: SealHeader): SharePlace {
  const text = plaintext.length > MAX_PLAINTEXT ? '' : textOf(plaintext);
  const [first = '', words = '', ...end] = text.split('\n');
  const [version, organisation, account, number, id, path, group, holder, ...more] =
    first.split(' ');
  if (isKeyWords(text) || isKeyWords(words)) throw keyNotShare();
  if (version?.startsWith('halligan-share/') && version !== SHARE_VERSION) {
    throw unknownVersion('This share', SHARE_VERSION);
  }
  const whole = version === SHARE_VERSION && more.length === 0 && end.join('\n') === '';
  if (!whole || path === undefined || group === undefined || holder === undefined) {
    throw mismatch('This is not a share');
  }
  const ours = [header.organisation, header.account, String(header.version), header.id];
  if ([organisation, account, number, id].join(' ') !== ours.join(' ')) {
    throw new HalliganError(
      'seal.other-seal',
      `This is a share of another seal, not of version ${header.version} of ${header.account}.`,
      'Open the share of the seal that the request names; look at account, version and seal id.',
    );
  }
  const place = { path, group, holder };
  if (commitmentOf(header, place) === undefined) throw mismatch('This seal has no such share');
  return place;
}

function textOf(plaintext: Uint8Array): string {
  try {
    return utf8Text(plaintext);
  } catch {
    return '';
  }
}

function mismatch(what: string): HalliganError {
  return new HalliganError(
    'seal.share-mismatch',
    `${what}.`,
    'Open the share again from an intact copy of the seal, or ask another holder.',
  );
}
