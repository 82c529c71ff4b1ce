import { canonicalBytes, HalliganError, parseCanonical } from '@halligan/format';
import { z } from 'zod';

const VERSION = 'halligan/credential/v1';
/** Most bytes of a credential as JSON; longer than any password, list of codes and set of steps. */
export const MAX_CREDENTIAL = 64 << 10;

const line = z.string().min(1).max(4096);

/** What a seal keeps: everything that a person at the keyboard needs to sign in. */
export const CredentialSchema = z.lazy(() =>
  z
    .strictObject({
      /** What signs in. */
      kind: z.enum(['password', 'security-key', 'private-key', 'ssh-ca', 'token']),
      username: line,
      /** The password; for other kinds the PIN, the key (of `ssh-ca`, the one that certifies) or the token itself. */
      password: z.string().min(1).max(16_384),
      /** An `otpauth://` URI, which names its algorithm and digits, or the bare base32 seed. */
      totp: line.optional(),
      /** Single-use codes, unused. */
      recoveryCodes: z.array(line).max(100).readonly().optional(),
      /** Serial numbers of the hardware keys that belong to the account. */
      keySerials: z.array(line).max(16).readonly().optional(),
      /** The sign-in address, to be typed. */
      url: line.optional(),
      /** How to sign in, step by step. */
      steps: z.array(line).max(100).readonly().optional(),
    })
    .readonly(),
);

export type Credential = z.infer<typeof CredentialSchema>;

/**
 * The credential as it is sealed: canonical JSON of its members and `"v":"halligan/credential/v1"`.
 * @throws `seal.credential`, naming members and never their values
 */
export function credentialBytes(credential: Credential): Uint8Array {
  const checked = CredentialSchema.safeParse(credential);
  if (!checked.success) throw notACredential(checked.error);
  const bytes = canonicalBytes({ v: VERSION, ...checked.data });
  if (bytes.length > MAX_CREDENTIAL) {
    throw new HalliganError(
      'seal.credential',
      `This credential has ${bytes.length} bytes; ${MAX_CREDENTIAL} is the limit.`,
      'Keep long instructions in the runbook.',
    );
  }
  return bytes;
}

/**
 * Reads what a seal gave back, for display. From here on the secret is in strings that cannot be wiped: do it
 * last, on the device in front of the person.
 * @throws `seal.version`, `seal.credential`
 */
export function parseCredential(bytes: Uint8Array): Credential {
  const { v, ...rest } = members(bytes);
  if (v !== VERSION) throw unknownVersion('This credential', VERSION);
  const checked = CredentialSchema.safeParse(rest);
  if (!checked.success) throw notACredential(checked.error);
  return checked.data;
}

/** Carries no cause: a JSON parser quotes the text that it cannot read, and this text is the secret. */
function members(bytes: Uint8Array): { readonly [name: string]: unknown } {
  try {
    return z.record(z.string(), z.unknown()).parse(parseCanonical(bytes, MAX_CREDENTIAL));
  } catch {
    throw notACredential();
  }
}

/** `seal.version`: a document of a version that this program does not know. */
export function unknownVersion(what: string, known: string): HalliganError {
  return new HalliganError(
    'seal.version',
    `${what} is not of the version that this program knows (${known}).`,
    'Open it with the release of Halligan that wrote it, or a newer one; or by hand, as the guide says.',
  );
}

function notACredential(error?: z.ZodError): HalliganError {
  const where = error?.issues.map((issue) => String(issue.path[0] ?? 'its members')) ?? [];
  return new HalliganError(
    'seal.credential',
    `This is not a credential${where.length > 0 ? `: look at ${[...new Set(where)].join(', ')}` : ''}.`,
    'It has a kind, a username, a password, and may have totp, recoveryCodes, keySerials, url and steps.',
  );
}
