/** User certificates of OpenSSH (PROTOCOL.certkeys), Ed25519 on Ed25519. */
import { base64, concat, HalliganError } from '@halligan/format';
import { platformRandom, type RandomBytes } from './fields.ts';
import { blobOfPublicKey, ED25519, parsePublicKey } from './public-key.ts';
import { importSigningKey, type SigningKey } from './ssh-key.ts';
import { sshString, sshUint32 } from './ssh-wire.ts';

export const ED25519_CERTIFICATE = 'ssh-ed25519-cert-v01@openssh.com';
const USER = 1;
const NAME = /^[\x21-\x7e]{1,255}$/;

/** What a certificate says: who may sign in as whom, and from when until when. */
export interface CertificateFacts {
  /** OpenSSH line of the Ed25519 key that is certified. */
  readonly publicKey: string;
  /** What sshd writes to its log at each use. */
  readonly keyId: string;
  readonly serial: bigint;
  /** Users as whom it signs in. At least one: a certificate without any would do for all. */
  readonly principals: readonly string[];
  /** RFC 3339. */
  readonly validAfter: string;
  readonly validBefore: string;
}

/**
 * Certifies a key, for a session with a terminal and without forwarding.
 * @param random for tests; 32 bytes are taken
 * @returns the wire form
 * @throws `statement.certificate`, `statement.key`, `statement.key-type`
 */
export async function signCertificate(
  authority: SigningKey,
  facts: CertificateFacts,
  random: RandomBytes = platformRandom,
): Promise<Uint8Array> {
  const key = parsePublicKey(facts.publicKey);
  if (key.type !== ED25519) throw badCertificate('only Ed25519 keys are certified');
  if (facts.principals.length === 0 || ![facts.keyId, ...facts.principals].every(isName))
    throw badCertificate('its key id and principals are printable ASCII without blanks');
  const body = concat(
    sshString(ED25519_CERTIFICATE),
    sshString(random(32)),
    sshString(key.bytes),
    sshUint64(facts.serial),
    sshUint32(USER),
    sshString(facts.keyId),
    sshString(concat(...facts.principals.map((one) => sshString(one)))),
    sshUint64(secondsOf(facts.validAfter)),
    sshUint64(secondsOf(facts.validBefore)),
    sshString(''),
    sshString(concat(sshString('permit-pty'), sshString(''))),
    sshString(''),
    sshString(blobOfPublicKey(parsePublicKey(authority.publicKey))),
  );
  const signature = await crypto.subtle.sign(
    'Ed25519',
    await importSigningKey(authority),
    body.slice(),
  );
  return concat(body, sshString(concat(sshString(ED25519), sshString(new Uint8Array(signature)))));
}

/** The line of a `-cert.pub` file. */
export function certificateLine(certificate: Uint8Array): string {
  return `${ED25519_CERTIFICATE} ${base64(certificate)}`;
}

function isName(text: string): boolean {
  return NAME.test(text);
}

function sshUint64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return bytes;
}

function secondsOf(instant: string): bigint {
  const milliseconds = Date.parse(instant);
  if (!(milliseconds >= 0)) throw badCertificate('its times are RFC 3339');
  return BigInt(Math.floor(milliseconds / 1000));
}

function badCertificate(why: string): HalliganError {
  return new HalliganError(
    'statement.certificate',
    `No certificate is made: ${why}.`,
    'Correct what it is made from.',
  );
}
