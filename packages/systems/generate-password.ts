import { HalliganError } from '@halligan/format';

/**
 * What a generated password is made of, by class. Left out: 0 O I l 1 | (read wrongly from paper in an emergency),
 * quotes, backslash, dollar, backtick, brackets and space (typed into a shell, a form or a URL they mean something).
 */
const classes = {
  upper: 'ABCDEFGHJKLMNPQRSTUVWXYZ',
  lower: 'abcdefghijkmnopqrstuvwxyz',
  digit: '23456789',
  symbol: '!#%*+-./:=?@_~',
} as const;

const alphabet = Object.values(classes).join('');
/** The largest multiple of the alphabet's size that a byte can hold: bytes from here on are thrown away, as `% size` would favour the first characters. */
const fair = 256 - (256 % alphabet.length);

const SHORTEST = 20;
const LONGEST = 128;

/** Fresh random bytes, as many as asked for. */
export type Random = (size: number) => Uint8Array;

const systemRandom: Random = (size) => crypto.getRandomValues(new Uint8Array(size));

/**
 * A password of `length` ASCII characters that holds an upper-case letter, a lower-case letter, a digit and a symbol.
 * Every such password is equally likely: a draw that lacks a class is thrown away whole, not mended, since mending
 * favours some passwords. 24 characters carry about 147 bits.
 * @param options.length 20 to 128, 24 if not given
 * @param options.random for tests
 * @throws `systems.password-too-short`, `systems.password-too-long`
 */
export function generatePassword({
  length = 24,
  random = systemRandom,
}: {
  readonly length?: number;
  readonly random?: Random;
} = {}): Uint8Array {
  if (!Number.isInteger(length) || length < SHORTEST) {
    throw new HalliganError(
      'systems.password-too-short',
      `An emergency password has at least ${SHORTEST} characters.`,
      'Ask for 24, the default.',
    );
  }
  if (length > LONGEST) {
    throw new HalliganError(
      'systems.password-too-long',
      `A password has at most ${LONGEST} characters: many systems take no more.`,
      'Ask for 24, the default.',
    );
  }
  for (;;) {
    const password = draw(length, random);
    if (hasEveryClass(password)) return password;
    password.fill(0);
  }
}

function draw(length: number, random: Random): Uint8Array {
  const password = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    const bytes = random(length - at);
    for (const byte of bytes) {
      if (byte >= fair) continue;
      password[at] = alphabet.charCodeAt(byte % alphabet.length);
      at += 1;
    }
    bytes.fill(0);
  }
  return password;
}

function hasEveryClass(password: Uint8Array): boolean {
  return Object.values(classes).every((characters) =>
    password.some((byte) => characters.includes(String.fromCharCode(byte))),
  );
}
