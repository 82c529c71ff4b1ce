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

/**
 * What the server may in a store of sealed versions: write an entry, read it back wrapped, see that it is audited.
 * `min_wrapping_ttl` stands on the data path, where KV version 2 reads it; the same path's `required_parameters` it would
 * ignore, so that a reason for reading is no business of the vault's: it stands in the signed record.
 */
export function writerPolicy(mount: string, path: string): string {
  return `# Halligan's server: keeps sealed versions here. It can open none of them.
path "${mount}/data/${path}/+" {
  capabilities     = ["create", "update", "read"]
  min_wrapping_ttl = "30m"
}
# That reads and writes are written down.
path "sys/audit" { capabilities = ["read", "sudo"] }
`;
}

/** What a person may who fetches a sealed version in an emergency: one entry at a time, wrapped. */
export function readerPolicy(mount: string, path: string): string {
  return `# Who may ask for a sealed version in an emergency, as a token that gives it out once.
path "${mount}/data/${path}/+" {
  capabilities     = ["read"]
  min_wrapping_ttl = "30m"
}
`;
}

/** What an emergency account may that takes part in making a root token; OpenBao answers nobody else. */
export function rescuerPolicy(): string {
  return `# Who takes part in making a root token, with shares of the unseal key that it does not give by itself.
path "sys/generate-root-token/attempt" { capabilities = ["read", "update", "delete", "sudo"] }
path "sys/generate-root-token/update" { capabilities = ["update", "sudo"] }
`;
}
