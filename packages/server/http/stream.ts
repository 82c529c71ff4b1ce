import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Leader } from '../leader.ts';

/** How often a silent stream says that it lives, milliseconds: proxies close what says nothing. */
const HEARTBEAT = 15_000;

/**
 * Server-sent events: one for each durable change, with the log's size as its id, so that a device that lost the
 * stream resumes by asking for what came after. It carries no content: devices fetch and prove that themselves.
 */
export function streamCheckpoints(
  leader: Leader,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const tell = () => {
    const { size } = leader.checkpoint();
    raw.write(`id: ${size}\nevent: checkpoint\ndata: ${size}\n\n`);
  };
  tell();
  const stop = leader.onChange(tell);
  const heart = setInterval(() => raw.write(': alive\n\n'), HEARTBEAT);
  request.raw.on('close', () => {
    stop();
    clearInterval(heart);
  });
}
