import { createHmac, createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { HalliganError, utf8 } from '@halligan/format';
import { type Answer, ask, NoAnswer } from '@halligan/outbound';
import { type Alert, DeliveryError } from '../alert.ts';
import type { WebhookSink } from '../settings.ts';
import { readSecret } from './secret.ts';

/** Most bytes of an answer that are read; none of it is used. */
const ANSWER_LIMIT = 64 << 10;
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** A webhook's private key as it lies on disk: `whsk_` and base64 of 32 bytes of seed (Standard Webhooks). */
export function webhookKey(text: string): KeyObject {
  const seed = Buffer.from(/^whsk_([A-Za-z0-9+/]{43}=)\s*$/.exec(text)?.[1] ?? '', 'base64');
  if (seed.length !== 32)
    throw new HalliganError(
      'alert.key',
      'This is not a webhook’s private key.',
      'Make one: halligan alert add webhook.',
    );
  const key = Buffer.concat([PKCS8_ED25519, seed]);
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
}

/** A secret that is shared with a receiver: `whsec_` and base64 of 24 to 64 bytes (Standard Webhooks). @throws `alert.key` */
function sharedSecret(text: string): Buffer {
  const secret = Buffer.from(/^whsec_([A-Za-z0-9+/]+=*)\s*$/.exec(text)?.[1] ?? '', 'base64');
  if (secret.length >= 24 && secret.length <= 64) return secret;
  throw new HalliganError(
    'alert.key',
    'This is not a webhook’s shared secret.',
    'Write whsec_ and base64 of 24 to 64 bytes, as its receiver gave it.',
  );
}

/** Its public half, for receivers: `whpk_` and base64 of 32 bytes. */
export function webhookPublicKey(key: KeyObject): string {
  const { x = '' } = key.export({ format: 'jwk' });
  return `whpk_${Buffer.from(x, 'base64url').toString('base64')}`;
}

/**
 * Posts an alert as a Standard Webhook, signed with Ed25519 (`v1a`). The id is the alert's, so that a receiver knows
 * what it has already; the time is that of this try, so that an old one cannot be replayed. Redirects are not followed.
 * @param address the person's own, where it asks one
 */
export async function postWebhook(
  sink: WebhookSink,
  keyText: string,
  alert: Alert,
  address: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const body = address === undefined ? alert : withAddress(alert, address);
  return postSigned(sink, keyText, { id: alert.id, body }, signal);
}

/**
 * Posts JSON under an id, signed as {@link postWebhook} says; and with HMAC-SHA-256 (`v1`), where its receiver shares a
 * secret. Receivers take the signature that they understand. @throws {@link DeliveryError}, `alert.key`, `alert.secret`
 */
export async function postSigned(
  sink: WebhookSink,
  keyText: string,
  message: { readonly id: string; readonly body: unknown },
  signal: AbortSignal,
): Promise<void> {
  const { id } = message;
  const body = JSON.stringify(message.body);
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signed = Buffer.from(`${id}.${timestamp}.${body}`);
  const signatures = [`v1a,${sign(null, signed, webhookKey(keyText)).toString('base64')}`];
  if (sink.secret !== undefined) {
    const shared = sharedSecret(await readSecret(sink.secret));
    signatures.push(`v1,${createHmac('sha256', shared).update(signed).digest('base64')}`);
  }
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'halligan',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
  const url = new URL(sink.url);
  const trust = sink.ca === undefined ? undefined : await readFile(sink.ca, 'utf8');
  const asked = { method: 'POST', headers, body: utf8(body), trust, limit: ANSWER_LIMIT, signal };
  const answer = await ask(url, asked).catch((cause: unknown): Answer => {
    const code = cause instanceof NoAnswer && cause.code !== undefined ? ` (${cause.code})` : '';
    throw new DeliveryError(`its receiver cannot be reached${code}`, { cause });
  });
  const { status, headers: said } = answer;
  if (status >= 200 && status < 300) return;
  const isRejected =
    status >= 400 && status < 500 && ![401, 403, 404, 408, 425, 429].includes(status);
  const wait = waitOf(said['retry-after']);
  throw new DeliveryError(`its receiver answered ${status}`, {
    rejected: isRejected,
    ...(wait === undefined ? {} : { wait }),
  });
}

function withAddress(alert: Alert, address: string): unknown {
  return { ...alert, to: { ...alert.to, address } };
}

/** Of RFC 9110 section 10.2.3: seconds, or a date. Milliseconds; undefined where it is neither, or over already. */
export function waitOf(header: string | undefined, now = Date.now()): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  // Nothing else that Date makes a date of: "-5" would be one in 2001.
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(header))
    return undefined;
  const wait = Date.parse(header) - now;
  return wait > 0 ? wait : undefined;
}
