/** How somebody signs in when the provider can be asked, which decides what is left to them when it cannot. */
export type UserKind =
  /** By a password alone: declared so by an administrator, never inferred. */
  | 'sfa'
  /** By a password and another factor: also whoever is not known to be of another kind. */
  | 'mfa'
  /** By a PIN that is this machine's own. */
  | 'pin'
  /** By factors without a password: there is none to cache. */
  | 'passwordless';

/** What is so at the moment of a sign-in. */
export interface Situation {
  readonly user: UserKind;
  readonly provider: 'online' | 'offline';
  /** `enabled` of the configuration. */
  readonly feature: 'on' | 'off';
  readonly window: 'open' | 'closed';
  /** Remote where the service is one that people reach from elsewhere, as sshd is, and was not opted in. */
  readonly service: 'local' | 'remote';
}

/** What is asked of the person. */
export type Way = 'provider' | 'cached password' | 'local PIN';

/** Why nobody is asked anything; the words are for the person at the prompt. */
export type AccessRefusal =
  | 'offline sign-in is not enabled on this machine'
  | 'no emergency window is open'
  | 'offline sign-in is for this machine’s own console'
  | 'a PIN is for this machine’s own console'
  | 'there is no password of yours that could be kept';

export type Access = { readonly way: Way } | { readonly refused: AccessRefusal };

/** A row of the table: the first that fits decides. What a row leaves out may be anything. */
type Row = Partial<Situation> & { readonly access: Access };

/**
 * Who gets in how. Online the provider decides, always. Offline those who had a way of their own keep it, whatever is
 * configured; the window is a gate for the others, and opens it for one kind of them.
 */
const TABLE: readonly Row[] = [
  { provider: 'online', access: { way: 'provider' } },
  { user: 'sfa', access: { way: 'cached password' } },
  { user: 'pin', service: 'local', access: { way: 'local PIN' } },
  { user: 'pin', access: { refused: 'a PIN is for this machine’s own console' } },
  {
    user: 'passwordless',
    access: { refused: 'there is no password of yours that could be kept' },
  },
  { feature: 'off', access: { refused: 'offline sign-in is not enabled on this machine' } },
  { window: 'closed', access: { refused: 'no emergency window is open' } },
  {
    service: 'remote',
    access: { refused: 'offline sign-in is for this machine’s own console' },
  },
  { access: { way: 'cached password' } },
];

/** How somebody signs in as things are, or why not. */
export function accessOf(situation: Situation): Access {
  const row = TABLE.find(({ access: _, ...wanted }) => fits(situation, wanted));
  return row?.access ?? { refused: 'no emergency window is open' };
}

function fits(
  { user, provider, feature, window, service }: Situation,
  wanted: Partial<Situation>,
): boolean {
  return (
    (wanted.user ?? user) === user &&
    (wanted.provider ?? provider) === provider &&
    (wanted.feature ?? feature) === feature &&
    (wanted.window ?? window) === window &&
    (wanted.service ?? service) === service
  );
}
