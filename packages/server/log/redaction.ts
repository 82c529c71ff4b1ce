import { HalliganError } from '@halligan/format';
import { wordlist } from '@halligan/slip39';

/** What stands in a secret's place. */
export const REDACTED = '[redacted]';
/** Longest text that is written, characters; and how deep and how wide what goes along may be. */
const LONGEST = 2000;
const DEEPEST = 6;
const WIDEST = 64;
/** So many words of SLIP-39 in a row are part of a share: its parts are 20 words and more, sentences have fewer. */
const SHARE_WORDS = 6;

/** Members whose value is a secret whatever it looks like. */
const SECRET_NAME =
  /^(?:authorization|proxy-?authorization|(?:set-)?cookie|words|mnemonic|shares?|credential|seed|entropy)$|pass(?:word|phrase|wd)|token|secret|identit|private.?key|signing.?key|api.?key/i;

/** Secrets by how they are written. The adversary is a mistake of ours, or a peer’s message that quotes one. */
const SECRET_TEXTS: readonly (readonly [RegExp, string])[] = [
  [/AGE-(?:SECRET-KEY|PLUGIN)-[A-Z0-9-]+/gi, REDACTED],
  [
    /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/g,
    REDACTED,
  ],
  [/PRIVATE\+KEY\+\S+/g, REDACTED],
  [/\b(?:whsec|whsk)_[\w+/=-]+/g, REDACTED],
  [/\b(Bearer|Basic|Digest|Negotiate)\s+[\w.~+/=-]{8,}/gi, `$1 ${REDACTED}`],
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/?#@]+@/gi, `$1${REDACTED}@`],
  [/((?:[a-z][a-z0-9+.-]*:\/\/|\/)[^\s?#]*\?)[^\s#]+/gi, `$1${REDACTED}`],
  // A session's token, a nonce, a key: 32 random bytes and more. Digests, hexadecimal, are no secrets.
  [/(?<![\w+/=-])(?=[\w+/-]*[A-Z])(?=[\w+/-]*[a-z])(?=[\w+/-]*[0-9])[\w+-]{40,}={0,2}/g, REDACTED],
  [/(?<![\w+/=-])[A-Za-z0-9+/]{42,}={1,2}(?![\w+/=-])/g, REDACTED],
  [
    /\b((?:password|passphrase|passwd|token|secret)s?["']?\s*[:=]\s*["']?)[^\s"',;}]+/gi,
    `$1${REDACTED}`,
  ],
];

const WORDS: ReadonlySet<string> = new Set(wordlist);

/**
 * A value as it may be written to a log: what is a secret by its name, or by how it is written, is left out at any
 * depth; bytes are counted; errors are named by their kind and place. Pure, total: whatever it is given, it answers.
 */
export function redacted(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactedText(value);
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (value instanceof Uint8Array) return `[${value.length} bytes]`;
  if (value instanceof Error) return placeOf(value);
  if (typeof value !== 'object') return `[${typeof value}]`;
  if (depth >= DEEPEST) return '[deeper]';
  const isEntries = value instanceof Map || isHeaders(value);
  if (!isEntries && Symbol.iterator in value)
    return Array.from(value as Iterable<unknown>)
      .slice(0, WIDEST)
      .map((one) => redacted(one, depth + 1));
  const members: readonly (readonly [unknown, unknown])[] = isEntries
    ? [...value.entries()]
    : Object.entries(value);
  return Object.fromEntries(
    members
      .slice(0, WIDEST)
      .map(([name, its]) => [
        redactedText(String(name)),
        SECRET_NAME.test(String(name)) ? REDACTED : redacted(its, depth + 1),
      ]),
  );
}

/** A text without the secrets in it. */
export function redactedText(text: string): string {
  const found = SECRET_TEXTS.reduce((rest, [what, by]) => rest.replace(what, by), text);
  const clean = withoutShares(found);
  return clean.length > LONGEST ? `${clean.slice(0, LONGEST)}… (${clean.length})` : clean;
}

/** An unexpected error by its kind and place in our code; its message may quote a secret and is left out. */
export function placeOf(error: unknown): string {
  if (error instanceof HalliganError) return error.code;
  if (!(error instanceof Error)) return 'unknown error';
  const frame = error.stack?.split('\n').find((line) => /^\s+at /.test(line));
  return `${error.name}${frame === undefined ? '' : ` ${frame.trim()}`}`;
}

/** Runs of words of SLIP-39, however they are parted, are one share’s. */
function withoutShares(text: string): string {
  let run: RegExpExecArray[] = [];
  const runs: RegExpExecArray[][] = [];
  const end = () => {
    if (run.length >= SHARE_WORDS) runs.push(run);
    run = [];
  };
  for (const word of text.matchAll(/\p{L}+/gu)) {
    if (WORDS.has(word[0].toLowerCase())) run.push(word);
    else end();
  }
  end();
  return runs.reduceRight((rest, words) => {
    const [first, last] = [words[0], words.at(-1)];
    if (first === undefined || last === undefined) return rest;
    return rest.slice(0, first.index) + REDACTED + rest.slice(last.index + last[0].length);
  }, text);
}

/** Whether these are HTTP headers; without the name of their class, for which Node would load its whole HTTP client. */
function isHeaders(value: object): value is Headers {
  return (
    Object.prototype.toString.call(value) === '[object Headers]' &&
    'entries' in value &&
    typeof value.entries === 'function'
  );
}
