/**
 * How PAM reaches the agent: by a module of our own, which can ask more than a password, or, where nothing can compile it,
 * by a helper that `pam_exec` starts, which hands over one password and shows what is said.
 */
export type Relay =
  | { readonly by: 'module' }
  /** `path` is absolute, and root's alone to write. */
  | { readonly by: 'helper'; readonly path: string };

/** The profile's name, as `pam-auth-update` knows it. */
export const PROFILE = 'halligan';
export const MODULE = 'pam_halligan.so';

/**
 * The lines of each stack. Only a success ends the first; whatever else happens, a missing module included, is passed over,
 * and the machine's own accounts sign in as before. The second keeps out those whom the provider has disabled, also by
 * key, and nobody else; `pam_exec` cannot tell "disabled" from "I failed", so that the helper has no say there.
 */
export function stackLines(relay: Relay): { readonly auth: string; readonly account?: string } {
  return relay.by === 'module'
    ? {
        auth: `[success=end default=ignore]\t${MODULE}`,
        account: `[success=ok perm_denied=bad default=ignore]\t${MODULE}`,
      }
    : { auth: `[success=end default=ignore]\t${byHelper(relay.path)}` };
}

/** A profile for `pam-auth-update`: behind `pam_unix` (256), which knows this machine's own people. */
export function profileText(relay: Relay): string {
  const { auth, account } = stackLines(relay);
  return [
    'Name: Halligan offline sign-in',
    'Default: no',
    'Priority: 192',
    'Auth-Type: Primary',
    'Auth:',
    `\t${auth}`,
    ...(account === undefined ? [] : ['Account-Type: Additional', 'Account:', `\t${account}`]),
    '',
  ].join('\n');
}

/** What to add by hand, behind `pam_unix`, where no `pam-auth-update` is. */
export function linesByHand(relay: Relay): readonly string[] {
  const { account } = stackLines(relay);
  return [
    `auth     sufficient   ${relay.by === 'module' ? MODULE : byHelper(relay.path)}`,
    ...(account === undefined ? [] : [`account  ${account.replace('\t', '   ')}`]),
  ];
}

/** `pam_exec` runs it with the rights of the service (`seteuid`: under su it would have the caller's), and shows what it prints. */
function byHelper(path: string): string {
  return `pam_exec.so expose_authtok seteuid stdout quiet ${path}`;
}
