import { request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';
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
  const request = to.protocol === 'https:' ? overHttps : overHttp;
  return (batch) =>
    new Promise((resolve) => {
      const nobody = () => resolve(undefined);
      const asked = request(
        to,
        {
          method: 'POST',
          headers: {
            'content-type': 'application/octet-stream',
            'content-length': batch.length,
          },
          agent: false,
          signal: AbortSignal.timeout(patience),
          ...(ca === undefined ? {} : { ca }),
        },
        (response) => {
          asked.off('close', nobody);
          const pieces: Buffer[] = [];
          let size = 0;
          response.on('data', (piece: Buffer) => {
            size += piece.length;
            if (size > LONGEST) asked.destroy();
            else pieces.push(piece);
          });
          response.once('error', nobody);
          response.once('close', nobody);
          response.once('end', () =>
            resolve({ status: response.statusCode ?? 0, body: jsonOf(Buffer.concat(pieces)) }),
          );
        },
      );
      asked.once('error', nobody);
      // A peer that switches protocols is hung up on, which is neither an error nor a response.
      asked.once('close', nobody);
      asked.end(batch);
    });
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}
