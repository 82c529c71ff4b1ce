import { z } from 'zod';

/** Where an account that no driver reaches is kept. */
export const PLATFORMS = [
  'windows',
  'active-directory',
  'linux',
  'macos',
  'network-device',
  'entra',
  'okta',
  'google',
  'database',
  'other',
] as const;

export type Platform = (typeof PLATFORMS)[number];

/** People set and prove the passwords of this system: no program of Halligan's ever reaches it. */
export const ManualConfig = z.lazy(() =>
  z
    .strictObject({
      driver: z.literal('manual'),
      platform: z.enum(PLATFORMS),
      /** Where people go: a host, or the portal's own address. */
      address: z.string().min(1).max(500),
      /** The organisation's own steps, shown instead of the platform's. */
      steps: z.array(z.string().min(1).max(500)).max(32).readonly().exactOptional(),
    })
    .readonly(),
);

export type ManualConfig = z.infer<typeof ManualConfig>;
