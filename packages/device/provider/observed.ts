import type { Provider } from './provider.ts';

/** Whether the provider was there when it was last asked, and since when it has been so. */
export interface Seen {
  readonly provider: 'online' | 'offline';
  /** Seconds of the machine's own time. */
  readonly since: number;
}

/** A provider, and what was seen of it by whoever asked it. @param now seconds of the machine's own time */
export function observed(
  provider: Provider,
  now: () => number,
): Provider & { seen(): Seen | undefined } {
  let last: Seen | undefined;
  const see = (isThere: boolean) => {
    const is = isThere ? 'online' : 'offline';
    if (last?.provider !== is) last = { provider: is, since: now() };
  };
  return {
    seen: () => last,
    probe: async (signal) => {
      const isThere = await provider.probe(signal);
      see(isThere);
      return isThere;
    },
    signIn: async (...of) => {
      const answer = await provider.signIn(...of);
      see(answer.answer !== 'unreachable');
      return answer;
    },
  };
}
