import { utf8 } from '@halligan/format';
import { z } from 'zod';
import type { Shortcoming } from '../driver.ts';
import { askVault, type VaultSession } from './line.ts';

const capabilities = z.lazy(() => z.object({ data: z.record(z.string(), z.array(z.string())) }));
const user = z.lazy(() =>
  z.object({
    data: z.object({
      token_policies: z.array(z.string()).nullable(),
      token_no_default_policy: z.boolean().optional(),
      token_type: z.string().optional(),
    }),
  }),
);
const tuning = z.lazy(() =>
  z.object({ data: z.object({ user_lockout_disable: z.boolean().optional() }) }),
);

/** Rights that change what a path is about. */
const WRITES = ['create', 'update', 'delete', 'patch', 'sudo', 'root'];

/**
 * What the rotator's policy lacks or has too much of for an account, by the vault's own word on this very token
 * (`sys/capabilities-self`), and what would make the account useless.
 */
export async function vaultShortcomings(
  line: VaultSession,
  mount: string,
  account: string,
): Promise<readonly Shortcoming[]> {
  const entry = `auth/${mount}/users/${account}`;
  const tune = `sys/auth/${mount}/tune`;
  const policies = 'sys/policies/acl/halligan-none-of-that-name';
  const may = await capabilitiesOf(line, [
    `${entry}/password`,
    entry,
    'sys/locked-users',
    tune,
    policies,
  ]);
  const has = (path: string, right: string) =>
    [right, 'root'].some((one) => may(path).includes(one));
  const writes = (path: string) => may(path).some((right) => WRITES.includes(right));
  const lacks = (path: string, right: string, level: Shortcoming['level']): Shortcoming[] =>
    has(path, right)
      ? []
      : [
          {
            level,
            found: `The rotator’s policy lacks “${right}” on ${path}.`,
            fix: 'Compare its policy with the one in docs/systems/openbao.md.',
          },
        ];
  return [
    ...lacks(`${entry}/password`, 'update', 'fail'),
    ...lacks(entry, 'read', 'fail'),
    ...lacks('sys/locked-users', 'read', 'warn'),
    ...lacks(tune, 'read', 'warn'),
    ...lacks(tune, 'sudo', 'warn'),
    ...(writes(entry)
      ? [tooMuch(`change ${entry} itself: it could give the account other policies`)]
      : []),
    ...(writes(policies) ? [tooMuch('write policies: it could give itself every right')] : []),
    ...(await accountItself(line, entry)),
    ...(has(tune, 'read') && has(tune, 'sudo') ? await lockout(line, tune, mount) : []),
  ];
}

/** What this token may do, a path each: nothing where the vault does not tell. */
export async function capabilitiesOf(
  line: VaultSession,
  paths: readonly string[],
): Promise<(path: string) => readonly string[]> {
  const { said } = await askVault(line.address, {
    ...line,
    method: 'PUT',
    path: 'sys/capabilities-self',
    body: utf8(JSON.stringify({ paths })),
  });
  const parsed = capabilities.safeParse(said);
  return (path) => (parsed.success ? (parsed.data.data[path] ?? []) : []);
}

async function accountItself(line: VaultSession, entry: string): Promise<readonly Shortcoming[]> {
  const { said } = await askVault(line.address, { ...line, method: 'GET', path: entry });
  const parsed = user.safeParse(said);
  if (!parsed.success) return [];
  const {
    token_policies: given,
    token_no_default_policy: bare,
    token_type: type,
  } = parsed.data.data;
  return [
    ...((given ?? []).length > 0
      ? []
      : [
          {
            level: 'fail' as const,
            found: 'The account has no policy: who signs in may do nothing.',
            fix: `Give it the emergency’s policy: bao write ${entry} token_policies=…`,
          },
        ]),
    ...(bare === true || type === 'batch'
      ? [
          {
            level: 'warn' as const,
            found:
              'Tokens of this account cannot revoke themselves: every proof leaves one behind.',
            fix: `Give it service tokens with the default policy: bao write ${entry} token_type=service token_no_default_policy=false`,
          },
        ]
      : []),
  ];
}

async function lockout(
  line: VaultSession,
  tune: string,
  mount: string,
): Promise<readonly Shortcoming[]> {
  const { said } = await askVault(line.address, { ...line, method: 'GET', path: tune });
  const parsed = tuning.safeParse(said);
  if (!parsed.success || parsed.data.data.user_lockout_disable === true) return [];
  return [
    {
      level: 'warn',
      found: 'Five wrong guesses by anybody lock the account out for fifteen minutes.',
      fix: `bao auth tune -user-lockout-disable=true ${mount}/ (the passwords carry 147 bits)`,
    },
  ];
}

function tooMuch(what: string): Shortcoming {
  return {
    level: 'fail',
    found: `The rotator may ${what}.`,
    fix: 'Take that away; what it needs: docs/systems/openbao.md',
  };
}
