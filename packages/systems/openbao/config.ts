import { z } from 'zod';

/** A mount's path, as it stands in an address: segments of unreserved characters. */
const Mount = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+)*$/);

export const OpenbaoConfig = z.lazy(() =>
  z
    .strictObject({
      driver: z.literal('openbao'),
      /** `https://host[:port]`, or `http://` on loopback. Vault and OpenBao speak the same API. */
      url: z.url({ protocol: /^https?$/ }).max(512),
      /** Certificates (PEM) to trust instead of the machine's. */
      ca: z.string().max(65_536).exactOptional(),
      /** Where the userpass accounts are mounted below `auth/`; best a mount that holds emergency accounts only. */
      mount: Mount.default('userpass'),
      /** The rotator's AppRole; its secret id is the driver's secret and comes apart. */
      rotator: z
        .strictObject({ mount: Mount.default('approle'), role: z.string().min(1).max(200) })
        .readonly(),
      /** Milliseconds for one whole operation. */
      timeout: z.int().min(100).max(120_000).default(15_000),
    })
    .readonly(),
);

export type OpenbaoConfig = z.infer<typeof OpenbaoConfig>;
