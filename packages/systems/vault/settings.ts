import { HalliganError } from '@halligan/format';
import { z } from 'zod';
import { type VaultAddress, vaultAddress } from '../openbao/line.ts';

const Mount = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+)*$/);

/** Milliseconds for one whole operation. */
const timeout = z.int().min(100).max(120_000).default(15_000);

/** The names under which people look for a shared vault in an emergency. */
export const VAULT_NAMES = ['Break-Glass', 'Emergency Access'] as const;

/** Left out: whichever of the two is there. */
const vault = z.enum(VAULT_NAMES).exactOptional();

/** A key-value engine (version 2) in which sealed versions are kept, an entry a system. Holds no secret. */
const OpenbaoStore = z.lazy(() =>
  z
    .strictObject({
      kind: z.literal('openbao').default('openbao'),
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
      timeout,
    })
    .readonly(),
);

/** A shared vault of 1Password, through a Connect server. */
const ConnectStore = z.lazy(() =>
  z
    .strictObject({
      kind: z.literal('onepassword'),
      /** The Connect server’s: `https://host[:port]`, or `http://` on loopback. */
      url: z.url({ protocol: /^https?$/ }).max(512),
      ca: z.string().max(65_536).exactOptional(),
      vault,
      timeout,
    })
    .readonly(),
);

/** A collection of a Bitwarden organisation, through Bitwarden’s own command-line client. */
const BitwardenStore = z.lazy(() =>
  z
    .strictObject({
      kind: z.literal('bitwarden'),
      /** Where the client is: an absolute path, so that nothing else of its name is run. */
      program: z.string().max(1024).startsWith('/'),
      /** Where the client keeps what it knows, signed in once by hand; left out: its own place in the home folder. */
      data: z.string().max(1024).startsWith('/').exactOptional(),
      vault,
      /** The client starts slowly, and fetches everything first. */
      timeout: timeout.default(60_000),
    })
    .readonly(),
);

export type OpenbaoStore = z.infer<typeof OpenbaoStore>;
export type ConnectStore = z.infer<typeof ConnectStore>;
export type BitwardenStore = z.infer<typeof BitwardenStore>;

/** A vault in which sealed versions are kept, an entry a system. Holds no secret. */
export type VaultStore = OpenbaoStore | ConnectStore | BitwardenStore;

const KINDS = { openbao: OpenbaoStore, onepassword: ConnectStore, bitwarden: BitwardenStore };
const Kind = z.lazy(() =>
  z.looseObject({
    kind: z.enum(['openbao', 'onepassword', 'bitwarden']).default('openbao'),
  }),
);

/** @throws `systems.config`, naming the fields that are wrong */
export function parseVaultStore(value: unknown): VaultStore {
  const kind = Kind.safeParse(value);
  const parsed = kind.success ? KINDS[kind.data.kind].safeParse(value) : kind;
  if (parsed.success && 'timeout' in parsed.data) return parsed.data as VaultStore;
  const wrong = parsed.error?.issues.map((issue) => issue.path.join('.') || '(the whole)') ?? [];
  throw new HalliganError(
    'systems.config',
    `The settings of this vault are not valid: ${[...new Set(wrong)].join(', ')}.`,
    'Correct these fields; docs/systems/openbao.md, 1password.md and bitwarden.md show examples. A shared vault is named “Break-Glass” or “Emergency Access”: people look for those.',
  );
}

/** Where an entry lies, as people name it. */
export function entryPath(store: VaultStore, system: string): string {
  if (store.kind === 'openbao') return `${store.mount}/${store.path}/${system}`;
  return `${store.vault ?? VAULT_NAMES.join(' or ')}/${itemTitle(system)}`;
}

/** The title of a system's item in a shared vault: found by the system's name, and no password to be typed. */
export function itemTitle(system: string): string {
  return `${system} (sealed by Halligan)`;
}

/** What signs in to a vault: the name of its file in a place's folder, and what a person is asked for. */
export function secretOf({ kind }: VaultStore): { readonly file: string; readonly what: string } {
  switch (kind) {
    case 'openbao':
      return { file: 'secret-id', what: 'secret id' };
    case 'onepassword':
      return { file: 'token', what: 'Connect token' };
    case 'bitwarden':
      return { file: 'master-password', what: 'master password' };
  }
}

/** Only a key-value engine of OpenBao or Vault gives entries out wrapped. @throws `vault.not-wrapped` */
export function requireWrapping(store: VaultStore): OpenbaoStore {
  if (store.kind === 'openbao') return store;
  throw new HalliganError(
    'vault.not-wrapped',
    'This vault does not give anything out as a token that works once.',
    'Who may read it takes the seals out: halligan vault fetch.',
  );
}

const Address = z.lazy(() =>
  z.looseObject({
    url: z.url({ protocol: /^https?$/ }).max(512),
    ca: z.string().max(65_536).optional(),
    timeout: z.int().min(100).max(120_000).default(15_000),
  }),
);

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
