/** The messages of ssh-agent (draft-ietf-sshm-ssh-agent) that signing needs; carrying them is somebody else's work. */
import { concat, HalliganError } from '@halligan/format';
import {
  blobOfPublicKey,
  ED25519,
  type PublicKey,
  parsePublicKey,
  publicKeyOfBlob,
} from './public-key.ts';
import { ED25519_CERTIFICATE } from './ssh-certificate.ts';
import type { SigningKey } from './ssh-key.ts';
import { SshReader, sshString, sshUint32 } from './ssh-wire.ts';

const FAILURE = 5;
const REQUEST_IDENTITIES = 11;
const IDENTITIES_ANSWER = 12;
const SIGN_REQUEST = 13;
const SIGN_RESPONSE = 14;
const SUCCESS = 6;
const ADD_CONSTRAINED = 25;
const CONSTRAIN_LIFETIME = 1;
/** Keys that an agent may list; stock agents hold a handful. */
const MOST_KEYS = 2048;

/** Asks an agent for its keys. */
export function identitiesRequest(): Uint8Array {
  return Uint8Array.of(REQUEST_IDENTITIES);
}

/**
 * The keys in an agent's answer that could sign here; it may hold others (RSA, certificates), which are passed over.
 * @throws `statement.agent`
 */
export function agentKeys(answer: Uint8Array): readonly PublicKey[] {
  const reader = answerOf(answer, IDENTITIES_ANSWER, 'the agent does not tell its keys');
  const count = reader.uint32();
  if (count > MOST_KEYS) throw badAnswer('it lists too many keys');
  const keys: PublicKey[] = [];
  for (let at = 0; at < count; at += 1) {
    const key = usable(reader.string());
    reader.string();
    if (key !== undefined) keys.push(key);
  }
  reader.end();
  return keys;
}

/** Asks an agent to sign. */
export function signRequest(key: PublicKey, data: Uint8Array): Uint8Array {
  return concat(
    Uint8Array.of(SIGN_REQUEST),
    sshString(blobOfPublicKey(key)),
    sshString(data),
    sshUint32(0),
  );
}

/** The signature in an agent's answer, in SSH's wire form. @throws `statement.agent` */
export function agentSignature(answer: Uint8Array): Uint8Array {
  const reader = answerOf(answer, SIGN_RESPONSE, 'the agent did not sign');
  const signature = reader.string().slice();
  reader.end();
  return signature;
}

/**
 * Asks an agent to hold a key, and to forget it by itself. The request is a secret: wipe it when it is sent.
 * @param seconds how long, at least 1
 * @param certificate of this key, which then signs in with it
 */
export function addKeyRequest(
  key: SigningKey,
  comment: string,
  seconds: number,
  certificate?: Uint8Array,
): Uint8Array {
  const { bytes } = parsePublicKey(key.publicKey);
  return concat(
    Uint8Array.of(ADD_CONSTRAINED),
    ...(certificate === undefined
      ? [sshString(ED25519)]
      : [sshString(ED25519_CERTIFICATE), sshString(certificate)]),
    sshString(bytes),
    sshString(concat(key.seed, bytes)),
    sshString(comment),
    Uint8Array.of(CONSTRAIN_LIFETIME),
    sshUint32(seconds),
  );
}

/** @throws `statement.agent` where the agent did not take the key */
export function requireAdded(answer: Uint8Array): void {
  answerOf(answer, SUCCESS, 'the agent did not take the key').end();
}

function answerOf(answer: Uint8Array, wanted: number, otherwise: string): SshReader {
  const reader = new SshReader(answer, badAnswer);
  const [type] = reader.take(1);
  if (type === wanted) return reader;
  throw badAnswer(type === FAILURE ? otherwise : 'it is another answer than was asked for');
}

function usable(blob: Uint8Array): PublicKey | undefined {
  try {
    return publicKeyOfBlob(blob);
  } catch {
    return undefined;
  }
}

function badAnswer(why: string): HalliganError {
  return new HalliganError(
    'statement.agent',
    `ssh-agent did not do it: ${why}.`,
    'See ssh-add -L. Plug the security key in, touch it when it blinks, and give its PIN where the agent asks.',
  );
}
