/**
 * What the rotator may, and no more: an administrator of the vault writes it as the policy of its AppRole. `+` is one
 * segment: it does not reach an account's other settings, as a glob would, and so no account's policies.
 * @param mount a userpass mount of emergency accounts alone: the rotator may set every password in it
 */
export function rotatorPolicy(mount: string): string {
  return `# Halligan's rotator: sets the passwords of the emergency accounts, and looks at them.
path "auth/${mount}/users/+/password" { capabilities = ["update"] }
path "auth/${mount}/users/+" { capabilities = ["read"] }
# Whether an account is locked out, and whether a stranger's guesses could do that.
path "sys/locked-users" { capabilities = ["read"] }
path "sys/auth/${mount}/tune" { capabilities = ["read", "sudo"] }
`;
}
