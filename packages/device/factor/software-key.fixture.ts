import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { base64, concat, utf8 } from '@halligan/format';
import { type KeyTools, RELYING_PARTY, type SecurityKey } from '../index.ts';

/** The real one, of Debian's fido2-tools. */
export const FIDO2_ASSERT = '/usr/bin/fido2-assert';
export const skipWithoutFido2 = existsSync(FIDO2_ASSERT) ? false : 'fido2-tools is not installed';

const TOUCHED = 0x01;
const VERIFIED = 0x04;
const ATTESTED = 0x40;

/** A FIDO2 key made of software: what it signs is what a real one would. */
export class SoftwareKey {
  readonly #private: KeyObject;
  readonly enrolled: SecurityKey;
  counter = 0;

  constructor(name = 'blue') {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#private = privateKey;
    this.enrolled = {
      ...{ name, credential: utf8(`credential ${name}`), type: 'es256', counter: 0 },
      publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    };
  }

  /** What `fido2-assert -G` prints for a challenge. */
  sign(challenge: Uint8Array, { flags = TOUCHED | VERIFIED, party = RELYING_PARTY } = {}): string {
    this.counter += 1;
    const data = new Uint8Array(37);
    data.set(createHash('sha256').update(party).digest());
    data[32] = flags;
    new DataView(data.buffer).setUint32(33, this.counter);
    const signature = sign('sha256', concat(data, challenge), this.#private);
    const cbor = concat(Uint8Array.of(0x58, data.length), data);
    return `${[base64(challenge), party, base64(cbor), base64(signature)].join('\n')}\n`;
  }

  /** What `fido2-cred -M` prints: the key attests to itself (WebAuthn section 8.2). */
  credential(challenge: Uint8Array): string {
    const { x = '', y = '' } = createPublicKey(this.enrolled.publicKey).export({ format: 'jwk' });
    const { credential } = this.enrolled;
    // COSE_Key (RFC 9052): EC2, ES256, P-256, x, y.
    const cose = [
      ...[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32, ...Buffer.from(x, 'base64url')],
      ...[0x22, 0x58, 32, ...Buffer.from(y, 'base64url')],
    ];
    const data = Uint8Array.from([
      ...createHash('sha256').update(RELYING_PARTY).digest(),
      ...[TOUCHED | VERIFIED | ATTESTED, 0, 0, 0, 1, ...new Uint8Array(16)],
      ...[0, credential.length, ...credential, ...cose],
    ]);
    const signature = sign('sha256', concat(data, challenge), this.#private);
    const cbor = concat(Uint8Array.of(0x58, data.length), data);
    const blobs = [cbor, credential, signature].map(base64);
    return `${[base64(challenge), RELYING_PARTY, 'packed', ...blobs].join('\n')}\n`;
  }

  /**
   * The programs of libfido2 where this key is attached: `-V` is the real one, `-G` and `-L` are played, since no machine
   * that tests has a key. It is held to what the real one does: the PIN is read from standard input.
   */
  tools(folder: string, pin: string): KeyTools {
    const keyFile = join(folder, 'private.pem');
    writeFileSync(keyFile, this.#private.export({ type: 'pkcs8', format: 'pem' }));
    writeFileSync(join(folder, 'counter'), String(this.counter));
    const [assert, token] = [join(folder, 'fido2-assert'), join(folder, 'fido2-token')];
    writeFileSync(token, '#!/bin/sh\necho "/dev/hidraw0: vendor=0x1050, product=0x0407 (a key)"\n');
    writeFileSync(
      assert,
      `#!/bin/sh
set -eu
[ "$1" = -G ] || exec ${FIDO2_ASSERT} "$@"
[ "$2 $3" = "-t up=false" ] && exit 0
read -r pin && [ "$pin" = "${pin}" ] || exit 1
cd ${folder}; count=$(($(cat counter) + 1)); echo $count > counter
hash=$(head -n 1 "$5"); party=$(sed -n 2p "$5")
{ printf %s "$party" | openssl dgst -sha256 -binary; printf '\\005'; printf '\\000\\000\\000'; printf "\\\\$(printf %03o $count)"; } > data
{ cat data; echo "$hash" | base64 -d; } | openssl dgst -sha256 -sign private.pem -out signature
echo "$hash"; echo "$party"
{ printf '\\130\\045'; cat data; } | base64 -w 0; echo
base64 -w 0 signature; echo
`,
    );
    for (const program of [assert, token]) chmodSync(program, 0o755);
    return { assert, token };
  }
}
