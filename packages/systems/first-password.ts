import { HalliganError, utf8 } from '@halligan/format';

/**
 * A self-changing account begins with the password that its admin gave it, a line `name:password` of the driver's secret.
 * @returns a view into the secret
 * @throws `systems.old-missing`
 */
export function firstPassword(secret: Uint8Array | undefined, account: string): Uint8Array {
  for (const line of linesOf(secret ?? new Uint8Array())) {
    const name = utf8(`${account}:`);
    if (line.length > name.length && name.every((byte, at) => line[at] === byte))
      return line.subarray(name.length);
  }
  throw new HalliganError(
    'systems.old-missing',
    'Only its present password changes this account, and that is not here.',
    'Open it in an emergency or drill: what is given up at the end changes it. The first one comes with the driver’s secret.',
  );
}

function* linesOf(bytes: Uint8Array): Generator<Uint8Array> {
  let from = 0;
  for (let at = 0; at <= bytes.length; at += 1) {
    if (at < bytes.length && bytes[at] !== 0x0a) continue;
    yield bytes.subarray(from, at);
    from = at + 1;
  }
}
