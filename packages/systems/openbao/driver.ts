import { HalliganError } from '@halligan/format';
import { z } from 'zod';
import { checkAccountName } from '../account-name.ts';
import type { Driver, Inspection, Proof } from '../driver.ts';
import { BY_ITS_WORD } from '../its-word.ts';
import { secretMissing } from '../missing-secret.ts';
import { copyPassword } from '../password.ts';
import type { OpenbaoConfig } from './config.ts';
import { askVault, jsonOfBytes, type VaultSession, vaultAddress } from './line.ts';
import { answerOf, asAppRole, revoke, says } from './session.ts';
import { vaultShortcomings } from './shortcomings.ts';

/** What a vault lets a userpass account be called; safe in an address. */
const USER = /^\w([\w.@-]{0,126}\w)?$/;

const signedIn = z.lazy(() => z.object({ auth: z.object({ client_token: z.string() }) }));
const userEntry = z.lazy(() =>
  z.object({ data: z.object({ token_policies: z.array(z.string()).nullable() }) }),
);
const mountEntry = z.lazy(() => z.object({ data: z.object({ accessor: z.string() }) }));
const lockedUsers = z.lazy(() =>
  z.object({
    data: z.object({
      by_namespace: z
        .array(
          z.object({
            mount_accessors: z.array(
              z.object({
                mount_accessor: z.string(),
                alias_identifiers: z.array(z.string()).nullable(),
              }),
            ),
          }),
        )
        .nullable(),
    }),
  }),
);

/**
 * The driver of userpass accounts of OpenBao or HashiCorp Vault: the rotator, an AppRole, writes the password and
 * nothing else of the account. Every sign-in's token is revoked at once.
 * @param secret the AppRole's secret id; a person's device, which only proves, has none
 * @throws `systems.plaintext`, `systems.config`
 */
export function openOpenbaoDriver(config: OpenbaoConfig, secret: Uint8Array | undefined): Driver {
  const address = vaultAddress(config.url, config.ca, config.timeout);
  let credential = secret === undefined ? undefined : copyPassword(secret);

  const asRotator = async <T>(work: (line: VaultSession) => Promise<T>): Promise<T> => {
    if (credential === undefined) throw secretMissing();
    return asAppRole(address, config.rotator, credential, work);
  };

  return {
    async inspect(account) {
      checkAccountName(account);
      if (!USER.test(account)) return { exists: false };
      return asRotator((line) => inspect(line, config, account));
    },

    async setPassword(account, password) {
      checkAccountName(account);
      const fresh = copyPassword(password);
      try {
        if (!USER.test(account)) throw unknownAccount();
        await asRotator((line) => set(line, config, account, fresh));
      } finally {
        fresh.fill(0);
      }
    },

    async prove(account, password) {
      checkAccountName(account);
      const candidate = copyPassword(password);
      try {
        if (!USER.test(account)) return 'rejected';
        const line = { address, signal: AbortSignal.timeout(address.timeout) };
        return await signInAndOut(line, config, account, candidate);
      } finally {
        candidate.fill(0);
      }
    },

    shortcomings: (account) => asRotator((line) => vaultShortcomings(line, config.mount, account)),

    async close() {
      credential?.fill(0);
      credential = undefined;
    },
  };
}

async function inspect(
  line: VaultSession,
  { mount }: OpenbaoConfig,
  name: string,
): Promise<Inspection> {
  const path = `auth/${mount}/users/${name}`;
  const { status, said } = await askVault(line.address, { ...line, method: 'GET', path });
  if (status === 404) return { exists: false };
  if (status !== 200) throw insufficient();
  const policies = answerOf(userEntry, said).data.token_policies ?? [];
  return {
    exists: true,
    name: path,
    locked: await isLocked(line, mount, name),
    mustChangePassword: false,
    // Groups of the identity store are not looked up: that needs the right to read all of it.
    groups: 'unknown',
    passwordChangedAt: 'unknown',
    access: {
      methods: ['password'],
      keys: 'unknown',
      sessions: 'unknown',
      grants: policies.map((policy) => `policy:${policy}`).sort(),
    },
  };
}

/** Whether the vault shuts the account out after failures: told to who may read its list, by the mount's accessor. */
async function isLocked(
  line: VaultSession,
  mount: string,
  name: string,
): Promise<boolean | 'unknown'> {
  const ask = (path: string) => askVault(line.address, { ...line, method: 'GET', path });
  const entry = await ask(`sys/internal/ui/mounts/auth/${mount}`);
  if (entry.status !== 200) return 'unknown';
  const { accessor } = answerOf(mountEntry, entry.said).data;
  const list = await ask(`sys/locked-users?mount_accessor=${encodeURIComponent(accessor)}`);
  if (list.status !== 200) return 'unknown';
  return (answerOf(lockedUsers, list.said).data.by_namespace ?? [])
    .flatMap(({ mount_accessors }) => mount_accessors)
    .some(
      (one) =>
        one.mount_accessor === accessor &&
        (one.alias_identifiers ?? []).includes(name.toLowerCase()),
    );
}

async function set(
  line: VaultSession,
  { mount }: OpenbaoConfig,
  name: string,
  password: Uint8Array,
): Promise<void> {
  const body = jsonOfBytes({ password });
  try {
    const path = `auth/${mount}/users/${name}/password`;
    const put = { ...line, method: 'PUT', path, body, understood: [500] } as const;
    const { status, said } = await askVault(line.address, put);
    if (status === 200 || status === 204) return;
    if (status === 403) throw insufficient();
    // Compared only: what the vault says is never passed on.
    if (says(said, 'username does not exist')) throw unknownAccount();
    throw new HalliganError(
      'systems.constraint',
      'The vault did not take the new password.',
      `Userpass takes at most 72 bytes (bcrypt); look at the vault’s log. ${BY_ITS_WORD}`,
    );
  } finally {
    body.fill(0);
  }
}

async function signInAndOut(
  line: VaultSession,
  { mount }: OpenbaoConfig,
  name: string,
  password: Uint8Array,
): Promise<Proof> {
  const body = jsonOfBytes({ password });
  try {
    const path = `auth/${mount}/login/${name}`;
    const { status, said } = await askVault(line.address, { ...line, method: 'PUT', path, body });
    if (status === 400 && says(said, 'invalid username or password')) return 'rejected';
    if (status !== 200)
      throw new HalliganError(
        'systems.account-locked',
        'The vault let nobody try this password: the account is locked, or may not sign in from here.',
        'Wait until its lock has passed, or unlock it (sys/locked-users); check the mount’s path and the account’s bound addresses.',
      );
    const { client_token: token } = answerOf(signedIn, said).auth;
    if (token === '')
      throw new HalliganError(
        'systems.second-factor',
        'The vault took the password and asks for a second factor: nobody is signed in yet.',
        'An emergency account whose second factor is enforced by the vault cannot be proven by a program.',
      );
    await revoke({ ...line, token });
    return 'accepted';
  } finally {
    body.fill(0);
  }
}

function unknownAccount(): HalliganError {
  return new HalliganError(
    'systems.account-unknown',
    'The vault has no such account in this mount.',
    'Compare the name in the inventory with the mount’s users.',
  );
}

function insufficient(): HalliganError {
  return new HalliganError(
    'systems.insufficient-access',
    'The rotator’s policy does not let it do this to the account.',
    'Print what it needs, and compare: halligan system check; docs/systems/openbao.md.',
  );
}
