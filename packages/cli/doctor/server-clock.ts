import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { HalliganError } from '@halligan/format';
import { PinnedAgent } from '../pinned-agent.ts';

/** Longest that a server may think about its own health, milliseconds. */
const PATIENCE = 20_000;

/**
 * The server's clock, milliseconds since 1970, by the date of an answer; RFC 9110 section 6.6.1, to the second.
 * @param certificate pin of the server's certificate; null on loopback without TLS
 * @throws `cli.unreachable`, `cli.certificate`
 */
export async function serverClock(url: string, certificate: string | null): Promise<number> {
  const address = new URL('/healthz', url);
  return new Promise((resolve, reject) => {
    const asked =
      address.protocol === 'https:'
        ? httpsRequest(address, { agent: new PinnedAgent(certificate), timeout: PATIENCE })
        : httpRequest(address, { timeout: PATIENCE });
    const unreachable = (cause?: Error) =>
      cause instanceof HalliganError
        ? cause
        : new HalliganError(
            'cli.unreachable',
            `The server at ${address.origin} cannot be reached.`,
            'Check that it runs; if it is gone, use the kit: docs/guides/when-the-server-is-gone.md.',
            { cause },
          );
    asked.on('timeout', () => asked.destroy(unreachable()));
    asked.on('error', (cause) => reject(unreachable(cause)));
    asked.on('response', (answer) => {
      answer.resume();
      const at = Date.parse(answer.headers.date ?? '');
      if (Number.isFinite(at)) resolve(at);
      else reject(unreachable());
    });
    asked.end();
  });
}
