import { HalliganError } from '@halligan/format';
import type { openWindow, Window } from './window.ts';

/** Why no window opens, in words. */
export function refusalOf({
  refused,
  ...more
}: Exclude<ReturnType<typeof openWindow>, Window>): HalliganError {
  switch (refused) {
    case 'disabled':
      return new HalliganError(
        'device.disabled',
        'Offline emergency sign-in is not enabled on this machine.',
        'It has to be enabled before an outage: nothing is kept of passwords while it is off.',
      );
    case 'online':
      return new HalliganError(
        'device.online',
        'The provider can be reached: there is no emergency.',
        'Sign in as always.',
      );
    case 'no-ttl':
      return new HalliganError(
        'device.no-ttl',
        'The configured time is 0.',
        'Say how long: --ttl 2h.',
      );
    case 'too-long':
      return new HalliganError(
        'device.too-long',
        `A window stays open for ${'maxTtlSeconds' in more ? more.maxTtlSeconds : 0} s at most, all openings taken together.`,
        'Ask for less; max_ttl of the configuration says how much.',
      );
  }
}
