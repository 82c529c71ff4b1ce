import { ask } from '@halligan/outbound';
import type { ServerSettings } from '../configuration/server.ts';
import type { ServerAnswer } from './hand-over.ts';

/** Milliseconds for a batch and its answer. */
const PATIENCE = 15_000;
/** Most bytes of an answer. */
const LONGEST = 1 << 16;

/**
 * Sends batches to the server that is configured, over verified TLS. Redirects are no answer. Never throws.
 * @param patience milliseconds for a batch and its answer
 * @param ca PEM of the authority to trust; undefined trusts what the machine trusts
 */
export function sender(
  { url, machine }: ServerSettings,
  ca: string | undefined,
  patience: number = PATIENCE,
): (batch: Uint8Array) => Promise<ServerAnswer> {
  const to = new URL(`/v1/machines/${encodeURIComponent(machine)}/reports`, url);
  return async (batch) => {
    try {
      const { status, bytes } = await ask(to, {
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream' },
        body: batch,
        trust: ca,
        limit: LONGEST,
        signal: AbortSignal.timeout(patience),
      });
      return { status, body: jsonOf(bytes) };
    } catch {
      return undefined;
    }
  };
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}
