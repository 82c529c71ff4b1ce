import { isIPv6 } from 'node:net';
import { HalliganError } from '@halligan/format';

/** How often something may be done: at once, and then a second. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

/** Most callers that are remembered; whoever was not seen for longest is forgotten first, and starts full again. */
const MOST_CALLERS = 20_000;

interface Bucket {
  tokens: number;
  at: number;
}

/** Token buckets, one a caller. In memory and bounded, whoever calls. */
export class Buckets {
  readonly #rate: Rate;
  /** Last seen last. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** @param cost of this call, in tokens @throws `server.rate`, whose hint names the seconds to wait */
  take(caller: string, now: number, cost = 1): void {
    const { burst, perSecond } = this.#rate;
    const bucket = this.#buckets.get(caller) ?? { tokens: burst, at: now };
    // A clock that was set back gives nothing, and takes nothing away.
    const gained = Math.max(0, now - bucket.at) * (perSecond / 1000);
    bucket.tokens = Math.min(burst, bucket.tokens + gained);
    bucket.at = now;
    this.#buckets.delete(caller);
    this.#buckets.set(caller, bucket);
    if (this.#buckets.size > MOST_CALLERS) this.#forgetOne();
    if (bucket.tokens < cost) throw new RateExceeded(Math.ceil((cost - bucket.tokens) / perSecond));
    bucket.tokens -= cost;
  }

  #forgetOne(): void {
    for (const caller of this.#buckets.keys()) {
      this.#buckets.delete(caller);
      return;
    }
  }
}

/** `server.rate`: too often. */
export class RateExceeded extends HalliganError {
  /** Seconds. */
  readonly wait: number;

  constructor(wait: number) {
    super(
      'server.rate',
      'Too many requests in a short time.',
      `Wait ${wait} s, then send it again.`,
    );
    this.wait = wait;
  }
}

/** Who an address counts as: somebody who has one IPv6 address has 2^64 of them. */
export function callerOf(address: string): string {
  if (!isIPv6(address)) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = '', tail = ''] = address.split('%', 1)[0]?.split('::') ?? [];
  const front = head.split(':').filter(Boolean);
  const back = tail.split(':').filter(Boolean);
  const zeros = Array.from({ length: Math.max(0, 8 - front.length - back.length) }, () => '0');
  return [...front, ...zeros, ...back]
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, '').toLowerCase())
    .join(':');
}
