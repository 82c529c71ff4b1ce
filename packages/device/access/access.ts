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
  /** Used up where as many have signed in as the configuration allows in one window. */
  readonly window: 'open' | 'closed' | 'used up';
  /** Remote where the service is one that people reach from elsewhere, as sshd is; opted in where it is let in all the same. */
  readonly service: 'local' | 'opted in' | 'remote';
  /** Whether the configuration's lists have the user. */
  readonly listed: 'yes' | 'no';
  /** `passwordless` of the configuration. */
  readonly passwordless: 'on' | 'off';
  /** What is asked besides the password, or in its place: nothing, something enrolled, or something that is missing. */
  readonly factor: 'none' | 'enrolled' | 'missing';
}

/** What is asked of the person. */
export type Way =
  | 'provider'
  | 'cached password'
  | 'cached password and factor'
  | 'local PIN'
  | 'factor';

/** Why nobody is asked anything; the words are for the person at the prompt. */
export type AccessRefusal =
  | 'offline sign-in is not enabled on this machine'
  | 'no emergency window is open'
  | 'as many have signed in in this window as are let in'
  | 'offline sign-in is for this machine’s own console'
  | 'a PIN is for this machine’s own console'
  | 'offline sign-in is for others on this machine'
  | 'there is no password of yours that could be kept'
  | 'a second factor that works offline is asked for, and there is none of yours here';

export type Access = { readonly way: Way } | { readonly refused: AccessRefusal };

const NO_FACTOR: AccessRefusal =
  'a second factor that works offline is asked for, and there is none of yours here';

/** A row of the table: the first that fits decides. What a row leaves out may be anything. */
type Row = Partial<Situation> & { readonly access: Access };

/**
 * Who gets in how. Online the provider decides, always. Offline those who had a way of their own keep it, whatever is
 * configured; the window is a gate for the others, and so are the lists.
 */
const TABLE: readonly Row[] = [
  { provider: 'online', access: { way: 'provider' } },
  { user: 'sfa', factor: 'none', access: { way: 'cached password' } },
  { user: 'sfa', factor: 'enrolled', access: { way: 'cached password and factor' } },
  { user: 'sfa', access: { refused: NO_FACTOR } },
  { user: 'pin', service: 'local', access: { way: 'local PIN' } },
  { user: 'pin', access: { refused: 'a PIN is for this machine’s own console' } },
  {
    user: 'passwordless',
    passwordless: 'off',
    access: { refused: 'there is no password of yours that could be kept' },
  },
  { feature: 'off', access: { refused: 'offline sign-in is not enabled on this machine' } },
  { window: 'closed', access: { refused: 'no emergency window is open' } },
  {
    service: 'remote',
    access: { refused: 'offline sign-in is for this machine’s own console' },
  },
  { listed: 'no', access: { refused: 'offline sign-in is for others on this machine' } },
  {
    window: 'used up',
    access: { refused: 'as many have signed in in this window as are let in' },
  },
  { factor: 'missing', access: { refused: NO_FACTOR } },
  { user: 'passwordless', factor: 'none', access: { refused: NO_FACTOR } },
  { user: 'passwordless', access: { way: 'factor' } },
  { factor: 'enrolled', access: { way: 'cached password and factor' } },
  { access: { way: 'cached password' } },
];

/** How somebody signs in as things are, or why not. */
export function accessOf(situation: Situation): Access {
  const row = TABLE.find(({ access: _, ...wanted }) => fits(situation, wanted));
  return row?.access ?? { refused: 'no emergency window is open' };
}

const MEMBERS = [
  ...(['user', 'provider', 'feature', 'window'] as const),
  ...(['service', 'listed', 'passwordless', 'factor'] as const),
];

function fits(situation: Situation, wanted: Partial<Situation>): boolean {
  return MEMBERS.every((member) => (wanted[member] ?? situation[member]) === situation[member]);
}
