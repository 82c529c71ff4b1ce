import type { DeviceTime } from '../clock/device-time.ts';
import type { Configuration } from '../configuration/configuration.ts';

/** A time in which people may sign in offline who otherwise could not. Instants are {@link DeviceTime} seconds. */
export interface Window {
  /** When it was first opened: opening it again does not move this. */
  readonly openedAt: number;
  readonly endsAt: number;
  /** Who opened it last, and why, in their own words. */
  readonly by: string;
  readonly why: string;
  /** How many have signed in by it; undefined where nobody has. */
  readonly signIns?: number;
}

/** Somebody's wish for a window. */
export interface Wish {
  /** Undefined: as long as the configuration says. 0 is no wish for a window, but for its end. */
  readonly ttlSeconds: number | undefined;
  readonly by: string;
  readonly why: string;
}

/** Why a window was not opened; nothing has changed. */
export type WindowRefusal =
  | { readonly refused: 'disabled' }
  | { readonly refused: 'online' }
  | { readonly refused: 'no-ttl' }
  | { readonly refused: 'too-long'; readonly maxTtlSeconds: number };

/** Why a window ended. */
export type WindowEnd = 'expired' | 'by-hand' | 'provider-back' | 'disabled';

/**
 * Opens a window, or opens one again for another time. However often it is opened again, it does not outlast the longest
 * time from when it was first opened, nor lets in more than it would have: whoever may open one for an hour may not keep it
 * open for good.
 */
export function openWindow(
  { enabled, ttlSeconds, maxTtlSeconds }: Configuration,
  current: Window | undefined,
  wish: Wish,
  isOnline: boolean,
  { seconds: now }: DeviceTime,
): Window | WindowRefusal {
  if (!enabled) return { refused: 'disabled' };
  if (isOnline) return { refused: 'online' };
  const ttl = wish.ttlSeconds ?? ttlSeconds;
  if (ttl === 0) return { refused: 'no-ttl' };
  const again = current !== undefined && now < current.endsAt ? current : undefined;
  const openedAt = again?.openedAt ?? now;
  const endsAt = now + ttl;
  if (endsAt > openedAt + maxTtlSeconds) return { refused: 'too-long', maxTtlSeconds };
  const { by, why } = wish;
  return {
    ...{ openedAt, endsAt, by, why },
    ...(again?.signIns === undefined ? {} : { signIns: again.signIns }),
  };
}

/** Why a window that was open is to end now; undefined where it stays open. */
export function endOf(
  window: Window,
  { enabled }: Configuration,
  isOnline: boolean,
  { seconds: now }: DeviceTime,
): WindowEnd | undefined {
  if (now >= window.endsAt) return 'expired';
  if (!enabled) return 'disabled';
  return isOnline ? 'provider-back' : undefined;
}
