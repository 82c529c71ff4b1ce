import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { HalliganError, hex, sha256, utf8Text } from '@halligan/format';
import * as vectors from 'cctv-age';
import { decryptWith, kindOfIdentity } from './index.ts';

/** One of C2SP's test vectors: lines `name: value`, a blank line, the age file. */
function readVector(bytes: Uint8Array) {
  const end = bytes.findIndex((byte, at) => byte === 0x0a && bytes[at + 1] === 0x0a);
  const lines = utf8Text(bytes.subarray(0, end)).split('\n');
  const values = (name: string) =>
    lines.filter((line) => line.startsWith(`${name}: `)).map((line) => line.slice(name.length + 2));
  const file = bytes.subarray(end + 2);
  return {
    expect: values('expect')[0],
    payload: values('payload')[0],
    identities: values('identity'),
    foreign: values('passphrase').length > 0 || values('armored').length > 0,
    file: values('compressed').length > 0 ? new Uint8Array(inflateSync(file)) : file,
  };
}

function isOurs(identity: string): boolean {
  try {
    return kindOfIdentity(identity) !== undefined;
  } catch {
    return false;
  }
}

test('C2SP’s age vectors: what is to be decrypted is, and nothing else', async () => {
  let tried = 0;
  for (const [name, bytes] of Object.entries(vectors)) {
    if (!(bytes instanceof Uint8Array)) continue;
    const { expect, payload, identities, foreign, file } = readVector(bytes);
    const [identity, ...others] = identities;
    if (identity === undefined || others.length > 0 || foreign || !isOurs(identity)) continue;
    tried += 1;
    if (expect === 'success') {
      const plaintext = await decryptWith(identity, file, name, 1 << 25);
      assert.equal(hex(sha256(plaintext)), payload, name);
    } else {
      await assert.rejects(
        () => decryptWith(identity, file, name, 1 << 25),
        (error) => error instanceof HalliganError && /^seal\.(damaged|wrong-key)$/.test(error.code),
        name,
      );
    }
  }
  assert.ok(tried > 70, `${tried} vectors are for identities of ours`);
});
