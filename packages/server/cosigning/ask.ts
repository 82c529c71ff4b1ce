import { HalliganError, utf8 } from '@halligan/format';
import { ask, NoAnswer } from '@halligan/outbound';
import { type AddCheckpoint, formatAddCheckpoint } from '@halligan/tlog';

/** Most bytes of a cosigner's answer: a few post-quantum signatures. */
const ANSWER_LIMIT = 64 << 10;

/** What a cosigner said: its signature lines, the size that it signed last, or that it signed another history. */
export type Said =
  | { readonly lines: string }
  | { readonly size: number }
  | { readonly refused: 'history' };

/**
 * Asks a C2SP tlog-witness to cosign. It may hang, answer garbage or be somebody else: what it says is verified later.
 * @throws `cosigner.answer`, `cosigner.unreachable`
 */
export async function askCosigner(
  url: string,
  request: AddCheckpoint,
  signal: AbortSignal,
): Promise<Said> {
  try {
    const target = new URL(`${url.replace(/\/$/, '')}/add-checkpoint`);
    const { status, headers, bytes } = await ask(target, {
      method: 'POST',
      body: utf8(formatAddCheckpoint(request)),
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      limit: ANSWER_LIMIT,
      signal,
    });
    const text = bytes.toString('utf8');
    if (status === 200) return { lines: text };
    const { 'content-type': type = '' } = headers;
    const [, size] = /^(0|[1-9]\d{0,15})\n$/.exec(text) ?? [];
    if (status === 409 && type.startsWith('text/x.tlog.size') && size !== undefined)
      return { size: Number(size) };
    // 422: the log did not grow from what it signed. 409 without a size: it signed another root of that size.
    if (status === 422 || status === 409) return { refused: 'history' };
    throw new HalliganError(
      'cosigner.answer',
      `The cosigner answered ${status}.`,
      status === 404
        ? 'It does not know this log: give it log.pub.'
        : 'Ask whoever runs it; the log goes on meanwhile.',
    );
  } catch (cause) {
    if (cause instanceof HalliganError) throw cause;
    if (cause instanceof NoAnswer && cause.why === 'too-long')
      throw new HalliganError(
        'cosigner.answer',
        'The cosigner’s answer is too long.',
        'Check its address.',
      );
    throw new HalliganError(
      'cosigner.unreachable',
      'The cosigner does not answer.',
      'Check its address and its certificate; the log goes on meanwhile.',
      { cause },
    );
  }
}
