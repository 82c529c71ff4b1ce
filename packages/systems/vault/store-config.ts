import { HalliganError } from '@halligan/format';
import { z } from 'zod';
import { type VaultAddress, vaultAddress } from '../openbao/line.ts';

const Mount = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+)*$/);

/** A key-value engine (version 2) in which sealed versions are kept, an entry a system. Holds no secret. */
const VaultStore = z
  .strictObject({
    /** `https://host[:port]`, or `http://` on loopback. */
    url: z.url({ protocol: /^https?$/ }).max(512),
    /** Certificates (PEM) to trust instead of the machine's. */
    ca: z.string().max(65_536).exactOptional(),
    /** Where the engine is mounted. */
    mount: Mount.default('secret'),
    /** Below it, an entry a system: `secret/break-glass/<system>`. */
    path: Mount.default('break-glass'),
    /** The AppRole that writes. */
    writer: z
      .strictObject({ mount: Mount.default('approle'), role: z.string().min(1).max(200) })
      .readonly(),
    /** Milliseconds for one whole operation. */
    timeout: z.int().min(100).max(120_000).default(15_000),
  })
  .readonly();

export type VaultStore = z.infer<typeof VaultStore>;

/** @throws `systems.config`, naming the fields that are wrong */
export function parseVaultStore(value: unknown): VaultStore {
  const parsed = VaultStore.safeParse(value);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map((issue) => issue.path.join('.') || '(the whole)');
  throw new HalliganError(
    'systems.config',
    `The settings of this vault are not valid: ${[...new Set(wrong)].join(', ')}.`,
    'Correct these fields; docs/systems/openbao.md shows an example.',
  );
}

const Address = z.looseObject({
  url: z.url({ protocol: /^https?$/ }).max(512),
  ca: z.string().max(65_536).optional(),
  timeout: z.int().min(100).max(120_000).default(15_000),
});

/** Where a vault is, out of any settings that name one. @throws `systems.config`, `systems.plaintext` */
export function parseVaultAddress(value: unknown): VaultAddress {
  const parsed = Address.safeParse(value);
  if (parsed.success) return vaultAddress(parsed.data.url, parsed.data.ca, parsed.data.timeout);
  throw new HalliganError(
    'systems.config',
    'This does not say where a vault is.',
    'Write JSON with url and, where its certificate is its own, ca.',
  );
}
