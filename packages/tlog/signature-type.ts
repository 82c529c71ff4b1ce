import { concat, utf8, utf8Text } from '@halligan/format';
import { mlDsaSigner, mlDsaVerify } from '#ml-dsa';
import { ed25519Cosigned, mlDsaCosigned, TIME_SIZE, timeBytes, timeOf } from './cosignature.ts';
import { ed25519Signer, ed25519Verify, type Sign } from './ed25519.ts';

/**
 * What a key signs with: `ed25519`, a log's or anybody's signature over the text; `cosignature`, a cosigner's Ed25519
 * over the text and a time; `ml-dsa-44`, post-quantum, over a checkpoint and a time, a cosigner's or the log's own.
 */
export type NoteKeyType = 'ed25519' | 'cosignature' | 'ml-dsa-44';

/** What is different about the types of a key. */
interface SignatureType {
  readonly type: NoteKeyType;
  /** The signature type identifier byte of C2SP signed-note. */
  readonly byte: number;
  /** Bytes of a public key. A secret one is a seed of 32 bytes in every type. */
  readonly keySize: number;
  readonly open: (seed: Uint8Array) => Promise<{ publicKey: Uint8Array; sign: Sign }>;
  readonly verify: (
    key: Uint8Array,
    message: Uint8Array,
    signature: Uint8Array,
  ) => Promise<boolean>;
  /** The message, where it is not the text alone; `time` in POSIX seconds comes before the signature then. */
  readonly timed?: (name: string, text: Uint8Array, time: number) => Uint8Array;
}

const TYPES: readonly SignatureType[] = [
  { type: 'ed25519', byte: 0x01, keySize: 32, open: ed25519Signer, verify: ed25519Verify },
  {
    type: 'cosignature',
    byte: 0x04,
    keySize: 32,
    open: ed25519Signer,
    verify: ed25519Verify,
    timed: (_name, text, time) => ed25519Cosigned(text, time),
  },
  {
    type: 'ml-dsa-44',
    byte: 0x06,
    keySize: 1312,
    open: mlDsaSigner,
    verify: mlDsaVerify,
    timed: (name, text, time) => mlDsaCosigned(name, utf8Text(text), time),
  },
];

/** The type that a byte stands for, if this program knows it. */
export function typeOfByte(byte: number | undefined): SignatureType | undefined {
  return TYPES.find((one) => one.byte === byte);
}

/** The type of a name. */
export function typeOf(type: NoteKeyType): SignatureType {
  const found = TYPES.find((one) => one.type === type);
  if (found === undefined) throw new RangeError('no such signature type');
  return found;
}

/** The bytes of a signature line's signature: with the time first, where the type has one. */
export async function signText(
  { timed }: SignatureType,
  name: string,
  text: Uint8Array,
  sign: Sign,
  now: () => number,
): Promise<Uint8Array> {
  if (timed === undefined) return sign(text);
  const time = now();
  return concat(timeBytes(time), await sign(timed(name, text, time)));
}

/** Whether a signature line's signature holds; with the time that it says, where the type has one. */
export async function verifyText(
  { timed, verify }: SignatureType,
  { name, publicKey }: { readonly name: string; readonly publicKey: Uint8Array },
  text: string,
  signature: Uint8Array,
): Promise<{ readonly time?: number } | undefined> {
  const message = utf8(text);
  if (timed === undefined) return (await verify(publicKey, message, signature)) ? {} : undefined;
  const time = timeOf(signature);
  if (time === undefined) return undefined;
  let cosigned: Uint8Array;
  try {
    cosigned = timed(name, message, time);
  } catch {
    // A cosignature over what is no checkpoint says nothing.
    return undefined;
  }
  const valid = await verify(publicKey, cosigned, signature.subarray(TIME_SIZE));
  return valid ? { time } : undefined;
}
