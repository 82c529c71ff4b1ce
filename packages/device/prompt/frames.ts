/*
 * What passes between a prompt and the agent: a letter, two bytes of length (the higher first), and so many bytes.
 * `pam/pam_halligan.c` and `pam/helper.pl` know them by heart.
 */

/** The letters, both ways. */
export const LETTERS = {
  /** To the agent: who, for what, from where; `converses` where more can be asked. */
  ...{ name: 'n', service: 's', host: 'h', terminal: 't', converses: 'c' },
  /** To the agent, last of a question: the password, or that the account alone is asked about. */
  ...{ password: 'p', account: 'q' },
  /** To the agent: what was typed, or that nothing will be. */
  ...{ answer: 'a', none: 'x' },
  /** To the prompt: show this; ask this, hidden or shown; wait, somebody is at work. */
  ...{ say: 'S', askHidden: 'H', askShown: 'A', wait: 'W' },
  /** To the prompt, last: let in, keep out with these words, or nobody of ours. */
  ...{ in: 'I', out: 'O', notOurs: 'N' },
} as const;

/** No frame carries more: whoever announces more is no prompt, nor an agent. */
export const LONGEST = 4096;

const HEAD = 3;

export interface Frame {
  readonly letter: string;
  readonly bytes: Uint8Array;
}

export function frame(letter: string, content: Uint8Array | string = ''): Uint8Array {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  if (bytes.length > LONGEST) throw new RangeError('too long for a frame');
  const all = new Uint8Array(HEAD + bytes.length);
  all[0] = letter.charCodeAt(0);
  new DataView(all.buffer).setUint16(1, bytes.length);
  all.set(bytes, HEAD);
  return all;
}

/**
 * The frames of a stream, one as soon as it is whole. What was read is wiped, also in the chunks; whoever takes a frame
 * wipes that. @throws RangeError for one that is too long, or cut off
 */
export async function* framesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Frame, void> {
  let held = new Uint8Array(0);
  try {
    for await (const chunk of chunks) {
      held = joinedWiped(held, chunk);
      for (let end = endOf(held); end !== undefined; end = endOf(held)) {
        const rest = held.slice(end);
        const whole = { letter: String.fromCharCode(held[0] ?? 0), bytes: held.slice(HEAD, end) };
        held.fill(0);
        held = rest;
        yield whole;
      }
    }
    if (held.length > 0) throw new RangeError('a frame was cut off');
  } finally {
    held.fill(0);
  }
}

/** What was held, with a chunk behind it; both are wiped, since either may be a part of a password. */
export function joinedWiped(held: Uint8Array, chunk: Uint8Array): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(held.length + chunk.length);
  joined.set(held);
  joined.set(chunk, held.length);
  held.fill(0);
  chunk.fill(0);
  return joined;
}

/** Where the first frame ends; undefined while it is not whole. @throws RangeError */
function endOf(held: Uint8Array): number | undefined {
  if (held.length < HEAD) return undefined;
  const length = new DataView(held.buffer, held.byteOffset).getUint16(1);
  if (length > LONGEST) throw new RangeError('too long for a frame');
  return held.length < HEAD + length ? undefined : HEAD + length;
}
