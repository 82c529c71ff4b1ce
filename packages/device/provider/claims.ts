/** What an ID token says of somebody (OpenID Connect Core 1.0 section 2), verified. */
export type Claims = Readonly<Record<string, unknown>>;

/** The claims that can hold the name that people sign in with. */
export const NAME_CLAIMS = ['preferred_username', 'upn', 'email'] as const;
export type NameClaim = (typeof NAME_CLAIMS)[number];

/** Names of people and of accounts at providers; others are not asked about. */
const PLAIN = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,127}$/;

/**
 * What somebody signs in as at the provider.
 * @param login `{user}` being the name that was typed: `{user}@contoso.example`
 * @returns undefined where the name is none
 */
export function loginOf(login: string, name: string): string | undefined {
  return PLAIN.test(name) ? login.replaceAll('{user}', name) : undefined;
}

/**
 * Whether the token is of whoever that login is. An address counts where the provider verified it: elsewhere anybody can
 * enter anybody's.
 * @returns undefined where the token does not say
 */
export function isOf(claims: Claims, claim: NameClaim, login: string): boolean | undefined {
  const name = claims[claim];
  if (typeof name !== 'string') return undefined;
  if (claim === 'email' && claims.email_verified !== true) return undefined;
  // Only ASCII: K for kelvin becomes a k in lower case.
  return /^[\x21-\x7e]+$/.test(name) && name.toLowerCase() === login.toLowerCase();
}

/** Methods that prove something which a person has or is (RFC 8176 section 2); `fido`, `rsa` and `ngcmfa` are Microsoft's. */
const HAVE_OR_ARE = new Set(
  'face fido fpt hwk iris ngcmfa otp pop retina rsa sc sms swk tel vbm'.split(' '),
);
/** Methods that prove something which a person knows. */
const KNOW = new Set(['kba', 'pin', 'pwd']);

/**
 * How many factors took part, as the token says by `amr`.
 * @param more methods that are known to have taken part besides
 */
export function factorsOf(
  { amr }: Claims,
  more: readonly string[] = [],
): 'several' | 'one' | 'unsaid' {
  const said = Array.isArray(amr) ? amr.filter((method) => typeof method === 'string') : [];
  if (said.length === 0) return 'unsaid';
  const methods = [...said, ...more];
  if (methods.includes('mfa')) return 'several';
  const of = (kind: ReadonlySet<string>) => methods.some((method) => kind.has(method));
  return of(KNOW) && of(HAVE_OR_ARE) ? 'several' : 'one';
}
